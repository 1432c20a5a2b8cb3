import Foundation
import FreshetCore
import FreshetKit
import GRDB
import Testing

@testable import FreshetConnectors

/// A database file that ends with its test.
private final class Warehouse {
    let folder = FileManager.default.temporaryDirectory.appending(path: "freshet-sqlite-\(UUID().uuidString)")
    let queue: DatabaseQueue

    init(_ sql: String) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        queue = try DatabaseQueue(path: folder.appending(path: "warehouse.db").path)
        try queue.write { try $0.execute(sql: sql) }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var surroundings: Surroundings { SQLFixture.surroundings(root: folder.path, variables: ["FILE": "warehouse.db"]) }

    func connection(path: String = "warehouse.db") throws -> SQLiteFileConnection {
        try SQLiteFileConnection(from: SQLFixture.settings([("path", .text(path))]), in: surroundings)
    }

    func look(_ probe: SQLTableProbe, path: String = "warehouse.db") async throws -> Observation {
        try await probe.observe(in: SQLFixture.context(try connection(path: path), surroundings))
    }
}

private let sales = """
    CREATE TABLE fct_sales (id INTEGER PRIMARY KEY, amount REAL, updated_at TEXT);
    INSERT INTO fct_sales VALUES (1, 2.5, '2026-05-03 10:00:00'), (2, 4.0, '2026-05-04T05:58:00Z');
    """
/// Takes far longer than any test.
private let endless = """
    CREATE VIEW endless AS
    WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n WHERE x < 0;
    """

@Suite struct `An sql.table in SQLite` {
    @Test func `has a version that a person can read`() async throws {
        let warehouse = try Warehouse(sales)
        let probe = try SQLFixture.probe(
            "fct_sales",
            change: ["row_count", "max(updated_at)", "sum(amount)"],
            dataTime: "max(updated_at)"
        )
        let seen = try await warehouse.look(probe)
        #expect(seen.version == .known("row_count=2;max(updated_at)=2026-05-04T05:58:00Z;sum(amount)=6.5"))
        #expect(seen.signal == "row_count, max(updated_at), sum(amount)")
        #expect(seen.strength == .probable)
        #expect(
            seen.values == [
                "row_count": .integer(2), "max(updated_at)": .text("2026-05-04T05:58:00Z"), "sum(amount)": .number(6.5),
            ]
        )
        #expect(seen.dataTime == Timestamp(iso8601: "2026-05-04T05:58:00Z"))
        #expect(seen.observedAt != nil)
        #expect(seen.message == nil)
    }

    @Test func `has the data's time beside its version`() async throws {
        let warehouse = try Warehouse(sales)
        let seen = try await warehouse.look(try SQLFixture.probe("fct_sales", dataTime: "max(updated_at)"))
        #expect(seen.version == .known("row_count=2"))
        #expect(seen.dataTime == Timestamp(iso8601: "2026-05-04T05:58:00Z"))
    }

    @Test func `says so when its time is no time, and keeps its version`() async throws {
        let warehouse = try Warehouse(sales)
        let seen = try await warehouse.look(try SQLFixture.probe("fct_sales", dataTime: "max(amount)"))
        #expect(seen.version == .known("row_count=2"))
        #expect(seen.dataTime == nil)
        #expect(seen.message == "data_time: '4.0' is not a date or time")
    }

    @Test func `is another version when the count goes down`() async throws {
        let warehouse = try Warehouse(sales)
        let probe = try SQLFixture.probe("fct_sales")
        let before = try await warehouse.look(probe)
        try await warehouse.queue.write { try $0.execute(sql: "DELETE FROM fct_sales WHERE id = 1") }
        let after = try await warehouse.look(probe)
        #expect(before.version == .known("row_count=2"))
        #expect(after.version == .known("row_count=1"))
    }

    @Test func `that is empty has nulls, which conditions do not see`() async throws {
        let warehouse = try Warehouse("CREATE TABLE empty (x)")
        let seen = try await warehouse.look(try SQLFixture.probe("empty", change: ["row_count", "max(x)"], dataTime: "max(x)"))
        #expect(seen.version == .known("row_count=0;max(x)=null"))
        #expect(seen.values == ["row_count": .integer(0)])
        #expect(seen.dataTime == nil)
        #expect(seen.message == nil)
    }

    @Test func `keeps apart what SQLite's types keep apart`() async throws {
        let warehouse = try Warehouse(
            """
            CREATE TABLE a (x); INSERT INTO a VALUES (5);
            CREATE TABLE b (x); INSERT INTO b VALUES (5.0);
            CREATE TABLE c (x); INSERT INTO c VALUES ('5');
            CREATE TABLE d (x); INSERT INTO d VALUES (x'35');
            """
        )
        var versions: Set<VersionState> = []
        for table in ["a", "b", "c", "d"] {
            versions.insert(try await warehouse.look(try SQLFixture.probe(table, change: ["max(x)"])).version)
        }
        #expect(versions.count == 4, "\(versions)")
    }

    @Test func `has a hash for a version when its values are long`() async throws {
        let warehouse = try Warehouse("CREATE TABLE t (x); INSERT INTO t VALUES (hex(zeroblob(200)))")
        let seen = try await warehouse.look(try SQLFixture.probe("t", change: ["max(x)"]))
        #expect(seen.fingerprint?.hasPrefix("hash:") == true)
        #expect(seen.fingerprint?.count == 37)
    }

    @Test(arguments: [
        "we\"ird.x", "Order Lines", "Umsätze größer", "select", "'", "a;b", "x\"; DROP TABLE y; --", "[a]", "`b`",
    ])
    func `is found under any name`(table: String) async throws {
        let quoted = SQLName.quoted(table)
        let warehouse = try Warehouse("CREATE TABLE \(quoted) (\(quoted)); INSERT INTO \(quoted) VALUES (7)")
        let seen = try await warehouse.look(try SQLFixture.probe("main.\(quoted)", change: ["row_count", "max(\(quoted))"]))
        #expect(seen.values["row_count"] == .integer(1))
        #expect(Set(seen.values.values) == [.integer(1), .integer(7)])
    }

    @Test func `may be a view`() async throws {
        let warehouse = try Warehouse(sales + "CREATE VIEW big AS SELECT * FROM fct_sales WHERE amount > 3")
        #expect(try await warehouse.look(try SQLFixture.probe("big")).version == .known("row_count=1"))
    }

    @Test func `that does not exist is missing, and the nearest is named`() async throws {
        let warehouse = try Warehouse(sales)
        let seen = try await warehouse.look(try SQLFixture.probe("fct_sale"))
        #expect(seen.version == .missing)
        #expect(
            seen.message == "there is no table fct_sale behind the connection 'warehouse'; did you mean fct_sales?"
        )
    }

    @Test func `in a schema that does not exist is missing`() async throws {
        let warehouse = try Warehouse(sales)
        #expect(try await warehouse.look(try SQLFixture.probe("mian.fct_sales")).version == .missing)
    }

    @Test func `that lacks a column is an error with the nearest column, not a text in its place`() async throws {
        let warehouse = try Warehouse(sales)
        let probe = try SQLFixture.probe("fct_sales", change: ["max(update_at)"])
        await #expect(throws: SQLError.noSuchColumn("update_at", table: "fct_sales", nearest: "updated_at")) {
            try await warehouse.look(probe)
        }
    }

    @Test func `whose view is broken is an error, not missing`() async throws {
        let warehouse = try Warehouse("CREATE TABLE t (x); CREATE VIEW v AS SELECT * FROM t; DROP TABLE t")
        let probe = try SQLFixture.probe("v")
        let error = await #expect(throws: SQLError.self) { try await warehouse.look(probe) }
        #expect(error == .refused(code: "1", message: "no such table: main.t"))
    }

    @Test func `is read while another process writes in WAL mode`() async throws {
        let warehouse = try Warehouse("PRAGMA user_version = 1")
        try await warehouse.queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)")
        }
        try warehouse.queue.inDatabase { db in
            try db.execute(sql: "BEGIN IMMEDIATE; INSERT INTO t VALUES (2)")
        }
        #expect(try await warehouse.look(try SQLFixture.probe("t")).version == .known("row_count=1"))
        try warehouse.queue.inDatabase { try $0.execute(sql: "COMMIT") }
    }

    @Test func `is busy while another process holds the file`() async throws {
        let warehouse = try Warehouse(sales)
        try warehouse.queue.inDatabase { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        let probe = try SQLFixture.probe("fct_sales", timeout: "300ms")
        let error = await #expect(throws: SQLError.self) { try await warehouse.look(probe) }
        #expect([.busy, .timedOut(after: .milliseconds(300))].contains(error))
        try warehouse.queue.inDatabase { try $0.execute(sql: "COMMIT") }
    }
}

