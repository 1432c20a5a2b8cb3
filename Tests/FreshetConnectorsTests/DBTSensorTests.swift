import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

private let orders = "model.retail.orders"
private let customers = "model.retail.customers"

struct `A run of dbt is observed` {
    private let world: DBTWorld

    init() throws { world = try DBTWorld() }

    @Test func `what was built has the invocation for a version`() async throws {
        world.run("run-1", .built(orders))
        let reading = try await world.tick()
        let observation = try #require(reading["orders"])
        #expect(observation.version == .known("run-1"))
        #expect(observation.health == .ok)
        #expect(observation.signal == "run_results")
        #expect(observation.strength == .probable)
        #expect(observation.observedAt == Timestamp(milliseconds: 0))
        #expect(observation.dataTime == nil)
        #expect(observation.message == nil)
    }

    @Test func `the evidence names what dbt reported`() async throws {
        world.run("run-1", .rows("12.0", orders))
        let values = try #require(try await world.tick()["orders"]).values
        #expect(
            values == [
                "status": .text("success"), "rows_affected": .integer(12), "execution_time": .number(1.5),
                "invocation_id": .text("run-1"), "completed_at": .text("2026-11-20T04:59:58.123Z"),
            ]
        )
    }

    @Test(arguments: ["build", "clone", "retry", "run", "seed", "snapshot"])
    func `every command that builds is taken`(_ which: String) async throws {
        world.run("run-1", which: which, .built(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-1"))
    }

    @Test func `a command that builds nothing is passed over, and read once`() async throws {
        world.run("run-1", .built(orders))
        // The look is later than the beginning of what follows: no run can have been missed.
        world.now = try #require(Timestamp(iso8601: "2026-11-20T06:00:00Z"))
        try await world.tick()
        world.run("docs", which: "generate", .built(orders))
        let reading = try await world.tick()
        #expect(reading.observations.isEmpty)
        #expect(reading.message == "'prod/run_results.json' is of `dbt docs generate`, which builds nothing")
        #expect(try await world.tick().message == "no new run")
        world.run("run-2", .noOp(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-1"))
    }

    @Test(arguments: ["test", "generate"])
    func `a command that may have overwritten a run moves the versions of what is known`(_ which: String) async throws {
        world.run("run-1", .built(orders))
        world.now = try #require(Timestamp(iso8601: "2026-11-20T04:59:58Z"))
        try await world.tick()
        world.run("other", which: which, .built(orders))
        let moved = try #require(try await world.tick()["orders"])
        #expect(moved.version != .known("run-1"))
        #expect(moved.version != .unknown)
        #expect(moved.message?.contains("overwrote 'prod/run_results.json'; a run may have been missed") == true)
        #expect(try await world.tick()["orders"] == nil)
        // Once: the same file again is the same command.
        world.run("other", which: which, .built(orders))
        #expect(try await world.tick()["orders"] == nil)
    }

    @Test func `after a restart nobody knows what was overwritten`() async throws {
        world.now = try #require(Timestamp(iso8601: "2026-11-20T06:00:00Z"))
        world.run("run-1", .built(orders))
        try await world.tick()
        let next = try DBTWorld()
        next.now = world.now
        next.cursorText = world.cursorText
        next.put("another", "{}")
        next.run("test-1", which: "test")
        #expect(try await next.tick()["orders"]?.version != .known("run-1"))
    }

    @Test func `a command that is not named is passed over`() async throws {
        world.run("run-1", which: nil, .built(orders))
        let reading = try await world.tick()
        #expect(reading.observations.isEmpty)
        #expect(reading.message.contains("a command that it does not name"))
    }

    @Test func `the same file is not sent again, nor is the manifest`() async throws {
        world.manifest([orders: "{}"])
        world.run("run-1", .built(orders))
        try await world.tick()
        let cursor = world.cursorText
        let reading = try await world.tick()
        #expect(reading.observations.isEmpty)
        #expect(reading.cursor == cursor)
        world.run("run-2", .built(orders))
        try await world.tick()
        #expect(world.artifacts.sent == [DBTWorld.resultsKey, DBTWorld.manifestKey, DBTWorld.resultsKey])
    }

    @Test func `before the first run there is nothing to say`() async throws {
        let reading = try await world.tick()
        #expect(reading.observations.isEmpty)
        #expect(reading.cursor == nil)
        #expect(reading.message.hasPrefix("no run yet"))
    }

    @Test func `a later file that does not name a node leaves it as it was`() async throws {
        world.run("run-1", .built(orders), .failed(customers))
        try await world.tick()
        world.run("run-2", .built(orders))
        #expect(try await world.tick().observations.keys.map(\.path) == ["dbt/retail/orders"])
        world.run("run-3", .noOp(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-2"))
    }

    @Test func `tests and operations are no nodes`() async throws {
        world.run(
            "run-1",
            DBTRow(id: "test.retail.not_null_orders.5d", status: "fail"),
            DBTRow(id: "operation.retail.retail-on-run-end-0"),
            DBTRow(id: "unit_test.retail.orders.adds"),
            DBTRow(id: "saved_query.retail.revenue", status: "no-op"),
            DBTRow(id: "source.retail.shop.orders"),
            DBTRow(id: "sample_node")
        )
        #expect(try await world.tick().observations.isEmpty)
    }

    @Test func `an older file that was put back counts as different`() async throws {
        world.run("run-2", .built(orders))
        try await world.tick()
        world.run("run-1", .built(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-1"))
    }

    @Test func `the same run uploaded again is the same version`() async throws {
        world.run("run-1", .built(orders))
        try await world.tick()
        world.run("run-1", .built(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-1"))
    }
}
