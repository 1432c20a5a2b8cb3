import FreshetCore
import FreshetKit
import Logging

/// Sees what the ``Outside`` shows.
struct StubProbe: Probe {
    static let name = "stub.probe"
    static let summary = "Sees what a test shows."
    static let fields: [Field] = []
    static let examples: [String] = []

    var outside: Outside

    init(_ outside: Outside) { self.outside = outside }

    init(from settings: Settings) throws(Diagnostic) { throw settings.missing("outside") }

    func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation {
        try await outside.observe(asset)
    }
}

/// Sees several assets at one look, as a dbt run result does.
struct StubSource: DefinitionSource {
    static let name = "stub.source"
    static let summary = "Sees what a test shows."
    static let fields: [Field] = []
    static let examples: [String] = []

    var outside: Outside
    var assets: [AssetKey]
    var every: Duration? = .seconds(30)
    let prefix = "node"
    let assetKind = "stub.node"

    init(_ outside: Outside, _ assets: [AssetKey]) {
        self.outside = outside
        self.assets = assets
    }

    init(from settings: Settings) throws(Diagnostic) { throw settings.missing("outside") }

    func discover(_ context: ProbeContext) async throws -> [AssetSpec] { [] }

    func tick(_ context: SensorContext) async throws -> SensorReading {
        var observations: [AssetKey: Observation] = [:]
        for asset in assets { observations[asset] = try await outside.observe(asset) }
        return SensorReading(cursor: "\((Int(context.cursor ?? "0") ?? 0) + 1)", observations: observations)
    }
}

/// Works as the ``Outside`` says.
struct StubKind: AssetKind {
    static let name = "stub.kind"
    static let summary = "Works as a test says."
    static let fields: [Field] = []
    static let examples: [String] = []

    var outside: Outside
    var quota: Quota?

    init(_ outside: Outside, quota: Quota? = nil) {
        self.outside = outside
        self.quota = quota
    }

    init(from settings: Settings) throws(Diagnostic) { throw settings.missing("outside") }

    func materialize(_ step: StepContext) async -> StepOutcome { await outside.perform(step) }
}

/// A connection whose calls are paced.
struct StubConnection: Connection {
    static let name = "stub.connection"
    static let summary = "Paces what a test says."
    static let fields: [Field] = []
    static let examples: [String] = []

    var requests: RequestBudget?

    init(_ requests: RequestBudget) { self.requests = requests }

    init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) { throw settings.missing("budget") }
}

/// Keeps the lines of a log.
struct LineKeeper: LogHandler {
    var outside: Outside
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    init(_ outside: Outside) { self.outside = outside }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { outside.update { $0.lines.append("\(event.message)") } }
}

struct NoSecrets: Secrets {
    func resolve(_ text: String) async throws(SecretError) -> String { text }
}