@Suite struct `A connection to SQLite` {
    @Test func `finds its path in the environment when it is used`() async throws {
        let warehouse = try Warehouse(sales)
        let seen = try await warehouse.look(try SQLFixture.probe("fct_sales"), path: "${env:FILE}")
        #expect(seen.version == .known("row_count=2"))
    }

    @Test func `to no file says so`() async throws {
        let warehouse = try Warehouse(sales)
        let probe = try SQLFixture.probe("fct_sales")
        let path = warehouse.folder.appending(path: "gone.db").path
        await #expect(throws: SQLError.noSuchFile(path)) { try await warehouse.look(probe, path: "gone.db") }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `to what is no database says so`() async throws {
        let warehouse = try Warehouse(sales)
        let file = warehouse.folder.appending(path: "letter.db")
        try Data(repeating: UInt8(ascii: "x"), count: 5000).write(to: file)
        let probe = try SQLFixture.probe("fct_sales")
        let error = await #expect(throws: SQLError.self) { try await warehouse.look(probe, path: "letter.db") }
        #expect(error == .unreadableFile(file.path, reason: "file is not a database"))
    }

    @Test func `writes nothing`() async throws {
        let warehouse = try Warehouse(sales)
        let connection = try warehouse.connection()
        let query = SQLQuery(text: "DELETE FROM fct_sales")
        let error = await #expect(throws: SQLError.self) { try await connection.read(query, within: .seconds(5)) }
        #expect(error == .wouldWrite(message: "attempt to write a readonly database"))
    }

    @Test func `ends a look at its timeout, and is free for the next`() async throws {
        let warehouse = try Warehouse(sales + endless)
        let connection = try warehouse.connection()
        let context = SQLFixture.context(connection, warehouse.surroundings)
        let slow = try SQLFixture.probe("endless", timeout: "100ms")
        await #expect(throws: SQLError.timedOut(after: .milliseconds(100))) { try await slow.observe(in: context) }
        #expect(try await SQLFixture.probe("fct_sales").observe(in: context).version == .known("row_count=2"))
    }

    @Test func `ends a look that is cancelled`() async throws {
        let warehouse = try Warehouse(sales + endless)
        let connection = try warehouse.connection()
        let context = SQLFixture.context(connection, warehouse.surroundings)
        let slow = try SQLFixture.probe("endless")
        let look = Task { try await slow.observe(in: context) }
        look.cancel()
        await #expect(throws: CancellationError.self) { try await look.value }
        #expect(try await SQLFixture.probe("fct_sales").observe(in: context).version == .known("row_count=2"))
    }
}
