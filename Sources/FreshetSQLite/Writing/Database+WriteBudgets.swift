import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// Replaces what is known of a budget.
    func keep(_ record: BudgetRecord) throws {
        let sql = """
            INSERT INTO budget (name, blocked_until, "limit", since, reason, count) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET blocked_until = excluded.blocked_until, "limit" = excluded."limit",
                since = excluded.since, reason = excluded.reason, count = excluded.count
            """
        let arguments: StatementArguments = [
            record.name, record.blockedUntil.milliseconds, record.limit, record.since.milliseconds, record.reason,
            record.count,
        ]
        try run(sql, arguments)
    }

    func budgets() throws -> [String: BudgetRecord] {
        var records: [String: BudgetRecord] = [:]
        try each("SELECT name, blocked_until, \"limit\", since, reason, count FROM budget") { row in
            let name: String = try row.next()
            records[name] = BudgetRecord(
                name: name,
                blockedUntil: try row.time(),
                limit: try row.optional(),
                since: try row.time(),
                reason: try row.next(),
                count: try row.next()
            )
        }
        return records
    }
}
