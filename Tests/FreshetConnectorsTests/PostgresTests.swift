import Foundation
import FreshetCore
import FreshetKit
import RawServer
import Testing

@testable import FreshetConnectors

@Suite(.enabled(if: PostgresCluster.isAvailable), .timeLimit(.minutes(3)), .serialized)
struct `A table in a PostgreSQL database` {
    // One for all tests, which come one after the other.
    private nonisolated(unsafe) static let cluster = Result { try PostgresCluster() }
    private let cluster: PostgresCluster
    private let seams: Surroundings
    private let connection: PostgresConnection

    init() throws {
        cluster = try Self.cluster.get()
        seams = try surroundings(variables: ["WAREHOUSE": cluster.url])
        connection = try PostgresConnection(from: settings(["url": "${secret:env/WAREHOUSE}"]), in: seams)
        try cluster.execute(
            """
            DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop;
            CREATE TABLE shop.orders(id int, updated_at timestamptz, amount numeric(12,2), "Odd ""Name""; --" text);
            INSERT INTO shop.orders VALUES
                (1, '2026-05-04 07:58:00+02', 1.50, 'a'), (2, '2026-05-03 00:00:00+00', 2.25, 'b');
            CREATE TABLE shop."Order Items; --"(n int);
            CREATE VIEW shop.slow AS SELECT pg_sleep(60)::text AS n;
            """
        )
    }

    private func observe(
        _ table: String = "shop.orders",
        _ change: [String] = ["row_count"],
        dataTime: String? = nil,
        timeout: String = "30s",
        through connection: PostgresConnection? = nil,
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

    @Test func `is read in figures, whatever the case that its name is written in`() async throws {
        let observation = try await observe(
            "Shop.ORDERS",
            ["row_count", "max(Updated_At)", "sum(amount)", "min(\"Odd \"\"Name\"\"; --\")"],
            dataTime: "max(updated_at)"
        )
        let version = "row_count=2;max(Updated_At)=2026-05-04T05:58:00Z;sum(amount)=3.75;min(Odd \"Name\"; --)=a"
        #expect(observation.version.figures == .known(DataVersion(version)))
        #expect(observation.values["sum(amount)"] == .number(3.75))
        #expect(observation.dataTime == Timestamp(milliseconds: 1_777_874_280_000))
    }

    @Test func `may have a name that looks like a statement`() async throws {
        #expect(try await observe("shop.\"Order Items; --\"").version.figures == .known("row_count=0"))
    }

    @Test func `that is empty has a version too`() async throws {
        let observation = try await observe("shop.\"Order Items; --\"", ["row_count", "max(n)"], dataTime: "max(n)")
        #expect(observation.version.figures == .known("row_count=0;max(n)=null"))
        #expect(observation.values["max(n)"] == nil)
        #expect(observation.dataTime == nil)
    }

    @Test(arguments: ["shop.nothing", "nowhere.orders", "shop.\"Orders\""])
    func `that is not there is missing`(table: String) async throws {
        #expect(try await observe(table).version == .missing)
        #expect(try await observe().version.figures == .known("row_count=2"))
    }

    @Test func `has no misspelt column`() async throws {
        await #expect(throws: SQLError.noColumn("updatd_at", nearest: "updated_at")) {
            try await observe("shop.orders", ["row_count", "max(updatd_at)"])
        }
    }

