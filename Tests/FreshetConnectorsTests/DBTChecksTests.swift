import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

private let orders = "model.retail.orders"
private let unique = "test.retail.unique_orders_id.abc123"

struct `Tests of dbt are checks of what they test` {
    private let world: DBTWorld

    init() throws {
        world = try DBTWorld()
        // Later than the beginning of every command, so that no run can have been missed in between.
        world.now = try #require(Timestamp(iso8601: "2026-11-20T06:00:00Z"))
        manifest()
    }

    private func manifest(severity: String = "error", with test: Bool = true) {
        var nodes = [orders: "{}", "model.retail.customers": "{}"]
        if test {
            nodes[unique] = """
                {"config": {"severity": "\(severity)"}, "attached_node": "\(orders)",
                 "depends_on": {"nodes": ["model.retail.customers", "\(orders)"]}}
                """
        }
        world.manifest(nodes)
    }

    private func build(_ invocation: String, _ status: String, message: String? = "Got 3 results") async throws
        -> SensorReading
    {
        world.run(invocation, .built(orders), DBTRow(id: unique, status: status, message: message))
        return try await world.tick()
    }

    @Test func `one that failed holds what depends on its node`() async throws {
        let reading = try await build("run-1", "fail")
        #expect(reading["orders"]?.health == .failed)
        #expect(reading["orders"]?.version == .known("run-1"))
        #expect(reading["orders"]?.message == "test unique_orders_id failed: Got 3 results")
        #expect(reading["orders"]?.values["tests_failed"] == .integer(1))
        #expect(reading["unique_orders_id"]?.health == .failed)
        #expect(reading["customers"] == nil)
    }

    @Test func `one that warns holds nothing`() async throws {
        let reading = try await build("run-1", "warn")
        #expect(reading["orders"]?.health == .ok)
        #expect(reading["orders"]?.message == "test unique_orders_id warns: Got 3 results")
        #expect(reading["orders"]?.values["tests_warned"] == .integer(1))
        #expect(reading["unique_orders_id"]?.health == .ok)
    }

    @Test(arguments: [("error", Health.failed), ("warn", .ok)])
    func `one that could not be made holds by its severity`(_ severity: String, _ health: Health) async throws {
        manifest(severity: severity)
        #expect(try await build("run-1", "error")["orders"]?.health == health)
    }

    @Test func `it holds until it passes, be it in a run of tests alone`() async throws {
        _ = try await build("run-1", "fail")
        world.run("run-2", which: "run", .built(orders))
        #expect(try await world.tick()["orders"]?.health == .failed)
        world.run("test-1", which: "test", DBTRow(id: unique, status: "pass"))
        let mended = try #require(try await world.tick()["orders"])
        #expect(mended.health == .ok)
        #expect(mended.version == .known("run-2"))
        #expect(mended.message == nil)
    }

    @Test func `a run of tests alone holds too, and builds nothing`() async throws {
        _ = try await build("run-1", "pass")
        world.run("test-1", which: "test", DBTRow(id: unique, status: "fail"))
        let held = try #require(try await world.tick()["orders"])
        #expect(held.health == .failed)
        #expect(held.version == .known("run-1"))
    }

    @Test func `one that was skipped says nothing new`() async throws {
        _ = try await build("run-1", "fail")
        #expect(try await build("run-2", "skipped")["orders"]?.health == .failed)
    }

    @Test func `one that is no more holds nothing`() async throws {
        _ = try await build("run-1", "fail")
        manifest(with: false)
        world.run("run-2", .built("model.retail.customers"))
        #expect(try await world.tick()["orders"]?.health == .ok)
    }

    @Test func `they are assets beside it`() async throws {
        let specs = try await world.discover()
        let test = try #require(specs.first { $0.labels.kind == "dbt.test" })
        #expect(test.key == "dbt/retail/unique_orders_id")
        #expect(test.dependencies == ["dbt/retail/customers", "dbt/retail/orders"])
        #expect(test.labels.tags == ["severity": "error"])
    }

    @Test func `in an older manifest a test of a relationship is about what it stands at`() async throws {
        world.manifest([
            orders: #"{"name": "orders"}"#, "model.retail.customers": #"{"name": "customers"}"#,
            unique: """
            {"file_key_name": "models.orders", "depends_on": {"nodes": ["model.retail.customers", "\(orders)"]}}
            """,
        ])
        #expect(
            try await build("run-1", "fail").observations.keys.map(\.path).sorted() == [
                "dbt/retail/orders", "dbt/retail/unique_orders_id",
            ]
        )
    }

    @Test func `one of its own file is about all that it reads`() async throws {
        world.manifest([
            orders: "{}", "model.retail.customers": "{}",
            "test.retail.no_orphans": #"{"depends_on": {"nodes": ["model.retail.customers", "model.retail.orders"]}}"#,
        ])
        world.run("run-1", .built(orders), DBTRow(id: "test.retail.no_orphans", status: "fail"))
        let reading = try await world.tick()
        #expect(reading["orders"]?.health == .failed)
        #expect(reading["customers"]?.health == .failed)
    }
}
