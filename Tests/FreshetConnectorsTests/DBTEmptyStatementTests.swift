import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

private let orders = "model.retail.orders"

/// Facts about a run that wrote no rows, and whether they prove that the table is as it was.
private struct Case: CustomTestStringConvertible, Sendable {
    var adapter = "postgres"
    var config = #"{"materialized": "incremental", "incremental_strategy": "merge"}"#
    var code = "MERGE"
    var rows = "0"
    var version = "1.8.2"

    var testDescription: String { "\(adapter) \(version) \(code) \(rows) \(config)" }
}

struct `Zero rows are believed where they are counted` {
    private func versionAfter(_ given: Case) async throws -> VersionState? {
        let world = try DBTWorld()
        world.manifest(adapter: given.adapter, [orders: #"{"config": \#(given.config)}"#])
        world.run("run-1", .built(orders))
        try await world.tick()
        world.run("run-2", version: given.version, .rows(given.rows, code: given.code, orders))
        return try await world.tick()["orders"]?.version
    }

    @Test(arguments: [
        Case(),
        Case(rows: "0.0"),
        Case(config: #"{"materialized": "incremental", "incremental_strategy": "append"}"#, code: "INSERT"),
        Case(config: #"{"materialized": "incremental", "incremental_strategy": null}"#, code: "INSERT"),
        Case(config: #"{"materialized": "snapshot"}"#, code: "INSERT"),
        Case(adapter: "bigquery", config: #"{"materialized": "incremental", "pre-hook": [], "unique_key": "id"}"#),
        Case(adapter: "bigquery", config: #"{"materialized": "snapshot", "hard_deletes": "invalidate"}"#),
        Case(adapter: "snowflake"),
    ])
    fileprivate func `believed`(_ given: Case) async throws {
        #expect(try await versionAfter(given) == .known("run-1"))
    }

    @Test(arguments: [
        Case(rows: "1"),
        Case(rows: "-1"),
        Case(rows: "null"),
        Case(code: "SELECT"),
        Case(code: "CREATE VIEW"),
        Case(config: #"{"materialized": "table"}"#, code: "INSERT"),
        Case(config: #"{"materialized": "view"}"#),
        Case(config: "null"),
        Case(config: #"{"materialized": "incremental", "incremental_strategy": "delete+insert"}"#, code: "INSERT"),
        Case(config: #"{"materialized": "incremental", "incremental_strategy": "insert_overwrite"}"#),
        Case(config: #"{"materialized": "incremental", "incremental_strategy": "microbatch"}"#),
        Case(config: #"{"materialized": "incremental", "unique_key": ["id"]}"#, code: "INSERT"),
        Case(config: #"{"materialized": "incremental", "post-hook": [{"sql": "delete from x"}]}"#),
        Case(config: #"{"materialized": "incremental", "pre-hook": ["delete from x"]}"#),
        Case(config: #"{"materialized": "snapshot", "hard_deletes": "invalidate"}"#, code: "INSERT"),
        Case(config: #"{"materialized": "snapshot", "invalidate_hard_deletes": true}"#, code: "INSERT"),
        Case(adapter: "bigquery", code: "INSERT"),
        Case(adapter: "bigquery", code: "DROP"),
        Case(adapter: "snowflake", version: "1.1.3"),
        Case(adapter: "snowflake", version: "unknown"),
        Case(adapter: "snowflake", code: "SUCCESS"),
        Case(adapter: "redshift"),
        Case(adapter: "databricks"),
        Case(adapter: "oracle"),
        Case(adapter: "teradata"),
        Case(adapter: "sqlserver"),
        Case(adapter: "duckdb"),
    ])
    fileprivate func `not believed`(_ given: Case) async throws {
        #expect(try await versionAfter(given) == .known("run-2"))
    }

    @Test func `without a manifest nothing is believed`() async throws {
        let world = try DBTWorld()
        world.run("run-1", .built(orders))
        try await world.tick()
        world.run("run-2", .rows("0", orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-2"))
    }

    @Test func `zero rows after a failure are a change`() async throws {
        let world = try DBTWorld()
        world.manifest([orders: #"{"config": {"materialized": "incremental", "incremental_strategy": "merge"}}"#])
        world.run("run-1", .built(orders))
        try await world.tick()
        world.run("run-2", .failed(orders))
        try await world.tick()
        world.run("run-3", .rows("0", orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-3"))
    }
}
