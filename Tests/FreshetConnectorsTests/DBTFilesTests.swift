import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

private let orders = "model.retail.orders"
private let items = "model.retail.items"
private let origin = Origin(file: "freshet.yaml")

struct `The results of every run can lie in files of their own` {
    private let world: DBTWorld

    init() throws {
        let pattern = ConfigValue(.text("runs/*/run_results.json"), at: origin)
        world = try DBTWorld(source: DBTWorld.source(stating: [("run_results", pattern)]))
        world.manifest([orders: "{}", items: "{}"])
    }

    private func key(_ run: String) -> String { "runs/\(run)/run_results.json" }

    @Test func `and none of them is missed`() async throws {
        #expect(try await world.tick().message == "no run yet: nothing fits 'runs/*/run_results.json'")
        world.run("a", in: key("a"), at: "2026-11-20T05:00:00Z", .built(orders))
        world.run("b", in: key("b"), at: "2026-11-20T06:00:00Z", .built(items))
        world.run("docs", in: key("c"), at: "2026-11-20T07:00:00Z", which: "generate", .built(orders))
        let reading = try await world.tick()
        #expect(reading["orders"]?.version == .known("a"))
        #expect(reading["items"]?.version == .known("b"))
        #expect(reading.message.contains("1 of commands that build nothing"))
        #expect(try await world.tick().message == "no new run")
    }

    @Test func `one that comes late, or from a slow clock, moves what it built and nothing else`() async throws {
        world.run("b", in: key("a"), at: "2026-11-20T06:00:00Z", .built(orders), .failed(items))
        try await world.tick()
        world.run("late", in: key("z"), at: "2026-11-20T04:00:00Z", .built(orders), .built(items))
        let late = try await world.tick()
        let moved = try #require(late["orders"])
        #expect(moved.version != .known("b"))
        #expect(moved.version != .unknown)
        #expect(late["items"]?.version == .known("late"))
        #expect(late["items"]?.health == .failed)
        // A copy of what was read already is none.
        world.run("late", in: key("copy"), at: "2026-11-20T04:00:00Z", .built(orders), .built(items))
        #expect(try await world.tick()["orders"] == nil)
        world.run("c", in: key("c"), at: "2026-11-20T07:00:00Z", .noOp(orders))
        #expect(try await world.tick()["orders"]?.version == moved.version)
    }

    @Test func `one that failed late may have written`() async throws {
        world.run("b", in: key("a"), at: "2026-11-20T06:00:00Z", .built(orders))
        try await world.tick()
        world.run("late", in: key("z"), at: "2026-11-20T04:00:00Z", .failed(orders), .failed(items))
        let late = try await world.tick()
        let moved = try #require(late["orders"])
        #expect(moved.version != .known("b"))
        #expect(moved.health == .ok)
        #expect(late["items"]?.version == .unknown)
    }

    @Test func `in the order in which they ended, whenever they come`() async throws {
        world.run("b", in: key("a"), at: "2026-11-20T06:00:00Z", .built(orders))
        world.run("a", in: key("b"), at: "2026-11-20T05:00:00.123456789+00:00", .failed(orders))
        let reading = try await world.tick()
        #expect(reading["orders"]?.version == .known("b"))
        #expect(reading["orders"]?.health == .ok)
        world.run("late", in: key("z"), at: "2026-11-20T04:00:00Z", .built(orders), .built(items))
        let late = try await world.tick()
        #expect(late["orders"]?.health == .ok)
        #expect(late["items"]?.version == .known("late"))
    }

    @Test func `one that is half written hides no other, and is read when it is whole`() async throws {
        world.run("a", in: key("a"), at: "2026-11-20T05:00:00Z", .built(orders))
        world.put(key("b"), "{\"metadata\": {")
        let reading = try await world.tick()
        #expect(reading["orders"]?.version == .known("a"))
        #expect(reading.message.contains("cannot be read"))
        world.run("b", in: key("b"), at: "2026-11-20T06:00:00Z", .built(items))
        #expect(try await world.tick()["items"]?.version == .known("b"))
    }

