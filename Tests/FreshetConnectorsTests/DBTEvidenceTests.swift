import Foundation
import FreshetCore
import FreshetKit
import GRDB
import Testing

@testable import FreshetConnectors

private let origin = Origin(file: "freshet.yaml")

private func list(_ texts: String...) -> ConfigValue {
    ConfigValue(.list(texts.map { ConfigValue(.text($0), at: origin) }), at: origin)
}

private func object(_ entries: (String, ConfigValue)...) -> ConfigValue {
    ConfigValue(.object(entries.map { ConfigValue.Entry(key: $0, keyOrigin: origin, value: $1) }), at: origin)
}

private func text(_ text: String) -> ConfigValue { ConfigValue(.text(text), at: origin) }

/// A dbt project in an SQLite file, whose tables are what its nodes' versions are read from.
private struct EvidenceWorld {
    let world: DBTWorld
    private let file: DatabaseQueue

    init(_ probes: ConfigValue? = nil) throws {
        let folder = try temporaryFolder()
        file = try DatabaseQueue(path: folder + "/shop.db")
        let seams = try surroundings(root: folder)
        let connection = try FreshetConnectors.SQLiteConnection(from: settings(["path": "shop.db"]), in: seams)
        let stated =
            probes
            ?? object(
                ("connection", text("shop")),
                ("default", object(("table", list("row_count", "max(t)")), ("source", list("row_count")))),
                ("nodes", object(("legacy", ConfigValue(.boolean(false), at: origin))))
            )
        // The database goes by the machine's clock.
        world = try DBTWorld(
            source: DBTWorld.source(stating: [("probes", stated)]),
            connections: ["shop": connection],
            now: seams.clock.now
        )
        try sql(
            "CREATE TABLE orders(t); INSERT INTO orders VALUES (1), (2); CREATE TABLE legacy(t); CREATE TABLE raw(t);"
        )
        world.manifest(
            sources: ["source.retail.shop.raw": #"{"relation_name": "\"main\".\"raw\""}"#],
            exposures: [
                "exposure.retail.board": #"{"type": "dashboard", "depends_on": {"nodes": ["model.retail.seen"]}}"#
            ],
            [
                "model.retail.orders": node("orders", "table", "source.retail.shop.raw"),
                "model.retail.legacy": node("legacy", "table"),
                "model.retail.seen": node("seen", "view", "model.retail.orders"),
            ]
        )
    }

    private func node(_ name: String, _ materialized: String, _ parents: String...) -> String {
        let nodes = parents.map { "\"\($0)\"" }.joined(separator: ",")
        return """
            {"name": "\(name)", "relation_name": "\\"main\\".\\"\(name)\\"", "checksum": {"checksum": "c"},
             "config": {"materialized": "\(materialized)"}, "depends_on": {"nodes": [\(nodes)]}}
            """
    }

    func sql(_ sql: String) throws { try file.write { try $0.execute(sql: sql) } }

    /// What a build of everything leads to; `code` is the SQL of the view.
    func build(_ run: String, code: String? = "SELECT t FROM orders") async throws -> SensorReading {
        let view = DBTRow(id: "model.retail.seen", message: "CREATE VIEW", code: code)
        world.run(run, .built("model.retail.orders"), .built("model.retail.legacy"), view)
        return try await world.tick()
    }
}

struct `The version of a node is read from its table` {
    @Test func `so that a rebuild that changed nothing is none`() async throws {
        let shop = try EvidenceWorld()
        let first = try await shop.build("run-1")
        #expect(first["orders"]?.version.figures == .known("row_count=2;max(t)=2"))
        #expect(first["orders"]?.signal == "row_count, max(t)")
        #expect(first["orders"]?.values["status"] == .text("success"))
        let second = try await shop.build("run-2")
        #expect(second["orders"]?.version == first["orders"]?.version)
        try shop.sql("DELETE FROM orders WHERE t = 1")
        #expect(try await shop.build("run-3")["orders"]?.version.figures == .known("row_count=1;max(t)=2"))
    }

