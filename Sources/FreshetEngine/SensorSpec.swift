import FreshetCore
import FreshetKit

/// A sensor of the project: what it looks at, and how often.
struct SensorSpec: Sendable {
    /// The asset's key, or the source's name.
    var name: String
    var sensor: any Sensor
    var timing: SensorTiming
    /// The asset whose version a failed look makes unknown; `nil` for a source, whose assets keep what was seen.
    var asset: AssetKey?
    /// Who is paused with it.
    var longestLook = Duration.seconds(60)

    /// The sensors of a project, by name.
    static func all(of project: Project) -> [SensorSpec] {
        let sources = project.sources.map { source in
            SensorSpec(name: source.name, sensor: source.source, timing: SensorTiming(every: source.source.every))
        }
        let probes = project.assets.compactMap { asset -> SensorSpec? in
            guard case .probed(let probe, let every) = asset.work else { return nil }
            let key = asset.spec.key
            return SensorSpec(
                name: key.path,
                sensor: ProbeSensor(asset: key, probe: probe),
                timing: SensorTiming(every: every),
                asset: key
            )
        }
        return (sources + probes).sorted { $0.name < $1.name }
    }
}

/// A probe as a sensor of its one asset.
private struct ProbeSensor: Sensor {
    var asset: AssetKey
    var probe: any Probe

    func tick(_ context: SensorContext) async throws -> SensorReading {
        let observation = try await probe.observe(asset, in: context.probe)
        return SensorReading(observations: [asset: observation], message: Self.text(observation))
    }

    private static func text(_ observation: Observation) -> String {
        switch observation.version {
        case .known(let version): version.fingerprint
        case .missing: observation.message ?? "not there"
        case .unknown, .absent, .undecided: observation.message ?? "version unknown"
        }
    }
}