    @Test func `many of them are read in several looks, the oldest first, and none is forgotten`() async throws {
        func name(_ index: Int) -> String { "n\(index)" }
        for index in 0..<450 {
            world.run(
                name(index),
                in: key(name(index)),
                at: "2026-11-20T05:00:00Z",
                .built("model.retail.\(name(index))")
            )
        }
        let first = try await world.tick()
        #expect(first[name(0)]?.version == .known("n0"))
        #expect(first[name(300)] == nil)
        #expect(first.message.contains("250 more results are left for the next looks"))
        let second = try await world.tick()
        #expect(second[name(300)]?.version == .known("n300"))
        #expect(second.message.contains("50 more"))
        let third = try await world.tick()
        #expect(third[name(449)]?.version == .known("n449"))
        #expect(!third.message.contains("left"))
        let seen = Set(first.observations.keys).union(second.observations.keys).union(third.observations.keys)
        #expect(seen.count == 450)
    }

    @Test func `any number of bad ones keeps no other waiting`() async throws {
        for index in 0..<200 { world.put(key("bad\(index)"), "{") }
        try await world.tick()
        world.run("good", in: key("good"), at: "2026-11-20T05:00:00Z", .built(orders))
        #expect(try await world.tick()["orders"]?.version == .known("good"))
    }

    @Test func `an HTTP server cannot list them`() async throws {
        let seams = try surroundings()
        let store = try HTTPConnection(from: settings(["base_url": "http://127.0.0.1:1"]), in: seams)
        await #expect(throws: ArtifactError.noList(prefix: "runs/")) {
            try await store.list(ArtifactQuery(prefix: "runs/"))
        }
    }
}

