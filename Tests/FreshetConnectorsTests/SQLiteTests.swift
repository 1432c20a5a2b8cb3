import Foundation
import FreshetCore
import FreshetKit
import GRDB
import Testing

@testable import FreshetConnectors

@Suite(.timeLimit(.minutes(1)))
struct `A table in an SQLite file` {
    private let folder: String
    private let file: DatabaseQueue
    private let seams: Surroundings
    private let connection: FreshetConnectors.SQLiteConnection

    init() throws {
        folder = try temporaryFolder()
        file = try DatabaseQueue(path: folder + "/shop.db")
        try file.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE orders(id INTEGER PRIMARY KEY, updated_at TEXT, amount REAL, "Odd ""Name"" `x`" TEXT);
                    CREATE TABLE "Order Items; --"(n);
                    INSERT INTO orders VALUES (1, '2026-05-04 05:58:00', 1.5, 'a'), (2, '2026-05-03 00:00:00', 2.25, 'b');
                    """
            )
        }
        seams = try surroundings(root: folder)
        connection = try FreshetConnectors.SQLiteConnection(from: settings(["path": "shop.db"]), in: seams)
    }

    private func observe(
        _ table: String = "orders",
        _ change: [String] = ["row_count"],
        dataTime: String? = nil,
        timeout: String = "30s",
        through connection: FreshetConnectors.SQLiteConnection? = nil
    ) async throws -> Observation {
        let list = ConfigValue.Content.list(change.map { ConfigValue(.text($0), at: Origin(file: "test.yaml")) })
        let probe = try SQLTableProbe(
            from: settings([
                "connection": "shop", "table": .text(table), "change": list, "timeout": .text(timeout),
                "data_time": dataTime.map { .text($0) } ?? .null,
            ])
        )
        return try await probe.observe("x", in: context(["shop": connection ?? self.connection], seams))
    }

    private func execute(_ sql: String) throws { try file.write { try $0.execute(sql: sql) } }

    @Test func `is read in figures`() async throws {
        let observation = try await observe(
            "orders",
            ["row_count", "max(updated_at)", "sum(amount)", "min(\"Odd \"\"Name\"\" `x`\")"],
            dataTime: "max(updated_at)"
        )
        let version = "row_count=2;max(updated_at)=2026-05-04 05:58:00;sum(amount)=3.75;min(Odd \"Name\" `x`)=a"
        #expect(observation.version == .known(DataVersion(version)))
        #expect(observation.values["row_count"] == .integer(2))
        #expect(observation.values["sum(amount)"] == .number(3.75))
        #expect(observation.dataTime == Timestamp(milliseconds: 1_777_874_280_000))
        #expect(observation.strength == .probable)
    }

    @Test func `changes when its figures go down`() async throws {
        let before = try await observe()
        try execute("DELETE FROM orders WHERE id = 1")
        let after = try await observe()
        #expect(before.version == .known("row_count=2"))
        #expect(after.version == .known("row_count=1"))
    }

    @Test func `may have a name that looks like a statement`() async throws {
        #expect(try await observe("\"Order Items; --\"").version == .known("row_count=0"))
    }

    @Test func `that is gone is missing`() async throws {
        let observation = try await observe("nothing")
        #expect(observation.version == .missing)
        #expect(observation.message?.contains("nothing") == true)
    }

    @Test func `has no misspelt column`() async throws {
        await #expect(throws: SQLError.noColumn("updatd_at", nearest: "updated_at")) {
            try await observe("orders", ["row_count", "max(updatd_at)"])
        }
        await #expect(throws: SQLError.noColumn("\"quoted", nearest: nil)) {
            try await observe("orders", ["max(\"\"\"quoted\")"])
        }
    }

    @Test func `in a file that is not there cannot be reached`() async throws {
        let elsewhere = try FreshetConnectors.SQLiteConnection(from: settings(["path": "nowhere.db"]), in: seams)
        let error = await #expect(throws: SQLError.self) { try await observe(through: elsewhere) }
        guard case .unreachable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!FileManager.default.fileExists(atPath: folder + "/nowhere.db"))
    }

    @Test func `cannot be written`() async throws {
        let error = await #expect(throws: SQLError.self) {
            try await connection.query("DELETE FROM orders RETURNING id", timeout: .seconds(5))
        }
        guard case .refused? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await observe().version == .known("row_count=2"))
    }

    @Test func `that takes too long is given up`() async throws {
        try execute(
            """
            CREATE VIEW slow AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 1000000000000)
            SELECT n FROM c
            """
        )
        await #expect(throws: SQLError.timedOut(after: .milliseconds(200))) {
            try await observe("slow", ["max(n)"], timeout: "200ms")
        }
        #expect(try await observe().version == .known("row_count=2"))
    }

    @Test func `in a replaced file is read anew`() async throws {
        _ = try await observe()
        try FileManager.default.removeItem(atPath: folder + "/shop.db")
        let other = try DatabaseQueue(path: folder + "/shop.db")
        try await other.write { try $0.execute(sql: "CREATE TABLE orders(id)") }
        #expect(try await observe().version == .known("row_count=0"))
    }

    @Test func `cannot be asked through a bucket`() async throws {
        let folder = try FileConnection(from: settings(["path": "."]), in: seams)
        let probe = try SQLTableProbe(from: settings(["connection": "shop", "table": "orders"]))
        let expected = ConnectionError.wrongKind("shop", is: "file", expected: "postgresql or sqlite")
        await #expect(throws: expected) { try await probe.observe("x", in: context(["shop": folder], seams)) }
    }
}
