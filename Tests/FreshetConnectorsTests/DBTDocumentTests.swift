import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

private let orders = "model.retail.orders"
private let noJSON = "it is not JSON, or is half-written"

struct `A file that cannot be used fails the tick` {
    private let world: DBTWorld

    init() throws { world = try DBTWorld() }

    private func expectUnreadable(_ key: String, _ reason: String) async {
        await #expect(throws: DBTError.unreadable(document: key, reason: reason)) { try await world.tick() }
    }

    @Test(arguments: [
        ("", "it is empty"),
        ("\n", "it is empty"),
        ("\n<!DOCTYPE html><html></html>", "it is HTML or XML, not JSON"),
        ("{\"metadata\": {}, \"results\": [{", noJSON),
        ("{\"metadata\": {}, \"results\": []} trailing", noJSON),
        ("AccessDenied", noJSON),
        ("[]", "a value of an unexpected type at the top"),
        ("{\"metadata\": {}}", "there is no 'results' at the top"),
        ("{\"metadata\": {}, \"results\": 3}", "a value of an unexpected type in results"),
        ("{\"metadata\": {}, \"results\": [{\"status\": \"success\"}]}", "there is no 'unique_id' in results/0"),
    ])
    func `results`(_ text: String, _ reason: String) async throws {
        world.put(DBTWorld.resultsKey, text)
        await expectUnreadable(DBTWorld.resultsKey, reason)
    }

    @Test func `results of another kind`() async throws {
        let error = DBTError.other(document: DBTWorld.resultsKey, kind: "sources", expected: "run-results")
        let schema = #""metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/sources/v3.json"}"#
        for body in [#""results": []"#, #""sources": {}"#] {
            world.put(DBTWorld.resultsKey, "{\(schema), \(body)}")
            await #expect(throws: error) { try await world.tick() }
        }
        #expect(error.description.contains("dbt's sources file, where its run-results file is expected"))
    }

    @Test func `a manifest, and nothing of the run is lost`() async throws {
        world.put(DBTWorld.manifestKey, "{\"metadata\": {}, \"nodes\": {")
        world.run("run-1", .built(orders))
        await expectUnreadable(DBTWorld.manifestKey, noJSON)
        #expect(world.cursorText == nil)
        world.manifest([orders: "{}"])
        #expect(try await world.tick()["orders"]?.version == .known("run-1"))
    }

    @Test func `half of a new file leaves the old state`() async throws {
        world.run("run-1", .built(orders))
        try await world.tick()
        let cursor = world.cursorText
        world.put(DBTWorld.resultsKey, "{\"metadata\": {\"invocation_id\": \"run-2\"}, \"results\": [{\"unique_id\"")
        await expectUnreadable(DBTWorld.resultsKey, noJSON)
        #expect(world.cursorText == cursor)
    }
}

struct `What dbt 2 writes is read as well` {
    private let world: DBTWorld

    init() throws { world = try DBTWorld() }

    @Test func `null where there used to be nothing in a list`() async throws {
        world.put(
            DBTWorld.manifestKey,
            """
            {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "adapter_type": null},
             "nodes": {
               "model.retail.orders": {
                 "tags": null, "meta": null, "group": null, "description": null, "database": null, "version": null,
                 "checksum": {"name": "SHA256", "checksum": "00"},
                 "depends_on": {"macros": null, "nodes": ["model.retail.items"],
                                "nodes_with_ref_location": [["model.retail.items", {"line": 1}]]},
                 "config": {"tags": null, "meta": null, "group": null, "materialized": "table", "enabled": true,
                            "unique_key": null, "post-hook": null, "pre-hook": null}},
               "model.retail.items": {"config": null, "depends_on": null}},
             "sources": null, "groups": null}
            """
        )
        let specs = try await world.discover()
        #expect(specs.map(\.key.path) == ["dbt/retail/items", "dbt/retail/orders"])
        #expect(specs.last?.dependencies == ["dbt/retail/items"])
    }

    @Test func `whatever stands in macros and tests`() async throws {
        world.put(
            DBTWorld.manifestKey,
            """
            {"metadata": {}, "macros": [1], "docs": 2, "disabled": null, "parent_map": "x", "exposures": {"a": []},
             "nodes": {"test.retail.a": 7, "unit_test.retail.b": null, "model.retail.orders": {"columns": 7}}}
            """
        )
        #expect(try await world.discover().map(\.key) == ["dbt/retail/orders"])
    }

    @Test func `results without what it leaves out, and with what it adds`() async throws {
        world.put(
            DBTWorld.resultsKey,
            """
            {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
               "generated_at": "2026-11-20T05:00:00.123456789Z", "invocation_id": "01938c2e-7a4b-7000-8000-000000000000"},
             "args": {"which": "run", "__other__": {"a": 1}}, "elapsed_time": 1.0,
             "results": [{"unique_id": "model.retail.orders", "status": "success", "timing": null, "message": null,
               "adapter_response": null, "execution_time": null, "thread_id": null}]}
            """
        )
        let observation = try #require(try await world.tick()["orders"])
        #expect(observation.version == .known("01938c2e-7a4b-7000-8000-000000000000"))
        #expect(observation.values.keys.sorted() == ["invocation_id", "status"])
    }

    @Test func `a run without an id is told by its time`() async throws {
        world.put(
            DBTWorld.resultsKey,
            """
            {"metadata": {"invocation_id": null, "generated_at": "2026-11-20T05:00:00+00:00"},
             "args": {"which": "run"}, "results": [{"unique_id": "model.retail.orders", "status": "success"}]}
            """
        )
        #expect(try await world.tick()["orders"]?.version == .known("2026-11-20T05:00:00+00:00"))
    }

    @Test(arguments: [
        ("2026-11-20T05:00:00.123456789Z", "2026-11-20T05:00:00.123Z"),
        ("2026-11-20T05:00:00.123456+00:00", "2026-11-20T05:00:00.123Z"),
        ("2026-11-20T05:00:00.123456", "2026-11-20T05:00:00.123Z"),
        ("yesterday", "yesterday"),
    ])
    func `times with any number of digits and with or without a zone`(_ given: String, _ read: String) async throws {
        world.put(
            DBTWorld.resultsKey,
            """
            {"metadata": {"invocation_id": "run-1"}, "args": {"which": "run"}, "results": [
              {"unique_id": "model.retail.orders", "status": "success",
               "timing": [{"name": "execute", "completed_at": "\(given)"}]}]}
            """
        )
        #expect(try await world.tick()["orders"]?.values["completed_at"] == .text(read))
    }
}

struct `The settings of a dbt source` {
    @Test func `say where its assets stand and how often it looks`() throws {
        let source = try DBTWorld.source(["every": "5m"])
        #expect(source.prefix == "dbt/retail/")
        #expect(source.assetKind == "dbt.node")
        #expect(source.every == .seconds(300))
        #expect(try DBTWorld.source().every == .seconds(30))
    }

    @Test(arguments: ["project": "", "every": "0s", "manifest": "", "run_results": ""].sorted { $0.key < $1.key })
    func `are refused where they cannot work`(_ field: String, _ value: String) {
        #expect(throws: Diagnostic.self) { try DBTWorld.source([field: value]) }
    }

    @Test func `are required where nothing stands in for them`() {
        let empty = Settings(ConfigValue(.object([]), at: Origin(file: "freshet.yaml")))
        #expect(throws: Diagnostic.self) { try DBTSource(from: empty) }
    }
}
