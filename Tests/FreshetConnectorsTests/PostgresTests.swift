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
        through connection: PostgresConnection? = nil
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

    @Test func `is read in figures, whatever the case that its name is written in`() async throws {
        let observation = try await observe(
            "Shop.ORDERS",
            ["row_count", "max(Updated_At)", "sum(amount)", "min(\"Odd \"\"Name\"\"; --\")"],
            dataTime: "max(updated_at)"
        )
        let version = "row_count=2;max(Updated_At)=2026-05-04T05:58:00Z;sum(amount)=3.75;min(Odd \"Name\"; --)=a"
        #expect(observation.version == .known(DataVersion(version)))
        #expect(observation.values["sum(amount)"] == .number(3.75))
        #expect(observation.dataTime == Timestamp(milliseconds: 1_777_874_280_000))
    }

    @Test func `may have a name that looks like a statement`() async throws {
        #expect(try await observe("shop.\"Order Items; --\"").version == .known("row_count=0"))
    }

    @Test func `that is empty has a version too`() async throws {
        let observation = try await observe("shop.\"Order Items; --\"", ["row_count", "max(n)"], dataTime: "max(n)")
        #expect(observation.version == .known("row_count=0;max(n)=null"))
        #expect(observation.values["max(n)"] == nil)
        #expect(observation.dataTime == nil)
    }

    @Test(arguments: ["shop.nothing", "nowhere.orders", "shop.\"Orders\""])
    func `that is not there is missing`(table: String) async throws {
        #expect(try await observe(table).version == .missing)
        #expect(try await observe().version == .known("row_count=2"))
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
        #expect(try await observe().version == .known("row_count=2"))
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
        #expect(try await observe().version == .known("row_count=2"))
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
        #expect(try await observe().version == .known("row_count=2"))
    }

    @Test func `is asked through one session`() async throws {
        for _ in 1...5 { _ = try await observe() }
        let isOne = "SELECT 1 / (count(*) = 1)::int FROM pg_stat_activity WHERE application_name = 'freshet'"
        // Sessions of tests before this one may still be on their way out.
        while (try? cluster.execute(isOne)) == nil { await Task.yield() }
    }

    @Test func `can be read again after the server was restarted between two looks`() async throws {
        #expect(try await observe().version == .known("row_count=2"))
        cluster.stop()
        try cluster.start()
        #expect(try await observe().version == .known("row_count=2"))
    }

    @Test func `is unreachable while the server is down, and can be read when it is back`() async throws {
        #expect(try await observe().version == .known("row_count=2"))
        cluster.stop()
        let error = await #expect(throws: SQLError.self) { try await observe() }
        guard case .unreachable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(error?.isTransient == true)
        try cluster.start()
        #expect(try await observe().version == .known("row_count=2"))
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