    @Test func `unless the source says that it is not`() async throws {
        let shop = try EvidenceWorld()
        #expect(try await shop.build("run-1")["legacy"]?.version == .known("run-1"))
        #expect(try await shop.build("run-2")["legacy"]?.version == .known("run-2"))
    }

    @Test func `and a view has the versions of what it reads`() async throws {
        let shop = try EvidenceWorld()
        let first = try #require(try await shop.build("run-1")["seen"])
        #expect(first.signal == "parents")
        #expect(try await shop.build("run-2")["seen"]?.version == first.version)
        try shop.sql("INSERT INTO orders VALUES (3)")
        #expect(try await shop.build("run-3")["seen"]?.version != first.version)
    }

    @Test func `and says what it is made of, and no more when a run speaks of it`() async throws {
        let shop = try EvidenceWorld()
        let built = try #require(try await shop.build("run-1")["seen"]).values
        #expect(built.keys.sorted() == ["code", "orders"])
        #expect(built["orders"] == .text("row_count=2;max(t)=2"))
        try shop.sql("INSERT INTO orders VALUES (3)")
        shop.world.run("run-2", .built("model.retail.orders"))
        let moved = try #require(try await shop.world.tick()["seen"]).values
        #expect(moved["code"] == built["code"])
        #expect(moved["orders"] == .text("row_count=3;max(t)=3"))
    }

    @Test(arguments: [("max(t)", Strength.heuristic), ("checksum", .probable)])
    func `and is no better than the weakest of them`(_ figure: String, _ strength: Strength) async throws {
        let shop = try EvidenceWorld(
            object(("connection", text("shop")), ("default", object(("table", list(figure)))))
        )
        let reading = try await shop.build("run-1")
        #expect(reading["seen"]?.strength == strength)
        #expect(reading["board"]?.strength == strength)
    }

    @Test func `each says through which connection it was seen`() async throws {
        let shop = try EvidenceWorld()
        let reading = try await shop.build("run-1")
        #expect(reading["orders"]?.source == "shop")
        #expect(reading["legacy"]?.source == "artifacts")
        #expect(reading["seen"]?.source == "artifacts")
        try shop.sql("ALTER TABLE orders RENAME COLUMN t TO u")
        #expect(try await shop.build("run-2")["orders"]?.source == "shop")
    }

    @Test func `and moves when macros, variables or ephemeral models alter its SQL`() async throws {
        let shop = try EvidenceWorld()
        let first = try #require(try await shop.build("run-1")["seen"])
        let altered = try #require(try await shop.build("run-2", code: "SELECT t FROM orders WHERE t > 1")["seen"])
        #expect(altered.version != first.version)
        #expect(try await shop.build("run-3")["seen"]?.version == first.version)
    }

    @Test func `and moves with each build where nobody kept its SQL`() async throws {
        let shop = try EvidenceWorld()
        let first = try #require(try await shop.build("run-1", code: nil)["seen"])
        #expect(try await shop.build("run-2", code: nil)["seen"]?.version != first.version)
    }

