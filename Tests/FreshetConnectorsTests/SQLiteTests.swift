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
        through connection: FreshetConnectors.SQLiteConnection? = nil,
        _ more: KeyValuePairs<String, ConfigValue.Content> = [:],
        after previous: Observation? = nil
    ) async throws -> Observation {
        let list = ConfigValue.Content.list(change.map { ConfigValue(.text($0), at: Origin(file: "test.yaml")) })
        let probe = try SQLTableProbe(
            from: settings(
                [
                    "connection": "shop", "table": .text(table), "change": list, "timeout": .text(timeout),
                    "data_time": dataTime.map { .text($0) } ?? .null,
                ],
                more
            )
        )
        var context = context(["shop": connection ?? self.connection], seams)
        context.previous = previous
        return try await probe.observe("x", in: context)
    }

    private func execute(_ sql: String) throws { try file.write { try $0.execute(sql: sql) } }

    @Test func `is read in figures`() async throws {
        let observation = try await observe(
            "orders",
            ["row_count", "max(updated_at)", "sum(amount)", "min(\"Odd \"\"Name\"\" `x`\")"],
            dataTime: "max(updated_at)"
        )
        let version = "row_count=2;max(updated_at)=2026-05-04 05:58:00;sum(amount)=3.75;min(Odd \"Name\" `x`)=a"
        #expect(observation.version.figures == .known(DataVersion(version)))
        #expect(observation.values["row_count"] == .integer(2))
        #expect(observation.values["sum(amount)"] == .number(3.75))
        #expect(observation.dataTime == Timestamp(milliseconds: 1_777_874_280_000))
        #expect(observation.strength == .probable)
    }

    @Test func `changes when its figures go down`() async throws {
        let before = try await observe()
        try execute("DELETE FROM orders WHERE id = 1")
        let after = try await observe()
        #expect(before.version.figures == .known("row_count=2"))
        #expect(after.version.figures == .known("row_count=1"))
    }

    @Test func `may have a name that looks like a statement`() async throws {
        #expect(try await observe("\"Order Items; --\"").version.figures == .known("row_count=0"))
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
        #expect(try await observe().version.figures == .known("row_count=2"))
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
        #expect(try await observe().version.figures == .known("row_count=2"))
    }

    @Test func `in a replaced file is read anew`() async throws {
        _ = try await observe()
        try FileManager.default.removeItem(atPath: folder + "/shop.db")
        let other = try DatabaseQueue(path: folder + "/shop.db")
        try await other.write { try $0.execute(sql: "CREATE TABLE orders(id)") }
        #expect(try await observe().version.figures == .known("row_count=0"))
    }

    @Test func `cannot be asked through a bucket`() async throws {
        let folder = try FileConnection(from: settings(["path": "."]), in: seams)
        let probe = try SQLTableProbe(from: settings(["connection": "shop", "table": "orders"]))
        let expected = ConnectionError.wrongKind("shop", is: "file", expected: "databricks, postgresql or sqlite")
        await #expect(throws: expected) { try await probe.observe("x", in: context(["shop": folder], seams)) }
    }

    @Test(arguments: ["1777874280000000000", "253402300800", "-62135596801", "9e300", "9223372036854775807", "'soon'"])
    func `has no time of its own where the figure is none`(value: String) async throws {
        try execute("CREATE TABLE moments AS SELECT \(value) AS at")
        let error = await #expect(throws: SQLError.self) {
            try await observe("moments", ["row_count"], dataTime: "max(at)")
        }
        #expect(error?.description.contains("max(at)") == true && error?.description.contains("not a time") == true)
    }

    @Test(arguments: [("1777874280", 1_777_874_280_000), ("1777874280.5", 1_777_874_280_500), ("-1", -1000)])
    func `may have a time of its own in seconds since 1970`(value: String, milliseconds: Int64) async throws {
        try execute("CREATE TABLE moments AS SELECT \(value) AS at")
        let observation = try await observe("moments", ["row_count"], dataTime: "max(at)")
        #expect(observation.dataTime == Timestamp(milliseconds: milliseconds))
    }

    // MARK: Checksum

    @Test(arguments: [
        "UPDATE orders SET amount = 9 WHERE id = 1", "UPDATE orders SET updated_at = NULL WHERE id = 2",
        "UPDATE orders SET amount = 1.5 + 0.75 * (id = 1), updated_at = updated_at",
        "DELETE FROM orders WHERE id = 1",
        "INSERT INTO orders SELECT 3, updated_at, amount, 'a' FROM orders WHERE id = 1",
    ])
    func `has a checksum that every change moves`(change: String) async throws {
        let before = try await observe("orders", ["checksum"])
        try execute(change)
        let after = try await observe("orders", ["checksum"])
        #expect(before.version != after.version)
        #expect(before.strength == .exact)
    }

    @Test func `has a checksum that does not depend on the order of its rows`() async throws {
        let before = try await observe("orders", ["checksum"])
        try execute("UPDATE orders SET id = 3 WHERE id = 1; UPDATE orders SET id = 1 WHERE id = 2")
        #expect(try await observe("orders", ["checksum"]).version != before.version)
        try execute(
            "DELETE FROM orders; INSERT INTO orders VALUES (2, '2026-05-03 00:00:00', 2.25, 'b'), (1, '2026-05-04 05:58:00', 1.5, 'a')"
        )
        #expect(try await observe("orders", ["checksum"]).version == before.version)
    }

    @Test func `counts rows that are there twice, which a XOR would cancel out`() async throws {
        try execute("CREATE TABLE twice(n); INSERT INTO twice VALUES (1), (1), (2)")
        let before = try await observe("twice", ["checksum(n)"])
        try execute("UPDATE twice SET n = 3 WHERE n = 1")
        #expect(try await observe("twice", ["checksum(n)"]).version != before.version)
    }

    @Test(arguments: [
        ("CAST(X'610062' AS TEXT)", "CAST(X'610063' AS TEXT)"), ("CAST(X'61FF' AS TEXT)", "CAST(X'61FE' AS TEXT)"),
        ("CAST(X'6100' AS TEXT)", "'a'"), ("X'6100'", "CAST(X'6100' AS TEXT)"),
    ])
    func `differs in bytes behind a NUL and in bytes that are not UTF-8`(one: String, other: String) async throws {
        try execute("CREATE TABLE bytes AS SELECT \(one) AS c")
        let checksum = try await observe("bytes", ["checksum"])
        let figure = try await observe("bytes", ["max(c)"])
        try execute("UPDATE bytes SET c = \(other)")
        #expect(try await observe("bytes", ["checksum"]).version != checksum.version)
        // A figure of bytes is the hash of them, whatever their type.
        guard !one.hasPrefix("X") else { return }
        #expect(try await observe("bytes", ["max(c)"]).version != figure.version)
    }

    @Test(arguments: [
        "ALTER TABLE pairs RENAME COLUMN a TO x; ALTER TABLE pairs RENAME COLUMN b TO a; ALTER TABLE pairs RENAME COLUMN x TO b",
        "ALTER TABLE pairs RENAME COLUMN a TO c",
        "DROP TABLE pairs; CREATE TABLE pairs(a INT, b INT); INSERT INTO pairs VALUES (1, 2)",
    ])
    func `has a checksum that other names and types of its columns move`(change: String) async throws {
        try execute("CREATE TABLE pairs(a INTEGER, b INTEGER); INSERT INTO pairs VALUES (1, 2)")
        let before = try await observe("main.pairs", ["checksum"])
        let named = try await observe("pairs", ["checksum(B)"])
        try execute(change)
        #expect(try await observe("main.pairs", ["checksum"]).version != before.version)
        #expect(try await observe("pairs", ["checksum(B)"]).version != named.version || change.hasSuffix("TO c"))
    }

    // MARK: Version of the file

    @Test func `has the version of its file, which each commit moves and nothing else`() async throws {
        let before = try await observe("orders", ["table_version"])
        let same = try await observe("orders", ["table_version"])
        try execute("UPDATE orders SET amount = 7 WHERE id = 1")
        let after = try await observe("orders", ["table_version"])
        #expect(before.version == same.version)
        #expect(before.version != after.version)
        #expect(after.strength == .probable)
        #expect(try await observe("nothing", ["table_version"]).version == .missing)
    }

    @Test func `has another version when another file was copied over its own`() async throws {
        for (name, value) in [("one", 1), ("two", 2)] {
            let file = try DatabaseQueue(path: "\(folder)/\(name).db")
            try await file.write { try $0.execute(sql: "CREATE TABLE orders AS SELECT \(value) AS n") }
        }
        let other = try FreshetConnectors.SQLiteConnection(from: settings(["path": "one.db"]), in: seams)
        let before = try await observe("orders", ["table_version"], through: other)
        #expect(succeeds("sh", "-c", "cat \(folder)/two.db > \(folder)/one.db"))
        #expect(try await observe("orders", ["table_version"], through: other).version != before.version)
    }

    @Test func `has no version in WAL mode, and says so`() async throws {
        try await file.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL") }
        let observation = try await observe("orders", ["table_version"])
        #expect(observation.version == .unknown)
        #expect(observation.message?.contains("WAL") == true)
    }

    // MARK: Tiers

    @Test func `did not change when only the cheap signal moved`() async throws {
        let more: KeyValuePairs<String, ConfigValue.Content> = ["confirm": texts("row_count", "max(updated_at)")]
        let first = try await observe("orders", ["table_version"], more)
        try execute("CREATE TABLE other(n)")
        let second = try await observe("orders", ["table_version"], more, after: first)
        #expect(second.version == first.version)
        #expect(second.values["table_version"] != first.values["table_version"])
        #expect(second.message == "table_version moved; row_count, max(updated_at) did not")
        try execute("DELETE FROM orders WHERE id = 1")
        let third = try await observe("orders", ["table_version"], more, after: second)
        #expect(third.version.figures == .known("row_count=1;max(updated_at)=2026-05-03 00:00:00"))
    }

    @Test func `is not asked for the stronger signal while the cheap one stands still`() async throws {
        let more: KeyValuePairs<String, ConfigValue.Content> = ["confirm": texts("checksum"), "confirm_every": "1h"]
        let first = try await observe("orders", ["max(updated_at)"], more)
        try execute("UPDATE orders SET amount = 99 WHERE id = 2")
        let second = try await observe("orders", ["max(updated_at)"], more, after: first)
        #expect(second.version == first.version)
        #expect(second.query?.contains("checksum") == false)
        var old = second
        old.values["confirmed_at"] = .text("2020-01-01T00:00:00Z")
        let third = try await observe("orders", ["max(updated_at)"], more, after: old)
        #expect(third.version != first.version)
    }

    @Test func `is read anew when what is watched is another`() async throws {
        let first = try await observe("orders", ["row_count"], ["confirm": "checksum"])
        let second = try await observe("orders", ["max(updated_at)"], ["confirm": "checksum"], after: first)
        #expect(second.query?.contains("checksum") == true)
    }

    // MARK: Another table

    @Test func `is another one under another name or connection, though its figures are equal`() async throws {
        try execute("CREATE TABLE same AS SELECT * FROM orders")
        let first = try await observe("orders")
        let second = try await observe("same")
        #expect(second.version.figures == first.version.figures)
        #expect(second.version != first.version)
        let probe = try SQLTableProbe(from: settings(["connection": "other", "table": "orders"]))
        let third = try await probe.observe("x", in: context(["other": connection], seams))
        #expect(third.version != first.version)
        #expect(try await observe("orders").version == first.version)
    }

    @Test func `is asked for the stronger signal when it is another one, though the cheap figures are equal`()
        async throws
    {
        try execute("CREATE TABLE same AS SELECT * FROM orders")
        let more: KeyValuePairs<String, ConfigValue.Content> = ["confirm": "checksum"]
        let first = try await observe("orders", ["row_count"], more)
        let second = try await observe("same", ["row_count"], more, after: first)
        #expect(second.query?.contains("checksum") == true)
        #expect(second.version != first.version)
    }

    // MARK: Late commits

    @Test func `shows a row that was stamped early and committed late`() async throws {
        let more: KeyValuePairs<String, ConfigValue.Content> = ["safety_lag": "2m"]
        let before = try await observe("orders", ["max(updated_at)"], more)
        try execute("INSERT INTO orders VALUES (3, '2026-05-04 05:57:00', 1, 'late')")
        let late = try await observe("orders", ["max(updated_at)"], more)
        #expect(late.version != before.version)
        #expect(late.values["max(updated_at)"] == before.values["max(updated_at)"])
        try execute("INSERT INTO orders VALUES (4, '2026-05-04 05:50:00', 1, 'too late')")
        #expect(try await observe("orders", ["max(updated_at)"], more).version == late.version)
    }

    @Test func `keeps its window where rows arrive, though one is stamped far in the future`() async throws {
        try execute("INSERT INTO orders VALUES (9, '2999-01-01 00:00:00', 1, 'future')")
        let more: KeyValuePairs<String, ConfigValue.Content> = ["safety_lag": "2m"]
        let before = try await observe("orders", ["max(updated_at)"], more)
        try execute("INSERT INTO orders VALUES (3, '2026-05-04 05:57:00', 1, 'late')")
        #expect(try await observe("orders", ["max(updated_at)"], more).version != before.version)
    }

    // MARK: Evidence

    @Test func `leaves evidence of how it was read`() async throws {
        let observation = try await observe("orders", ["row_count"])
        #expect(observation.query == "SELECT count(*) AS f0 FROM `orders`")
        #expect(observation.source == "shop")
        #expect(observation.cost?.requests == 1)
        #expect((observation.cost?.took ?? .zero) > .zero)
    }

    // MARK: Batches

    @Test func `is read in one statement with what is asked at the same time, where statements cost`() async throws {
        let metered = try FreshetConnectors.SQLiteConnection(
            from: settings(["path": "shop.db", "metered": true]),
            in: seams
        )
        async let one = observe("orders", ["row_count", "max(updated_at)"], through: metered)
        async let two = observe("\"Order Items; --\"", through: metered)
        async let three = observe("orders", ["sum(amount)"], through: metered)
        let all = try await [one, two, three]
        #expect(all[0].version.figures == .known("row_count=2;max(updated_at)=2026-05-04 05:58:00"))
        #expect(all[1].version.figures == .known("row_count=0"))
        #expect(all[2].version.figures == .known("sum(amount)=3.75"))
        #expect(all.allSatisfy { $0.query?.hasSuffix("in one statement with 2 more") == true })
    }

    @Test func `does not suffer from what is wrong with another one in the same statement`() async throws {
        let metered = try FreshetConnectors.SQLiteConnection(
            from: settings(["path": "shop.db", "metered": true]),
            in: seams
        )
        async let good = observe("orders", through: metered)
        async let missing = observe("nothing", through: metered)
        async let wrong: Observation? = try? observe("orders", ["max(updatd_at)"], through: metered)
        #expect(try await good.version.figures == .known("row_count=2"))
        #expect(try await missing.version == .missing)
        #expect(await wrong == nil)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct `A question in free SQL` {
    private let file: DatabaseQueue
    private let seams: Surroundings
    private let connection: FreshetConnectors.SQLiteConnection

    init() throws {
        let folder = try temporaryFolder()
        file = try DatabaseQueue(path: folder + "/shop.db")
        try file.write {
            try $0.execute(
                sql: "CREATE TABLE loads(id, at); INSERT INTO loads VALUES (1, '2026-05-04T05:58:00Z'), (2, NULL)"
            )
        }
        seams = try surroundings(root: folder)
        connection = try FreshetConnectors.SQLiteConnection(from: settings(["path": "shop.db"]), in: seams)
    }

    private func observe(
        _ query: String,
        _ more: KeyValuePairs<String, ConfigValue.Content> = [:]
    ) async throws -> Observation {
        let probe = try SQLQueryProbe(from: settings(["connection": "shop", "query": .text(query)], more))
        return try await probe.observe("x", in: context(["shop": connection], seams))
    }

    @Test func `of one row is read in words, with the data's own time`() async throws {
        let observation = try await observe("SELECT max(id) AS batch, max(at) AS at FROM loads;", ["data_time": "at"])
        #expect(observation.version.figures == .known("batch=2;at=2026-05-04T05:58:00Z"))
        #expect(observation.values["batch"] == .integer(2))
        #expect(observation.dataTime == Timestamp(milliseconds: 1_777_874_280_000))
        #expect(observation.strength == .heuristic)
    }

    @Test func `of several rows is one fingerprint, whatever their order`() async throws {
        let up = try await observe("SELECT id FROM loads ORDER BY id -- up")
        let down = try await observe("SELECT id FROM loads ORDER BY id DESC")
        #expect(up.version.figures == down.version.figures)
        try await file.write { try $0.execute(sql: "UPDATE loads SET id = 3 WHERE id = 2") }
        #expect(try await observe("SELECT id FROM loads").version.figures != up.version.figures)
    }

    @Test func `is another one in other words, though the answer is equal`() async throws {
        let first = try await observe("SELECT 2 AS n")
        #expect(try await observe("SELECT count(*) AS n FROM loads").version != first.version)
        #expect(try await observe("SELECT 2 AS n;").version == first.version)
    }

    @Test(arguments: [
        "SELECT zeroblob(1048577) AS big", "SELECT printf('%.*c', 1048577, 'x') AS big",
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 17) SELECT zeroblob(1048576) AS big FROM c",
    ])
    func `with too many bytes for an answer is an error that says so`(query: String) async throws {
        let error = await #expect(throws: SQLError.self) { try await observe(query) }
        guard case .tooLarge(let message)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains("MiB") && error?.isTransient == false)
        #expect(try await observe("SELECT zeroblob(1048576) AS big").version != .unknown)
    }

    @Test func `is refused in words that are fit to be shown`() async throws {
        let name = "\u{1B}[31mred\u{9B}" + String(repeating: "x", count: 1000)
        seams.redactor.learn("hush-hush")
        for query in [
            "SELECT `\(name)` FROM loads", "SELECT 1 FROM loads WHERE id = hush-hush(1)", "SELECT `hush-hush`",
        ] {
            let error = await #expect(throws: SQLError.self) { try await observe(query) }
            let words = error?.description ?? ""
            #expect(words.unicodeScalars.count < 600)
            #expect(!words.unicodeScalars.contains { $0.properties.generalCategory == .control })
            #expect(!words.contains("hush-hush"))
        }
    }

    @Test func `to a table that is gone is missing, not failed`() async throws {
        try await file.write { try $0.execute(sql: "DROP TABLE loads") }
        let observation = try await observe("SELECT count(*) AS n FROM loads")
        #expect(observation.version == .missing)
        #expect(observation.message?.contains("loads") == true)
    }

    @Test func `of bytes that are no text is answered with their hash`() async throws {
        let first = try await observe("SELECT CAST(X'610062' AS TEXT) AS c")
        guard case .text(let value)? = first.values["c"] else {
            Issue.record("\(first.values)")
            return
        }
        #expect(value.count == 64 && !value.contains("a\0"))
    }

    @Test func `of too many rows is an error that says what to do`() async throws {
        let error = await #expect(throws: SQLError.self) {
            try await observe("SELECT id FROM loads", ["max_rows": .integer(1)])
        }
        #expect(error?.description.contains("max_rows") == true)
    }

    @Test(arguments: [
        "DELETE FROM loads", "PRAGMA journal_mode = WAL", "", "SELECT 1); DELETE FROM loads; --", "DROP TABLE loads",
    ])
    func `that is none is refused, and nothing is written`(query: String) async throws {
        await #expect(throws: (any Error).self) { try await observe(query) }
        #expect(try await observe("SELECT count(*) AS n FROM loads").version.figures == .known("n=2"))
    }
}
