import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

struct `The nodes of a dbt project become assets` {
    private let world: DBTWorld

    init() throws { world = try DBTWorld() }

    private func dependencies() async throws -> [String: [String]] {
        let specs = try await world.discover()
        return Dictionary(uniqueKeysWithValues: specs.map { ($0.key.path, $0.dependencies.map(\.path)) })
    }

    private func labels(_ node: String) async throws -> Labels {
        world.manifest(
            groups: #"{"group.retail.finance": {"name": "finance", "owner": {"email": "finance@example.com"}}}"#,
            ["model.retail.orders": node]
        )
        return try #require(try await world.discover().first).labels
    }

    private func reading(_ parents: String...) -> String {
        #"{"depends_on": {"nodes": [\#(parents.map { "\"\($0)\"" }.joined(separator: ", "))]}}"#
    }

    @Test func `with the nodes that they read`() async throws {
        world.manifest(
            sources: ["source.retail.shop.orders": "{}"],
            [
                "model.retail.orders": reading("source.retail.shop.orders", "seed.retail.countries"),
                "seed.retail.countries": #"{"depends_on": {"macros": []}}"#,
                "snapshot.retail.orders_history": reading("model.retail.orders"),
                "test.retail.not_null": reading("model.retail.orders"),
                "operation.retail.on_run_end": "{}",
                "analysis.retail.a": "{}",
            ]
        )
        #expect(
            try await dependencies() == [
                "dbt/retail/countries": [],
                "dbt/retail/not_null": ["dbt/retail/orders"],
                "dbt/retail/orders": ["dbt/retail/countries", "dbt/retail/shop.orders"],
                "dbt/retail/orders_history": ["dbt/retail/orders"],
                "dbt/retail/shop.orders": [],
            ]
        )
    }

    @Test func `in the order of their keys, and only to be looked at`() async throws {
        world.manifest(["model.retail.b": "{}", "model.retail.a": "{}", "seed.retail.c": "{}"])
        let specs = try await world.discover()
        #expect(specs.map(\.key.path) == ["dbt/retail/a", "dbt/retail/b", "dbt/retail/c"])
        #expect(specs.allSatisfy { $0.isObserved })
    }

    @Test func `without ephemeral models, whose parents take their place`() async throws {
        func ephemeral(_ parent: String) -> String {
            #"{"config": {"materialized": "ephemeral"}, "depends_on": {"nodes": ["\#(parent)"]}}"#
        }
        world.manifest([
            "model.retail.a": "{}",
            "model.retail.b": ephemeral("model.retail.a"),
            "model.retail.c": ephemeral("model.retail.b"),
            "model.retail.d": reading("model.retail.c"),
        ])
        #expect(try await dependencies() == ["dbt/retail/a": [], "dbt/retail/d": ["dbt/retail/a"]])
        world.run("run-1", .built("model.retail.c"), .built("model.retail.d"))
        #expect(try await world.tick().observations.keys.map(\.path) == ["dbt/retail/d"])
    }

    @Test func `even when ephemeral models read each other, and a model itself`() async throws {
        let parents = #"{"nodes": ["model.retail.a", "model.retail.b"]}"#
        let circle = #"{"config": {"materialized": "ephemeral"}, "depends_on": \#(parents)}"#
        world.manifest([
            "model.retail.a": circle, "model.retail.b": circle,
            "model.retail.c": reading("model.retail.a", "model.retail.c", "model.elsewhere.d"),
        ])
        #expect(try await dependencies() == ["dbt/retail/c": []])
    }

    @Test func `without disabled nodes`() async throws {
        world.manifest(["model.retail.a": #"{"config": {"enabled": false}}"#])
        #expect(try await world.discover().isEmpty)
    }

    @Test func `with the version of a versioned model`() async throws {
        world.manifest([
            "model.retail.orders.v1": #"{"name": "orders", "version": 1}"#,
            "model.retail.orders.v2": #"{"name": "orders", "version": "2"}"#,
        ])
        #expect(try await dependencies().keys.sorted() == ["dbt/retail/orders.v1", "dbt/retail/orders.v2"])
        world.run("run-1", .built("model.retail.orders.v2"))
        #expect(try await world.tick()["orders.v2"]?.version == .known("run-1"))
    }

    @Test func `with their package where a name is not unique`() async throws {
        world.manifest([
            "model.retail.orders": reading("model.shop.orders"), "model.shop.orders": "{}", "model.shop.items": "{}",
        ])
        #expect(
            try await dependencies() == [
                "dbt/retail/items": [], "dbt/retail/retail.orders": ["dbt/retail/shop.orders"],
                "dbt/retail/shop.orders": [],
            ]
        )
        world.run("run-1", .built("model.shop.orders"))
        #expect(try await world.tick()["shop.orders"]?.version == .known("run-1"))
    }

    @Test func `with their whole id where even that is not unique`() async throws {
        world.manifest(
            sources: ["source.x.shop.orders": "{}"],
            ["model.retail.orders": "{}", "model.shop.orders": "{}"]
        )
        #expect(
            try await dependencies().keys.sorted() == [
                "dbt/retail/model.shop.orders", "dbt/retail/retail.orders", "dbt/retail/x.shop.orders",
            ]
        )
    }

    @Test func `with labels for people`() async throws {
        let found = try await labels(
            """
            {"tags": ["daily"], "description": "\\n  One row an order.  \\nMore.",
             "config": {"tags": "core", "meta": {"owner": "Ann"}}}
            """
        )
        #expect(
            found
                == Labels(
                    kind: "dbt.model",
                    owners: ["Ann"],
                    tags: ["core": "", "daily": ""],
                    description: "One row an order."
                )
        )
    }

    @Test func `with the owner of their group`() async throws {
        let found = try await labels(#"{"config": {"group": "finance"}}"#)
        #expect(found.group == "finance")
        #expect(found.owners == ["finance@example.com"])
    }

    @Test(arguments: [
        (#"{"meta": {"owner": ["Ann", "Ben"]}}"#, ["Ann", "Ben"]),
        (#"{"meta": {"owner": {"name": "Ann", "email": "ann@example.com"}}}"#, ["Ann"]),
        (#"{"meta": {"owner": {"email": ["ann@example.com"]}}}"#, ["ann@example.com"]),
        (#"{"meta": {"owner": 7}, "tags": {"a": 1}, "description": [], "group": 3}"#, []),
    ])
    func `with owners however they are written`(_ node: String, _ owners: [String]) async throws {
        #expect(try await labels(node).owners == owners)
    }

    @Test func `without a manifest there is an error`() async throws {
        await #expect(throws: DBTError.missing(document: DBTWorld.manifestKey)) { try await world.discover() }
    }

    @Test func `the manifest is sent again only when it was written`() async throws {
        world.manifest(["model.retail.a": "{}"])
        _ = try await world.discover()
        #expect(try await world.discover().count == 1)
        #expect(world.artifacts.sent.count == 1)
        world.manifest(["model.retail.a": "{}", "model.retail.b": "{}"])
        #expect(try await world.discover().count == 2)
    }
}

struct `Results and manifest need not fit` {
    private let world: DBTWorld

    init() throws { world = try DBTWorld() }

    @Test func `without a manifest the ids give the names`() async throws {
        world.run(
            "run-1",
            .built("model.retail.orders"),
            .built("model.retail.items.v2"),
            .built("seed.a.x"),
            .built("snapshot.b.x")
        )
        let keys = try await world.tick().observations.keys.map(\.path).sorted()
        #expect(keys == ["dbt/retail/a.x", "dbt/retail/b.x", "dbt/retail/items.v2", "dbt/retail/orders"])
    }

    @Test func `a node that the manifest lacks does not take the name of another`() async throws {
        world.manifest(["model.retail.orders": "{}"])
        world.run("run-1", .built("model.shop.orders"), .built("model.shop.items"))
        let keys = try await world.tick().observations.keys.map(\.path).sorted()
        #expect(keys == ["dbt/retail/items", "dbt/retail/shop.orders"])
    }

    @Test func `a manifest that is gone is remembered`() async throws {
        world.manifest(["model.retail.orders": "{}", "model.shop.orders": "{}"])
        world.run("run-1", .built("model.shop.orders"))
        try await world.tick()
        world.artifacts.remove(DBTWorld.manifestKey)
        world.run("run-2", .built("model.shop.orders"))
        #expect(try await world.tick()["shop.orders"]?.version == .known("run-2"))
    }

    @Test func `a manifest that was written again is read again`() async throws {
        world.manifest(["model.shop.orders": "{}"])
        world.run("run-1", .built("model.shop.orders"))
        #expect(try await world.tick()["orders"] != nil)
        world.manifest(["model.retail.orders": "{}", "model.shop.orders": "{}"])
        world.run("run-2", .built("model.shop.orders"))
        #expect(try await world.tick()["shop.orders"] != nil)
    }
}