struct `Results are held against the manifest` {
    @Test func `whose settings are those of the run only if it is of the same invocation`() async throws {
        let world = try DBTWorld()
        let incremental = #"{"config": {"materialized": "incremental", "incremental_strategy": "merge"}}"#
        world.manifest(invocation: "run-1", [orders: incremental])
        world.run("run-1", .rows("5", orders))
        try await world.tick()
        world.manifest(invocation: "run-2", [orders: incremental])
        world.run("run-2", .rows("0", orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-1"))
        // The manifest is not of this run: what strategy it went by is not known.
        world.run("run-3", .rows("0", orders))
        let reading = try await world.tick()
        #expect(reading["orders"]?.version == .known("run-3"))
        #expect(reading.message.contains("the manifest is of another command"))
    }

    @Test func `and batches are counted`() async throws {
        let world = try DBTWorld()
        world.put(
            DBTWorld.resultsKey,
            """
            {"metadata": {"invocation_id": "run-1"}, "args": {"which": "run"}, "results": [
              {"unique_id": "\(orders)", "status": "partial success", "message": "PARTIAL SUCCESS (2/3)",
               "batch_results": {"successful": [["2026-01-01", "2026-01-02"], ["2026-01-02", "2026-01-03"]],
                                 "failed": [["2026-01-03", null]]}}]}
            """
        )
        let seen = try #require(try await world.tick()["orders"])
        #expect(seen.health == .failed)
        #expect(seen.message == "PARTIAL SUCCESS (2/3)")
        #expect(seen.values["batches_failed"] == .integer(1))
        #expect(seen.values["batches_succeeded"] == .integer(2))
    }
}

struct `What dbt found of the freshness of its sources` {
    private let world: DBTWorld

    init() throws {
        let file = ConfigValue(.text("prod/sources.json"), at: origin)
        world = try DBTWorld(source: DBTWorld.source(stating: [("sources", file)]))
        let stated = #"{"freshness": {"warn_after": {"count": 12, "period": "hour"}}, "loaded_at_field": "t"}"#
        world.manifest(
            sources: ["source.retail.shop.a": stated, "source.retail.shop.b": stated, "source.retail.shop.c": "{}"],
            [orders: "{}"]
        )
    }

    private func found(_ rows: String...) async throws -> SensorReading {
        world.put("prod/sources.json", "{\"metadata\": {}, \"results\": [\(rows.joined(separator: ","))]}")
        return try await world.tick()
    }

    private func row(_ name: String, _ status: String = "pass", at time: String? = "2026-11-20T05:00:00+00:00")
        -> String
    {
        let time = time.map { "\"\($0)\"" } ?? "null"
        return #"{"unique_id": "source.retail.shop.\#(name)", "status": "\#(status)", "max_loaded_at": \#(time)}"#
    }

    @Test func `is a version that moves with new rows`() async throws {
        let seen = try #require(try await found(row("a"), row("b"))["shop.a"])
        #expect(seen.version == .known("max_loaded_at=2026-11-20T05:00:00+00:00"))
        #expect(seen.strength == .heuristic)
        #expect(seen.dataTime == Timestamp(iso8601: "2026-11-20T05:00:00Z"))
        #expect(try await world.tick()["shop.a"] == nil)
        let moved = try await found(row("a", at: "2026-11-20T05:00:00.123456Z"), row("b"))
        #expect(moved["shop.a"]?.version != seen.version)
        #expect(moved["shop.b"]?.version == seen.version)
    }

    @Test func `to the last digit that dbt writes`() async throws {
        let seen = try #require(try await found(row("a", at: "2026-11-20T05:00:00.123456Z"), row("b"))["shop.a"])
        let moved = try await found(row("a", at: "2026-11-20T05:00:00.123457Z"), row("b"))
        #expect(moved["shop.a"]?.version != seen.version)
    }

    @Test func `is unknown where dbt leaves the source out`() async throws {
        let reading = try await found(row("a"))
        #expect(reading["shop.b"]?.version == .unknown)
        #expect(reading["shop.b"]?.health == .ok)
        #expect(reading["shop.c"] == nil)
    }

    @Test(arguments: ["0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00Z", nil])
    func `is unknown where there is no time`(_ time: String?) async throws {
        let seen = try #require(try await found(row("a", at: time), row("b"))["shop.a"])
        #expect(seen.version == .unknown)
        #expect(seen.dataTime == nil)
    }

    @Test func `is unknown where the query failed`() async throws {
        let failed = #"{"unique_id": "source.retail.shop.a", "status": "runtime error", "error": "no such column"}"#
        let seen = try #require(try await found(failed, row("b"))["shop.a"])
        #expect(seen.version == .unknown)
        #expect(seen.message == "dbt could not see how fresh it is: no such column")
    }

    @Test(arguments: ["warn", "error"])
    func `holds nothing where it is old: there is nothing new to refresh`(_ status: String) async throws {
        let seen = try #require(try await found(row("a", status), row("b"))["shop.a"])
        #expect(seen.health == .ok)
        #expect(seen.message == "older than its freshness allows (\(status)_after)")
    }
}

struct `An exposure names what it is shown in` {
    private static let workspace = "cfafbeb1-8037-4d0c-896e-a46fb27ff229"
    private static let id = "5b218778-e7a5-4d73-8187-f10824047715"

    private func target(_ exposure: String) throws -> DBTExposureLinks.Target? {
        let manifest = try DBTManifest(
            parsing: Array(#"{"nodes": {}, "exposures": {"exposure.x.y": \#(exposure)}}"#.utf8),
            named: "manifest.json"
        )
        return try DBTExposureLinks.target(of: #require(manifest.exposures["exposure.x.y"]))
    }

    @Test func `in its meta, in three ways`() throws {
        #expect(
            try target(#"{"config": {"meta": {"freshet": {"powerbi_dataset": "Retail/Sales"}}}, "url": "x"}"#)
                == .model("Sales", workspace: "Retail")
        )
        #expect(try target(#"{"meta": {"freshet": {"powerbi_dataset": "Sales"}}}"#) == .model("Sales", workspace: nil))
        #expect(try target(#"{"meta": {"powerbi_dataset_id": "\#(Self.id)"}}"#) == .model(Self.id, workspace: nil))
    }

    @Test(arguments: [
        ("datasets/\(id)/details", DBTExposureLinks.Target.model(id, workspace: workspace)),
        ("datasets/\(id)", .model(id, workspace: workspace)),
        ("reports/\(id)/ReportSection?experience=power-bi", .report(id, workspace: workspace)),
        ("rdlreports/\(id)#x", .report(id, workspace: workspace)),
    ])
    func `in its address`(_ path: String, _ wanted: DBTExposureLinks.Target) throws {
        #expect(try target(#"{"url": "https://app.powerbi.com/groups/\#(Self.workspace)/\#(path)"}"#) == wanted)
    }

    @Test(arguments: [
        "https://app.powerbi.com/groups/me/reports/\(id)", "https://app.powerbi.com/view?r=eyJrIjoi",
        "https://bi.example",
        "https://app.powerbi.com/groups/\(workspace)/dashboards/\(id)", "",
    ])
    func `and where the address does not say it, nothing is linked`(_ url: String) throws {
        #expect(try target(#"{"url": "\#(url)"}"#) == nil)
    }

    @Test func `and is an asset behind what it reads`() async throws {
        let world = try DBTWorld()
        world.manifest(
            exposures: [
                "exposure.retail.weekly": """
                {"type": "dashboard", "maturity": "high", "label": "Weekly sales", "owner": {"name": "Ann", "email": "a@b"},
                 "tags": ["board"], "depends_on": {"nodes": ["\(orders)"]},
                 "meta": {"freshet": {"powerbi_dataset": "Retail/Sales"}}}
                """
            ],
            [orders: "{}"]
        )
        let spec = try #require(try await world.discover().first { $0.labels.kind == "dbt.exposure" })
        #expect(spec.key == "dbt/retail/weekly")
        #expect(spec.dependencies == ["dbt/retail/orders"])
        #expect(spec.labels.owners == ["Ann"])
        #expect(spec.labels.description == "Weekly sales")
        #expect(spec.labels.tags == ["board": "", "maturity": "high", "type": "dashboard"])
        #expect(
            spec.links == [
                AssetLink(kind: "powerbi.semantic_model", settings: ["model": ["Sales"], "workspace": ["Retail"]])
            ]
        )
    }

    @Test func `it is unknown while what it reads is`() async throws {
        let world = try DBTWorld()
        world.manifest(
            sources: ["source.retail.shop.raw": "{}"],
            exposures: ["exposure.retail.e": #"{"depends_on": {"nodes": ["source.retail.shop.raw", "\#(orders)"]}}"#],
            [orders: "{}"]
        )
        world.run("run-1", .built(orders))
        let seen = try #require(try await world.tick()["e"])
        #expect(seen.version == .unknown)
        #expect(seen.message?.contains("shop.raw") == true)
    }

    private func exposure(reading ids: String...) -> [String: String] {
        let nodes = ids.map { "\"\($0)\"" }.joined(separator: ",")
        return ["exposure.retail.e": "{\"depends_on\": {\"nodes\": [\(nodes)]}}"]
    }

    @Test func `it follows what it reads through metrics, saved queries and semantic models`() async throws {
        let world = try DBTWorld()
        world.manifest(
            exposures: exposure(reading: "saved_query.retail.weekly"),
            sections: [
                "saved_queries": ["saved_query.retail.weekly": #"{"depends_on": {"nodes": ["metric.retail.sum"]}}"#],
                "metrics": ["metric.retail.sum": #"{"depends_on": {"nodes": ["semantic_model.retail.sales"]}}"#],
                "semantic_models": ["semantic_model.retail.sales": "{\"depends_on\": {\"nodes\": [\"\(orders)\"]}}"],
            ],
            [orders: "{}"]
        )
        #expect(try await world.discover().first { $0.key == "dbt/retail/e" }?.dependencies == ["dbt/retail/orders"])
        world.run("run-1", .built(orders))
        let first = try #require(try await world.tick()["e"])
        #expect(first.version != .unknown)
        world.run("run-2", .built(orders))
        let second = try #require(try await world.tick()["e"])
        #expect(second.version != first.version)
    }

    @Test(arguments: ["metric.retail.gone", "metric.retail.empty", "function.retail.f"])
    func `it is unknown where something that it reads leads nowhere, and says what`(_ id: String) async throws {
        let world = try DBTWorld()
        world.manifest(
            exposures: exposure(reading: orders, id),
            sections: ["metrics": ["metric.retail.empty": "{}"]],
            [orders: "{}"]
        )
        world.run("run-1", .built(orders))
        let seen = try #require(try await world.tick()["e"])
        #expect(seen.version == .unknown)
        #expect(seen.message == "the manifest does not say what is behind '\(id)', which it depends on")
    }

    @Test func `it is unknown where nobody says what it reads`() async throws {
        let world = try DBTWorld()
        world.manifest(exposures: exposure(), [orders: "{}"])
        world.run("run-1", .built(orders))
        let seen = try #require(try await world.tick()["e"])
        #expect(seen.version == .unknown)
        #expect(seen.message?.contains("does not say what it depends on") == true)
    }
}
