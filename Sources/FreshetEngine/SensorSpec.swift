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
    /// The connection that it asks, where its settings name one.
    var connection: String?

    var longestLook: Duration { sensor.patience }
}

/// The sensors of a project.
struct SensorIndex: Sendable {
    /// By name.
    let all: [SensorSpec]
    private let graph: AssetGraph
    private let sources: [String: SensorSpec]
    private let probes: [AssetKey: SensorSpec]
    /// The source that each of its assets comes from.
    private let origins: [AssetKey: String]

    init(_ project: Project) {
        graph = project.graph
        let sources = project.sources.map { source in
            SensorSpec(
                name: source.name,
                sensor: source.source,
                timing: SensorTiming(every: source.source.every),
                connection: source.connection
            )
        }
        var probes: [AssetKey: SensorSpec] = [:]
        var origins: [AssetKey: String] = [:]
        for asset in project.assets {
            let key = asset.spec.key
            switch asset.work {
            case .probed(let probe, let every):
                probes[key] = SensorSpec(
                    name: key.path,
                    sensor: ProbeSensor(asset: key, probe: probe),
                    timing: SensorTiming(every: every),
                    asset: key,
                    connection: asset.connection
                )
            case .sourced(let name): origins[key] = name
            case .materialized, .branch: break
            }
        }
        all = (sources + probes.values).sorted { $0.name < $1.name }
        self.sources = Dictionary(sources.map { ($0.name, $0) }) { first, _ in first }
        self.probes = probes
        self.origins = origins
    }

    /// The sensors that see the ancestry of these assets: sources first, since what they say orders the rest.
    func waves(for assets: some Sequence<AssetKey>) -> [[SensorSpec]] {
        let observed = graph.ancestry(of: assets).filter(\.isObserved).map(\.key)
        let names = Set(observed.compactMap { origins[$0] })
        return [names.sorted().compactMap { sources[$0] }, observed.compactMap { probes[$0] }]
    }

    /// The sensors that see what a hint is about; for an asset that is refreshed, those that see what it reads.
    func concerned(by hint: Hint, in context: ProbeContext) async -> [SensorSpec] {
        switch hint.subject {
        case .asset(let key):
            if let probe = probes[key] { return [probe] }
            if let source = origins[key].flatMap({ sources[$0] }) { return [source] }
            return graph[key] == nil ? [] : waves(for: [key]).flatMap(\.self)
        case .thing(let connection, nil):
            return all.filter { $0.connection == connection }
        case .object, .thing:
            var found: [SensorSpec] = []
            for sensor in all where await sensor.sensor.concerns(hint, in: context) { found.append(sensor) }
            return found
        }
    }
}

/// A probe as a sensor of its one asset.
private struct ProbeSensor: Sensor {
    var asset: AssetKey
    var probe: any Probe

    func tick(_ context: SensorContext) async throws -> SensorReading {
        var cursor: String?
        let observation: Observation
        if let probe = probe as? any CursorProbe {
            (observation, cursor) = try await probe.observe(asset, from: context.cursor, in: context.probe)
        } else {
            observation = try await probe.observe(asset, in: context.probe)
        }
        return SensorReading(cursor: cursor, observations: [asset: observation], message: Self.text(observation))
    }

    func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool {
        await probe.concerns(hint, in: context)
    }

    var patience: Duration { probe.patience }

    private static func text(_ observation: Observation) -> String {
        switch observation.version {
        case .known(let version): version.text
        case .missing: observation.message ?? "not there"
        case .unknown, .absent, .undecided: observation.message ?? "version unknown"
        }
    }
}
