import FreshetCore
import FreshetKit

/// Kinds, probes, connections and sources that look like the real ones and do nothing.
enum StandIns {
    static let catalog = Catalog(
        kinds: [SemanticModel.self, TestModel.self],
        probes: [FixedProbe.self, TableProbe.self],
        connections: [CloudConnection.self, DatabaseConnection.self, StorageConnection.self],
        sources: [DBTSource.self, WorkspaceSource.self],
        hintSources: [QueueStandIn.self],
        secretBackends: [VaultBackend.self]
    )
}

/// What both models share; a kind's name is static, and so each needs a type of its own.
protocol ModelStandIn: AssetKind {
    var tables: [String: [AssetKey]] { get }
}

extension ModelStandIn {
    static var summary: String { "A semantic model, refreshed table by table." }
    static var fields: [Field] {
        [
            Field("connection", .connection(["powerbi"]), required: true, altersWork: false, "How to reach Power BI."),
            Field("workspace", .text, required: true, "The workspace's name or id."),
            Field("model", .text, required: true, "The model's name or id."),
            Field("refresh", .object(refresh), "How it is refreshed."),
        ]
    }
    private static var refresh: [Field] {
        [
            Field(
                "commit_mode",
                .choice(["transactional", "partialBatch"]),
                default: "transactional",
                "What is kept."
            ),
            Field("max_parallelism", .integer(1...30), altersWork: false, "How many tables at once."),
            Field("tables", .map(.object(table)), "The tables, by name."),
        ]
    }
    private static var table: [Field] {
        [
            Field("from", .oneOrMore(.assetKey), required: true, "What the table is read from."),
            Field("partition", .text, "The one partition to refresh."),
        ]
    }
    static var examples: [String] { ["{connection: powerbi, workspace: Retail, model: Sales}"] }
    var parts: [String: [AssetKey]] { tables }

    static func tables(_ settings: Settings) throws(Diagnostic) -> [String: [AssetKey]] {
        var tables: [String: [AssetKey]] = [:]
        for (name, table) in settings.object("refresh").map("tables") {
            tables[name] = try table.texts("from").map { AssetKey($0) }
        }
        if try settings.text("model") == "Refused" {
            throw Diagnostic("a model of that name is refused", at: settings.origin(of: "model"))
        }
        return tables
    }

    func materialize(_ step: StepContext) async -> StepOutcome { .succeeded(StepSuccess()) }
}

struct SemanticModel: ModelStandIn {
    static let name = "powerbi.semantic_model"
    let tables: [String: [AssetKey]]
    init(from settings: Settings) throws(Diagnostic) { tables = try Self.tables(settings) }
}

struct TestModel: ModelStandIn {
    static let name = "test.model"
    let tables: [String: [AssetKey]]
    init(from settings: Settings) throws(Diagnostic) { tables = try Self.tables(settings) }
}

struct FixedProbe: Probe {
    static let name = "fixed"
    static let summary = "A version that stands in the file."
    static let fields = [Field("version", .text, default: "1", "The version.")]
    static let examples = ["version: 7"]
    init(from settings: Settings) throws(Diagnostic) {}
    func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation { .unknown }
}

struct TableProbe: Probe {
    static let name = "sql.table"
    static let summary = "A table of a database."
    static let fields = [
        Field("connection", .connection(["postgresql"]), required: true, "How to reach the database."),
        Field("table", .text, required: true, "The table's name."),
        Field("change", .list(.text), "What is read to see whether the table changed."),
        Field("sample", .number(0...1), "The share of rows to look at."),
        Field("strict", .boolean, default: "false", "Whether an empty table is unknown."),
    ]
    static let examples = ["{connection: warehouse, table: public.orders, change: [row_count]}"]
    init(from settings: Settings) throws(Diagnostic) {}
    func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation { .unknown }
}

struct CloudConnection: Connection {
    static let name = "powerbi"
    static let summary = "Power BI, as a service principal."
    static let fields = [
        Field("tenant_id", .text, required: true, "The tenant."),
        Field("client_id", .text, required: true, "The application."),
        Field("client_secret", .secret, required: true, "The application's secret."),
    ]
    static let examples = ["{kind: powerbi, tenant_id: a, client_id: b, client_secret: \"${secret:env/X}\"}"]
    init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {}
}

struct DatabaseConnection: Connection {
    static let name = "postgresql"
    static let summary = "A PostgreSQL database."
    static let fields = [Field("url", .secret, required: true, "The database's address.")]
    static let examples = ["{kind: postgresql, url: \"${secret:env/X}\"}"]
    init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {}
}

struct StorageConnection: Connection {
    static let name = "s3"
    static let summary = "A bucket."
    static let fields = [
        Field("bucket", .text, required: true, "The bucket's name."),
        Field("region", .text, "The region."),
    ]
    static let examples = ["{kind: s3, bucket: artifacts}"]
    init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {}
}

struct DBTSource: DefinitionSource {
    static let name = "dbt"
    static let summary = "The nodes of a dbt project."
    static let fields = [
        Field("connection", .connection(["s3"]), "Where the artifacts are."),
        Field("manifest", .text, required: true, "The manifest's path."),
        Field("run_results", .text, "The run results' path."),
        Field("every", .duration, default: "1m", "How often to look."),
        Field("prefix", .text, default: "dbt", "What its keys begin with."),
    ]
    static let examples = ["{manifest: target/manifest.json}"]
    let every: Duration?
    let prefix: String
    var assetKind: String { "dbt.node" }

    init(from settings: Settings) throws(Diagnostic) {
        every = try settings.duration("every")
        prefix = (try settings.text("prefix") ?? "dbt") + "/"
    }
    func discover(_ context: ProbeContext) async throws -> [AssetSpec] { [] }
    func tick(_ context: SensorContext) async throws -> SensorReading { SensorReading(observations: [:]) }
}

struct WorkspaceSource: DefinitionSource {
    static let name = "powerbi"
    static let summary = "The models of workspaces."
    static let fields = [
        Field("connection", .connection(["powerbi"]), required: true, "How to reach Power BI."),
        Field("workspaces", .list(.text), required: true, "Their names or ids."),
        Field("match", .list(.choice(["exposure", "relation_name"])), "How inputs are found."),
    ]
    static let examples = ["{connection: powerbi, workspaces: [Retail]}"]
    let every: Duration? = nil
    let prefix = "powerbi/"
    var assetKind: String { "powerbi.dataflow" }

    init(from settings: Settings) throws(Diagnostic) {}
    func discover(_ context: ProbeContext) async throws -> [AssetSpec] { [] }
    func tick(_ context: SensorContext) async throws -> SensorReading { SensorReading(observations: [:]) }
}

struct VaultBackend: SecretBackend {
    static let name = "vault"
    static let summary = "A vault."
    static let hasVersions = true
    static let fields = [
        Field("address", .text, required: true, "The server."),
        Field("token", .secret, "The token."),
    ]
    static let examples = ["{kind: vault, address: \"https://vault.example.com\", cache: 1m}"]
    init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {}
    func fetch(_ reference: SecretReference) async throws(SecretError) -> SecretValue { SecretValue(reference.path) }
}