    @Test func `the SQL of a view may stand in the manifest of its run`() async throws {
        let shop = try EvidenceWorld()
        func build(_ run: String, _ member: String, of invocation: String) async throws -> VersionState? {
            shop.world.manifest(
                invocation: invocation,
                [
                    "model.retail.orders": #"{"name": "orders", "config": {"materialized": "table"}}"#,
                    "model.retail.seen": """
                    {"name": "seen", \(member), "config": {"materialized": "view"},
                     "depends_on": {"nodes": ["model.retail.orders"]}}
                    """,
                ]
            )
            return try await shop.build(run, code: nil)["seen"]?.version
        }
        let first = try await build("run-1", #""compiled_code": "SELECT 1""#, of: "run-1")
        #expect(try await build("run-2", #""compiled_sql": "SELECT 1""#, of: "run-2") == first)
        #expect(try await build("run-3", #""compiled_code": "SELECT 2""#, of: "run-3") != first)
        // Somebody else's manifest says nothing of this run.
        #expect(try await build("run-4", #""compiled_code": "SELECT 1""#, of: "docs") != first)
    }

    @Test func `and so has an exposure`() async throws {
        let shop = try EvidenceWorld()
        let first = try #require(try await shop.build("run-1")["board"])
        #expect(first.signal == "parents")
        guard case .known = first.version else {
            Issue.record("\(first)")
            return
        }
        #expect(try await shop.build("run-2")["board"]?.version ?? first.version == first.version)
        try shop.sql("INSERT INTO orders VALUES (3)")
        #expect(try await shop.build("run-3")["board"]?.version != first.version)
    }

    @Test func `a source is looked at whenever dbt has run`() async throws {
        let shop = try EvidenceWorld()
        #expect(try await shop.build("run-1")["shop.raw"]?.version.figures == .known("row_count=0"))
        try shop.sql("INSERT INTO raw VALUES (1)")
        #expect(try await shop.world.tick()["shop.raw"] == nil)
        #expect(try await shop.build("run-2")["shop.raw"]?.version.figures == .known("row_count=1"))
    }

    @Test func `everything is looked at when a person asks`() async throws {
        let shop = try EvidenceWorld()
        _ = try await shop.build("run-1")
        try shop.sql("INSERT INTO orders VALUES (9)")
        #expect(try await shop.world.tick()["orders"] == nil)
        #expect(try await shop.world.tickForPerson()["orders"]?.version.figures == .known("row_count=3;max(t)=9"))
    }

    @Test func `a look in vain makes it unknown, and is made again`() async throws {
        let shop = try EvidenceWorld()
        _ = try await shop.build("run-1")
        try shop.sql("ALTER TABLE orders RENAME COLUMN t TO u")
        let reading = try await shop.build("run-2")
        let failed = try #require(reading["orders"])
        #expect(failed.version == .unknown)
        #expect(failed.message?.contains("t") == true)
        // That the view was built says nothing of what it reads.
        #expect(reading["seen"]?.version == .unknown)
        try shop.sql("ALTER TABLE orders RENAME COLUMN u TO t")
        #expect(try await shop.world.tick()["orders"]?.version.figures == .known("row_count=2;max(t)=2"))
        #expect(try await shop.world.tick()["orders"] == nil)
    }

    @Test func `a node that failed holds what reads it, whatever its table says`() async throws {
        let shop = try EvidenceWorld()
        _ = try await shop.build("run-1")
        shop.world.run("run-2", .failed("model.retail.orders"))
        let failed = try #require(try await shop.world.tick()["orders"])
        #expect(failed.health == .failed)
        #expect(failed.version.figures == .known("row_count=2;max(t)=2"))
        let mended = try #require(try await shop.build("run-3")["orders"])
        #expect(mended.health == .ok)
        #expect(mended.message == nil)
    }

    @Test func `a table is looked at again when a run of it may have been missed`() async throws {
        let shop = try EvidenceWorld()
        let first = try await shop.build("run-1")
        try shop.sql("INSERT INTO orders VALUES (9)")
        // It began after the last look, so that a run may have ended in between.
        shop.world.run("test-1", in: DBTWorld.resultsKey, at: "2999-01-01T00:00:00Z", which: "test")
        let second = try await shop.world.tick()
        #expect(second["orders"]?.version.figures == .known("row_count=3;max(t)=9"))
        #expect(second["legacy"]?.version != first["legacy"]?.version)
    }

    @Test func `what was left as it was is not looked at`() async throws {
        let shop = try EvidenceWorld()
        _ = try await shop.build("run-1")
        try shop.sql("INSERT INTO orders VALUES (9)")
        shop.world.run("run-2", .noOp("model.retail.orders"))
        #expect(try await shop.world.tick()["orders"]?.version.figures == .known("row_count=2;max(t)=2"))
    }

    @Test func `the dbt project itself can say what to look at`() async throws {
        let shop = try EvidenceWorld(object(("connection", text("shop"))))
        shop.world.manifest([
            "model.retail.orders": """
            {"name": "orders", "schema": "main", "config": {"materialized": "table",
             "meta": {"freshet": {"probe": ["max(t)"]}}}}
            """
        ])
        #expect(try await shop.build("run-1")["orders"]?.version.figures == .known("max(t)=2"))
    }

    @Test func `a pattern stands for several nodes, and a name before it`() async throws {
        let shop = try EvidenceWorld(
            object(
                ("connection", text("shop")),
                ("nodes", object(("*", list("row_count")), ("o*", list("max(t)")), ("orders", list("min(t)"))))
            )
        )
        let reading = try await shop.build("run-1")
        #expect(reading["orders"]?.version.figures == .known("min(t)=1"))
        #expect(reading["legacy"]?.version.figures == .known("row_count=0"))
    }

    @Test func `another table and the data's own time can be stated`() async throws {
        let figures = object(
            ("change", list("row_count")),
            ("table", text("main.legacy")),
            ("data_time", text("max(t)"))
        )
        let shop = try EvidenceWorld(object(("connection", text("shop")), ("nodes", object(("orders", figures)))))
        try shop.sql("INSERT INTO legacy VALUES ('2026-05-04 05:58:00')")
        let seen = try #require(try await shop.build("run-1")["orders"])
        #expect(seen.version.figures == .known("row_count=1"))
        #expect(seen.dataTime == Timestamp(iso8601: "2026-05-04T05:58:00Z"))
    }
}

struct `Probes of a dbt source that cannot work` {
    @Test func `what its signals miss is told of each node, and of what is made of it`() async throws {
        let weak = object(
            ("connection", text("shop")),
            ("default", object(("table", list("max(t)")))),
            ("nodes", object(("legacy", ConfigValue(.boolean(false), at: origin))))
        )
        let world = try EvidenceWorld(weak).world
        _ = try await world.discover()
        #expect(world.source.caveats(of: "dbt/retail/orders")?.strength == .heuristic)
        #expect(world.source.caveats(of: "dbt/retail/seen")?.strength == .heuristic)
        #expect(world.source.caveats(of: "dbt/retail/board")?.strength == .heuristic)
        #expect(world.source.caveats(of: "dbt/retail/legacy") == nil)
    }

    @Test func `a look may take as long as the slowest of its tables needs`() throws {
        let slow = object(
            ("connection", text("shop")),
            ("nodes", object(("orders", object(("change", list("checksum")), ("timeout", text("5m"))))))
        )
        #expect(try DBTWorld.source(stating: [("probes", slow)]).patience == .seconds(610))
        #expect(try DBTWorld.source().patience == .seconds(60))
    }

    private func refusal(_ probes: ConfigValue) -> String? {
        do {
            _ = try DBTWorld.source(stating: [("probes", probes)])
            return nil
        } catch {
            return (error as? Diagnostic)?.message
        }
    }

    @Test func `are refused when the project loads`() {
        let tables = { object(("connection", text("shop")), ("default", object(("table", $0)))) }
        #expect(refusal(tables(list("rows"))) == "'rows' is not a figure of a table")
        #expect(refusal(tables(ConfigValue(.boolean(true), at: origin))) == "'true' does not say what to look at")
        #expect(
            refusal(object(("default", object(("table", list("row_count"))))))
                == "there is no connection to look through"
        )
        #expect(
            refusal(object(("connection", text("shop")), ("every", text("0s"))))
                == "'every' has to be longer than nothing"
        )
    }
}
