package import FreshetKit

/// A Databricks workspace: its SQL warehouse and its jobs.
package struct DatabricksConnection: SQLDatabase {
    package static let name = "databricks"
    package static let summary = "A Databricks workspace: tables through a SQL warehouse, and jobs."
    package static let fields =
        [
            Field("host", .text, required: true, "The workspace's address, such as adb-123.4.azuredatabricks.net."),
            Field("warehouse_id", .text, "The SQL warehouse that tables are read through; not needed for jobs."),
            Field("catalog", .text, "The catalog of names that state none."),
            Field("schema", .text, "The schema of names that state none."),
        ] + DatabricksSignIn.fields + [
            Field(
                "ca_file",
                .text,
                altersWork: false,
                "A PEM file of the authorities to trust in place of the system's, for a proxy or an emulator."
            ),
            Field(
                "poll_interval",
                .duration,
                default: "5s",
                altersWork: false,
                "The wait after the first look at a job's run."
            ),
            Field(
                "poll_max_interval",
                .duration,
                default: "1m",
                altersWork: false,
                "The longest wait between looks; each is half as long again as the last."
            ),
            Field(
                "missing_grace",
                .duration,
                default: "5m",
                altersWork: false,
                "How long a run that was accepted may be missing before it counts as lost."
            ),
            Field(
                "cancel_grace",
                .duration,
                default: "2m",
                altersWork: false,
                "How long a cancelled run may take to end before it counts as still running."
            ),
            Field(
                "requests_per_minute",
                .integer(1...100_000),
                default: "300",
                altersWork: false,
                "How many calls may be made in a minute; a quarter of them may go out together."
            ),
        ]
    package static let examples = [
        """
        kind: databricks
        host: adb-1234567890123456.7.azuredatabricks.net
        warehouse_id: 1234567890abcdef
        token: ${secret:env/DATABRICKS_TOKEN}
        """,
        """
        kind: databricks
        host: https://dbc-a1b2345c-d6e7.cloud.databricks.com
        warehouse_id: 1234567890abcdef
        catalog: main
        client_id: ${env:DATABRICKS_CLIENT_ID}
        client_secret: ${secret:env/DATABRICKS_CLIENT_SECRET}
        """,
        """
        kind: databricks
        host: adb-1234567890123456.7.azuredatabricks.net
        tenant_id: ${env:AZURE_TENANT_ID}
        client_id: ${env:AZURE_CLIENT_ID}
        client_secret: ${secret:env/AZURE_CLIENT_SECRET}
        """,
    ]
    static let dialect = SQLDialect.databricks

    let client: DatabricksClient
    let policy: JobPolicy
    let warehouse: DatabricksWarehouse?
    /// Every statement costs: a warehouse that sleeps is woken by it.
    let batch: SQLBatch?
    package var requests: RequestBudget? { client.budget }

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        var surroundings = surroundings
        if let caFile = try settings.text("ca_file") {
            let path = caFile.hasPrefix("/") ? caFile : "\(surroundings.root)/\(caFile)"
            surroundings.transport = DatabricksTransport(base: surroundings.transport, caFile: path)
        }
        let rate = try settings.integer("requests_per_minute") ?? 300
        let host = try settings.requiredText("host")
        client = DatabricksClient(
            host: host,
            signIn: try DatabricksSignIn(from: settings, host: host, in: surroundings),
            surroundings: surroundings,
            budget: RequestBudget(perMinute: rate, burst: max(rate / 4, 1), clock: surroundings.clock)
        )
        policy = try JobPolicy(from: settings)
        guard let id = try settings.text("warehouse_id") else {
            warehouse = nil
            batch = nil
            return
        }
        let warehouse = DatabricksWarehouse(
            client: client,
            id: id,
            catalog: try settings.text("catalog"),
            schema: try settings.text("schema")
        )
        self.warehouse = warehouse
        let clock = surroundings.clock
        batch = SQLBatch(clock: clock) { statement, limit throws(SQLError) in
            try await warehouse.query(statement, rows: 1, timeout: limit.left(at: clock.now))
        }
    }

    func query(_ statement: String, rows: Int, within limit: SQLLimit) async throws(SQLError) -> SQLAnswer {
        guard let warehouse else {
            throw .refused(code: "none", message: "the connection names no warehouse; add 'warehouse_id'")
        }
        return try await warehouse.query(
            statement,
            rows: rows,
            timeout: limit.left(at: client.surroundings.clock.now)
        )
    }
}

/// Sends every request with authorities of its own to trust.
private struct DatabricksTransport: HTTPTransport {
    let base: any HTTPTransport
    /// A PEM file; an absolute path.
    let caFile: String

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        var request = request
        request.caFile = caFile
        return try await base.send(request)
    }
}
