internal import FreshetCore
internal import FreshetKit

/// Runs one kind of a plugin once, for nobody's sake.
struct PluginTrial: Sendable {
    private let manifest: PluginManifest
    private let entry: PluginEntry
    private let settings: Settings
    private let surroundings: Surroundings
    private let asset = AssetKey("plugin_check/asset")

    /// Paths in the settings start at the plugin's folder, so that a plugin can bring its tests along.
    init(_ manifest: PluginManifest, _ entry: PluginEntry, _ settings: Settings, _ surroundings: Surroundings) {
        self.manifest = manifest
        self.entry = entry
        self.settings = settings
        var surroundings = surroundings
        surroundings.root = manifest.folder
        self.surroundings = surroundings
    }

    /// How it ended, and what it said of that.
    func run(cursor: String?) async -> (TestExpectation, String) {
        switch entry.role {
        case .materialize, .check: return await materialize()
        case .observe: return await observe(cursor)
        case .sensor: return await tick(cursor)
        }
    }

    private func materialize() async -> (TestExpectation, String) {
        let step = StepContext(
            asset: asset,
            run: "plugin-check",
            attempt: 1,
            causes: [.neverMaterialized],
            extent: .whole,
            deadline: nil,
            resuming: nil,
            connections: Connections(),
            surroundings: surroundings,
            operations: NoOperations(),
            stop: StopSignal(),
            report: { _ in }
        )
        switch await PluginKind(manifest, entry, settings).materialize(step) {
        case .succeeded(let success):
            let failed = success.checks.filter { !$0.isPassed }.map(\.name).joined(separator: ", ")
            if let reason = success.details["unchanged"]?.text { return (.unchanged, reason) }
            return (.materialized, failed.isEmpty ? "" : "warned by \(failed)")
        case .failed(let failure): return (.failed, failure.message)
        case .cancelled(let cancellation): return (.failed, cancellation.message)
        case .held(let reason): return (.failed, reason.code)
        case .left: return (.failed, "it was left")
        }
    }

    private var context: ProbeContext {
        ProbeContext(
            connections: Connections(),
            surroundings: surroundings,
            deadline: surroundings.clock.now + .seconds(600)
        )
    }

    private func observe(_ cursor: String?) async -> (TestExpectation, String) {
        do {
            let probe = PluginProbe(manifest, entry, settings)
            return Self.ending(try await probe.observe(asset, from: cursor, in: context).observation)
        } catch {
            return (.failed, surroundings.redactor.redact("\(error)"))
        }
    }

    private func tick(_ cursor: String?) async -> (TestExpectation, String) {
        do {
            let source = try PluginSource(manifest, entry, settings)
            let reading = try await source.tick(SensorContext(cursor: cursor, probe: context))
            let seen = reading.observations.keys.sorted().map(\.path).joined(separator: ", ")
            return (reading.observations.isEmpty ? .unchanged : .observed, seen.isEmpty ? reading.message : seen)
        } catch {
            return (.failed, surroundings.redactor.redact("\(error)"))
        }
    }

    private static func ending(_ observation: Observation) -> (TestExpectation, String) {
        switch observation.version {
        case .known(let version):
            (.observed, "\(observation.signal) \(version.fingerprint)")
        case .missing, .absent: (.missing, observation.message ?? "")
        case .unknown, .undecided: (.unknown, observation.message ?? "")
        }
    }
}

/// Keeps nothing: a program on this machine leaves nothing behind that would have to be found again.
private struct NoOperations: OperationLog {
    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {}
    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] { [] }
}
