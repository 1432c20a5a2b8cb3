/// A call of the Databricks REST interface.
enum DatabricksRoute: Hashable, Sendable {
    case token
    case jobs
    case job
    case runNow
    case runs
    case run
    case runOutput
    case cancelRun
    case statements
    case statement(String)
    case statementChunk(String, Int)
    case cancelStatement(String)
    case warehouse(String)

    /// Jobs answer alike under 2.1 and 2.2.
    init?(_ method: String, _ segments: [String]) {
        if method == "POST", segments == ["oidc", "v1", "token"] {
            self = .token
            return
        }
        guard segments.first == "api", segments.count > 3 else { return nil }
        let rest = Array(segments.dropFirst(3))
        switch (method, segments[1], segments[2], rest) {
        case ("GET", "2.1"..."2.2", "jobs", ["list"]): self = .jobs
        case ("GET", "2.1"..."2.2", "jobs", ["get"]): self = .job
        case ("POST", "2.1"..."2.2", "jobs", ["run-now"]): self = .runNow
        case ("GET", "2.1"..."2.2", "jobs", ["runs", "list"]): self = .runs
        case ("GET", "2.1"..."2.2", "jobs", ["runs", "get"]): self = .run
        case ("GET", "2.1"..."2.2", "jobs", ["runs", "get-output"]): self = .runOutput
        case ("POST", "2.1"..."2.2", "jobs", ["runs", "cancel"]): self = .cancelRun
        case ("POST", "2.0", "sql", ["statements"]): self = .statements
        case ("GET", "2.0", "sql", let rest) where rest.count == 2 && rest[0] == "statements":
            self = .statement(rest[1])
        case ("POST", "2.0", "sql", let rest) where rest.count == 3 && rest[0] == "statements" && rest[2] == "cancel":
            self = .cancelStatement(rest[1])
        case ("GET", "2.0", "sql", let rest) where rest.count == 5 && rest[0] == "statements" && rest[3] == "chunks":
            guard let index = Int(rest[4]) else { return nil }
            self = .statementChunk(rest[1], index)
        case ("GET", "2.0", "sql", let rest) where rest.count == 2 && rest[0] == "warehouses":
            self = .warehouse(rest[1])
        default: return nil
        }
    }

    var kind: CallKind {
        switch self {
        case .token: .databricksToken
        case .jobs, .job: .databricksJobs
        case .runNow: .databricksRunNow
        case .runs: .databricksRunList
        case .run: .databricksRunGet
        case .runOutput: .databricksRunOutput
        case .cancelRun: .databricksRunCancel
        case .statements: .databricksStatementPost
        case .statement, .statementChunk: .databricksStatementGet
        case .cancelStatement: .databricksStatementCancel
        case .warehouse: .databricksWarehouse
        }
    }
}
