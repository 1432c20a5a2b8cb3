import FreshetCore
import FreshetKit
import GRDB
import Testing

@testable import FreshetSQLite

struct InvariantTests {
    private let factory = SQLiteFactory()

    /// What the store says of itself after somebody did this to its file.
    private func violations(after sql: String) async throws -> [Violation] {
        await (try SQLiteStore.open(path: factory.path, mode: .writer)).close()
        try factory.sql { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            // What the schema itself forbids could have been done to a store by another program.
            try db.execute(sql: "DROP INDEX remote_op_in_flight; DROP INDEX trigger_slot")
            try db.execute(sql: sql)
        }
        let store = try await SQLiteStore.open(path: factory.path, mode: .reader)
        let found = try await store.violations()
        await store.close()
        return found
    }

    private static func operation(_ id: String, _ state: String, attempt: Int = 1, request: String = "NULL") -> String {
        """
        INSERT INTO remote_op (id, run, asset, attempt, target, state, request_id, is_adopted, body_hash, objects,
            known_ids, prepared_at) VALUES ('\(id)', 1, 'm', \(attempt), 't', '\(state)', \(request), 0, 'h', '[]', '[]', 0);
        """
    }
    private static let run = """
        INSERT INTO run (sequence, id, status, trigger_kind, actor, priority, tags, config_version, graph_hash,
            created_at, ended_at) VALUES (1, 'r', 'succeeded', 'manual', 'a', 0, '{}', 'c', 'g', 0, 1);
        """
    private static func step(_ status: String) -> String {
        "INSERT INTO step (run, asset, status, attempt, causes, details) VALUES (1, 'm', '\(status)', 1, '[]', '{}');"
    }
    private static func event(_ name: String) -> String {
        "INSERT INTO remote_op_event (remote_op, at, name, evidence) VALUES (1, 0, '\(name)', '{}');"
    }
    private static func trigger(_ id: String, slot: Int, into run: String) -> String {
        """
        INSERT INTO trigger (id, key, kind, slot, actor, targets, is_forced, created_at, due_at, disposition, reason,
            into_id, disposed_at) VALUES ('\(id)', '\(id)', 'schedule', \(slot), 'a', '["m"]', 0, 0, 0, 'run', 'run',
            '\(run)', 0);
        """
    }

    static let planted: [(String, String, sql: String)] = [
        (
            "S3", "schedule [\"m\"] at 7 has runs",
            run + trigger("a", slot: 7, into: "r") + trigger("b", slot: 7, into: "s")
        ),
        ("S4", "a run elsewhere", trigger("a", slot: 7, into: "elsewhere")),
        ("S7", "r m attempt 1 has 2", run + operation("one", "not_found") + operation("two", "rejected")),
        ("S8", "t: one, two", run + operation("one", "prepared") + operation("two", "ambiguous", attempt: 2)),
        (
            "S9", "'x': one, two",
            run + operation("one", "completed", request: "'x'") + operation("two", "failed", attempt: 2, request: "'x'")
        ),
        ("S10", "one", run + operation("one", "completed")),
        ("S11", "one: adopted", run + operation("one", "lost") + event("lost") + event("adopted")),
        ("S11", "r succeeded: m running", run + step("running")),
        ("S11", "one accepted: step failed", run + step("failed") + operation("one", "accepted")),
    ]

    @Test(arguments: planted.indices) func `what does not hold is told with its rows`(_ index: Int) async throws {
        let (invariant, row, sql) = Self.planted[index]
        let found = try await violations(after: sql)
        let rows = found.filter { $0.invariant == invariant }.flatMap(\.rows)
        let wanted = row.filter { $0 != "'" }
        #expect(rows.contains { $0.hasPrefix(wanted) }, "\(found)")
    }

    @Test func `a store that is in order breaks none`() async throws {
        let sql = Self.run + Self.step("succeeded") + Self.operation("one", "not_found") + Self.event("prepared")
        #expect(try await violations(after: sql).isEmpty)
    }
}