    @Test func `cannot be written`() async throws {
        let error = await #expect(throws: SQLError.self) {
            try await connection.query("DELETE FROM shop.orders RETURNING id", timeout: .seconds(5))
        }
        guard case .refused("25006", _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await observe().version.figures == .known("row_count=2"))
    }

    @Test func `cannot be asked for two things at once`() async throws {
        let error = await #expect(throws: SQLError.self) {
            try await connection.query("SELECT 1; DROP TABLE shop.orders", timeout: .seconds(5))
        }
        guard case .refused("42601", _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `that takes too long is ended by the server`() async throws {
        await #expect(throws: SQLError.timedOut(after: .milliseconds(200))) {
            try await observe("shop.slow", ["max(n)"], timeout: "200ms")
        }
        #expect(try await observe().version.figures == .known("row_count=2"))
    }

    @Test func `is let go when its task is cancelled`() async throws {
        let probe = try SQLTableProbe(
            from: settings(["connection": "shop", "table": "shop.slow", "change": "max(n)"])
        )
        let context = context(["shop": connection], seams)
        let task = Task { try await probe.observe("x", in: context) }
        let sleeping =
            "SELECT 1 / count(*) FROM pg_stat_activity WHERE query LIKE '%slow%' AND application_name = 'freshet'"
        while (try? cluster.execute(sleeping + " AND state = 'active'")) == nil { await Task.yield() }
        task.cancel()
        await #expect(throws: SQLError.cancelled) { try await task.value }
        while (try? cluster.execute(sleeping + " AND state = 'active'")) != nil { await Task.yield() }
        #expect(try await observe().version.figures == .known("row_count=2"))
    }

    /// Waits until so many questions to the slow view are on their way, and returns their tasks.
    private func slow(_ count: Int) async throws -> [Task<Observation, any Error>] {
        let probe = try SQLTableProbe(from: settings(["connection": "shop", "table": "shop.slow", "change": "max(n)"]))
        let context = context(["shop": connection], seams)
        let tasks = (0..<count).map { _ in Task { try await probe.observe("x", in: context) } }
        while (try? cluster.execute(isSlow(count))) == nil { await Task.yield() }
        return tasks
    }

    private func isSlow(_ count: Int) -> String {
        """
        SELECT 1 / (count(*) = \(count))::int FROM pg_stat_activity
        WHERE query LIKE '%slow%' AND application_name = 'freshet' AND state = 'active'
        """
    }

    @Test func `does not wait for a slow question to another one`() async throws {
        let tasks = try await slow(1)
        #expect(try await observe().version.figures == .known("row_count=2"))
        #expect(throws: Never.self) { try cluster.execute(isSlow(1)) }
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
    }

    @Test func `waits for a session no longer than its look may take, or until its task is cancelled`() async throws {
        let tasks = try await slow(3)
        let probe = try SQLTableProbe(from: settings(["connection": "shop", "table": "shop.orders"]))
        var hasty = context(["shop": connection], seams)
        hasty.deadline = seams.clock.now + .milliseconds(200)
        let error = await #expect(throws: SQLError.self) { try await probe.observe("x", in: hasty) }
        #expect(error?.isTransient == true && error?.description.contains("busy") == true)
        let patient = context(["shop": connection], seams)
        let given = Task { try await probe.observe("x", in: patient) }
        given.cancel()
        await #expect(throws: SQLError.cancelled) { try await given.value }
        let waiting = Task { try await probe.observe("x", in: patient) }
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
        #expect(try await waiting.value.version.figures == .known("row_count=2"))
    }

    @Test func `is asked through one session`() async throws {
        for _ in 1...5 { _ = try await observe() }
        let isOne = "SELECT 1 / (count(*) = 1)::int FROM pg_stat_activity WHERE application_name = 'freshet'"
        // Sessions of tests before this one may still be on their way out.
        while (try? cluster.execute(isOne)) == nil { await Task.yield() }
    }

    @Test func `can be read again after the server was restarted between two looks`() async throws {
        #expect(try await observe().version.figures == .known("row_count=2"))
        cluster.stop()
        try cluster.start()
        #expect(try await observe().version.figures == .known("row_count=2"))
    }

    @Test func `is unreachable while the server is down, and can be read when it is back`() async throws {
        #expect(try await observe().version.figures == .known("row_count=2"))
        cluster.stop()
        let error = await #expect(throws: SQLError.self) { try await observe() }
        guard case .unreachable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isTransient == true)
        try cluster.start()
        #expect(try await observe().version.figures == .known("row_count=2"))
    }

    // MARK: Signals

    /// Looks again until the statistics have been told: a session tells them after a second at the latest.
    private func counted(_ table: String, after previous: Observation) async throws -> Observation {
        let deadline = seams.clock.now + .seconds(20)
        while true {
            let next = try await observe(table, ["table_version"], after: previous)
            if next.version != previous.version || seams.clock.now > deadline { return next }
        }
    }

    @Test(arguments: [
        "INSERT INTO shop.orders(id) VALUES (3)", "UPDATE shop.orders SET amount = 0", "DELETE FROM shop.orders",
        "TRUNCATE shop.orders",
    ])
    func `has counters that each write moves`(write: String) async throws {
        // What the setup wrote may still be on its way.
        let first = try await counted("shop.orders", after: observe("shop.nothing"))
        try cluster.execute(write)
        let next = try await counted("shop.orders", after: first)
        #expect(next.version != first.version)
        #expect(next.strength == .probable)
    }

    @Test func `is unknown, not unchanged, after its counters were set back, and known again then`() async throws {
        let first = try await observe("shop.orders", ["table_version"])
        try cluster.execute("SELECT pg_stat_reset()")
        let second = try await observe("shop.orders", ["table_version"], after: first)
        #expect(second.version == .unknown)
        #expect(second.message?.contains("set back") == true)
        let third = try await observe("shop.orders", ["table_version"], after: second)
        #expect(third.version != .unknown && third.version != first.version)
    }

    @Test func `is unknown, not unchanged, after a crash lost its counters`() async throws {
        let first = try await observe("shop.orders", ["table_version"])
        cluster.stop()
        try cluster.start()
        #expect(try await observe("shop.orders", ["table_version"], after: first).version == .unknown)
    }

    @Test func `adds up the counters of its partitions`() async throws {
        try cluster.execute(
            """
            CREATE TABLE shop.parts(n int) PARTITION BY RANGE (n);
            CREATE TABLE shop.part1 PARTITION OF shop.parts FOR VALUES FROM (0) TO (10);
            """
        )
        let first = try await observe("shop.parts", ["table_version"])
        try cluster.execute("INSERT INTO shop.parts VALUES (1)")
        #expect(try await counted("shop.parts", after: first).values["rows_inserted"] == .integer(1))
    }

    @Test func `that is a view has no counters, and says what to watch`() async throws {
        let error = await #expect(throws: SQLError.self) { try await observe("shop.slow", ["table_version"]) }
        #expect(error?.description.contains("row_count") == true)
    }

    @Test func `has a checksum that every change moves, and no order does`() async throws {
        let first = try await observe("shop.orders", ["checksum"])
        try cluster.execute("CREATE TABLE shop.copy AS SELECT * FROM shop.orders ORDER BY id DESC")
        #expect(try await observe("shop.copy", ["checksum"]).version.figures == first.version.figures)
        try cluster.execute("UPDATE shop.orders SET amount = 1.51 WHERE id = 1")
        #expect(try await observe("shop.orders", ["checksum"]).version != first.version)
        #expect(try await observe("shop.copy", ["checksum(id, amount)"]).strength == .probable)
    }

    @Test(arguments: [
        """
        ALTER TABLE shop.pairs RENAME a TO x; ALTER TABLE shop.pairs RENAME "B 'b'" TO a;
        ALTER TABLE shop.pairs RENAME x TO "B 'b'"
        """,
        "ALTER TABLE shop.pairs RENAME a TO c", "ALTER TABLE shop.pairs ALTER \"B 'b'\" TYPE bigint",
    ])
    func `has a checksum that other names and types of its columns move`(change: String) async throws {
        try cluster.execute("CREATE TABLE shop.pairs(a int, \"B 'b'\" int); INSERT INTO shop.pairs VALUES (1, 2)")
        let before = try await observe("shop.pairs", ["checksum"])
        let named = try await observe("shop.pairs", ["checksum(\"B 'b'\")"])
        try cluster.execute(change)
        #expect(try await observe("shop.pairs", ["checksum"]).version != before.version)
        #expect(
            try await observe("shop.pairs", ["checksum(\"B 'b'\")"]).version != named.version
                || change.hasSuffix("TO c")
        )
    }

    @Test func `shows a row that was stamped early and committed late`() async throws {
        let more: KeyValuePairs<String, ConfigValue.Content> = ["safety_lag": "2m"]
        let before = try await observe("shop.orders", ["max(updated_at)"], more)
        try cluster.execute("INSERT INTO shop.orders VALUES (3, '2026-05-04 05:57:00+00')")
        #expect(try await observe("shop.orders", ["max(updated_at)"], more).version != before.version)
    }

    @Test func `is read together with what is asked at the same time, where statements cost`() async throws {
        let metered = try PostgresConnection(
            from: settings(["url": "${secret:env/WAREHOUSE}", "metered": true]),
            in: seams
        )
        let context = context(["shop": metered], seams)
        let questions: [(String, [ConfigValue.Content])] = [
            ("shop.orders", ["row_count", "max(updated_at)"]), ("shop.orders", ["table_version"]),
            ("shop.nothing", ["row_count"]),
        ]
        let probes = try questions.map { table, change in
            let list = change.map { ConfigValue($0, at: Origin(file: "test.yaml")) }
            return try SQLTableProbe(
                from: settings(["connection": "shop", "table": .text(table), "change": .list(list)])
            )
        }
        let found = try await withThrowingTaskGroup(of: (Int, VersionState).self) { group in
            for (number, probe) in probes.enumerated() {
                group.addTask { (number, try await probe.observe("x", in: context).version) }
            }
            return try await group.reduce(into: [Int: VersionState]()) { $0[$1.0] = $1.1 }
        }
        #expect(found[0]?.figures == .known("row_count=2;max(updated_at)=2026-05-04T05:58:00Z"))
        #expect(found[1] != .unknown)
        #expect(found[2] == .missing)
    }

    @Test func `is asked a question in free SQL that cannot write`() async throws {
        func ask(_ query: String) async throws -> Observation {
            let probe = try SQLQueryProbe(from: settings(["connection": "shop", "query": .text(query)]))
            return try await probe.observe("x", in: context(["shop": connection], seams))
        }
        #expect(try await ask("SELECT count(*) AS n FROM shop.orders").version.figures == .known("n=2"))
        for query in ["SELECT nextval('shop.s')", "WITH d AS (DELETE FROM shop.orders RETURNING 1) SELECT * FROM d"] {
            try cluster.execute("CREATE SEQUENCE IF NOT EXISTS shop.s")
            await #expect(throws: SQLError.self) { try await ask(query) }
        }
        #expect(try await ask("SELECT count(*) AS n FROM shop.orders").version.figures == .known("n=2"))
    }

    @Test(arguments: [
        "SELECT repeat('x', 1048577) AS big", "SELECT repeat('x', 1048576) AS big FROM generate_series(1, 17)",
    ])
    func `is not read without end`(query: String) async throws {
        let error = await #expect(throws: SQLError.self) {
            try await connection.query(query, rows: 100, within: SQLLimit(timeout: .seconds(20)))
        }
        guard case .tooLarge(let message)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains("MiB"))
        let most = "SELECT repeat('x', 1048576) AS big FROM generate_series(1, 16)"
        let answer = try await connection.query(most, rows: 100, within: SQLLimit(timeout: .seconds(20)))
        #expect(answer.columns == ["big"] && answer.rows.count == 16)
    }

    @Test func `is refused in words that are fit to be shown`() async throws {
        let name = "\u{1B}[31mred\u{9B}" + String(repeating: "x", count: 1000)
        for query in ["SELECT '\(name)'::int", "SELECT '\(name.dropFirst(1))'::date"] {
            let error = await #expect(throws: SQLError.self) { try await connection.query(query, timeout: .seconds(5)) }
            let words = error?.description ?? ""
            #expect(words.contains("red") && words.unicodeScalars.count < 600)
            #expect(!words.unicodeScalars.contains { $0.properties.generalCategory == .control })
        }
    }

    @Test func `is asked in a session that no question can alter`() async throws {
        let path = "SELECT current_setting('search_path'), current_setting('bytea_output')"
        let before = try await connection.query(path, timeout: .seconds(5)).row
        let set = "SELECT set_config('search_path', 'shop', false), set_config('bytea_output', 'escape', false)"
        _ = try await connection.query(set, timeout: .seconds(5))
        #expect(try await connection.query(path, timeout: .seconds(5)).row == before)
    }

    @Test func `is refused where the server refuses`() async throws {
        let elsewhere = try PostgresConnection(
            from: settings(["url": .text(cluster.url.replacing("/postgres", with: "/nowhere"))]),
            in: seams
        )
        let error = await #expect(throws: SQLError.self) { try await observe(through: elsewhere) }
        #expect(error?.description.contains("nowhere") == true)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct `A PostgreSQL connection` {
    private func ask(_ url: String, _ seams: Surroundings, timeout: Duration = .seconds(5)) async throws -> SQLAnswer {
        try await PostgresConnection(from: settings(["url": .text(url)]), in: seams).query("SELECT 1", timeout: timeout)
    }

    @Test(
        arguments: [
            "S3cret/Passw0rd", "12/Passw0rd", "Secret99@Passw0rd", "Secret99@Pass/w0rd", "Secret99/Pass@w0rd",
            "Secret99:Pass?w0rd/Secret99", "99/Pass=w0rd?Secret99",
        ]
    )
    func `does not show pieces of a password with signs that have to be escaped`(password: String) async throws {
        let seams = try surroundings()
        let url = "postgresql://user:\(password)@127.0.0.1:1/db?sslmode=disable"
        let error = await #expect(throws: SQLError.self) { try await ask(url, seams) }
        #expect(error == .badURL)
        #expect(error?.description.contains("%2F") == true)
        for piece in ["Secret99", "S3cret", "Passw0rd"] where password.contains(piece) {
            #expect(seams.redactor.redact("port \"\(piece)\"") == "port \"[redacted]\"")
        }
    }

    @Test(
        arguments: [
            "postgresql://u:Secret99%40%2F@127.0.0.1:1/d?sslmode=disable", "postgresql://127.0.0.1:1/d?user=me@there",
            "postgresql://u@127.0.0.1:1,127.0.0.1:2/d", "postgresql://u:hush?hush@127.0.0.1:1/d",
            "host=127.0.0.1 port=1 user=me@there password=Secret99@/",
        ]
    )
    func `goes where its URL says, with several hosts or an at sign where one may stand`(url: String) async throws {
        let seams = try surroundings()
        let error = await #expect(throws: SQLError.self) { try await ask(url, seams) }
        guard case .unreachable(let message)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(message.contains("127.0.0.1"))
    }

    @Test(arguments: ["hush", "postgresql://u:hush%zz@h/d", "host=h pass word=hush", "mysql://u:hush@h/d"])
    func `does not quote a URL that is none`(url: String) async throws {
        let seams = try surroundings()
        let error = await #expect(throws: SQLError.self) { try await ask(url, seams) }
        #expect(error == .badURL)
        #expect(error?.description.contains("hush") == false)
    }

    @Test func `makes the password of a plain URL known to the redactor`() async throws {
        let server = RawServer { _ in }
        server.stop()
        let seams = try surroundings()
        let url = "postgresql://u:hush-hush@127.0.0.1:\(server.port)/d?sslmode=disable"
        let error = await #expect(throws: SQLError.self) { try await ask(url, seams) }
        guard case .unreachable(let message)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!message.contains("hush"))
        #expect(seams.redactor.redact("hush-hush") == "[redacted]")
    }

    @Test func `gives up on a server that says nothing`() async throws {
        let server = RawServer { connection in while connection.read() != nil {} }
        defer { server.stop() }
        let seams = try surroundings()
        let url = "postgresql://u@127.0.0.1:\(server.port)/d?sslmode=disable"
        let error = await #expect(throws: SQLError.self) { try await ask(url, seams, timeout: .milliseconds(100)) }
        guard case .unreachable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `loses a server that hangs up`() async throws {
        let server = RawServer { _ in }
        defer { server.stop() }
        let seams = try surroundings()
        let url = "postgresql://u@127.0.0.1:\(server.port)/d?sslmode=disable"
        let error = await #expect(throws: SQLError.self) { try await ask(url, seams) }
        guard case .unreachable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
