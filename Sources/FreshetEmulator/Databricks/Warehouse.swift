/// A SQL warehouse with its tables.
struct Warehouse: Codable, Sendable {
    /// By name, as statements spell it: `main.retail.fct_sales`.
    var tables: [String: Table] = [:]
    /// Answers to statements that contain a text, in place of their own.
    var answers: [Answer] = []
    var statements: [String: Statement] = [:]
    /// Seconds that a statement takes.
    var duration = 0.0
    /// Seconds that the warehouse takes to start; counted from the first statement after it was stopped.
    var startDuration = 0.0
    var isStopped = false
    var startedAt: Instant?
    /// Rows of one chunk of a result.
    var chunkRows = 1_000

    struct Table: Codable, Sendable {
        var columns: [String]
        var rows: [[JSON]]
        var history: [Version]
    }

    /// An entry of a table's history.
    struct Version: Codable, Sendable {
        var version: Int
        /// Milliseconds since 1970.
        var timestamp: Int
        var operation: String
        var parameters: JSON
        var metrics: JSON
    }

    struct Answer: Codable, Sendable {
        var contains: String
        var result: Result
    }

    struct Statement: Codable, Sendable {
        var ready: Instant
        var cancelled = false
        var result: Result
    }

    /// Cells are texts or null, as they go out.
    struct Result: Codable, Sendable {
        var columns: [Column] = []
        var rows: [[String?]] = []
        /// Why there is none: a code and a message.
        var failure: [String]?
    }

    struct Column: Codable, Sendable {
        var name: String
        var type: String
    }

    /// - Returns: from when the result is there.
    mutating func begin(at now: Instant) -> Instant {
        if isStopped {
            isStopped = false
            startedAt = now + startDuration
        }
        return max(startedAt ?? now, now) + duration
    }

    func result(of statement: String, limit: Int?) -> Result {
        if let scripted = answers.first(where: { statement.contains($0.contains) }) { return scripted.result }
        var result = WarehouseQuery(tables: tables).run(statement)
        if let limit { result.rows = Array(result.rows.prefix(limit)) }
        return result
    }
}
