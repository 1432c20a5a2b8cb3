import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

private let orders = "model.retail.orders"

struct `A node that dbt did not build keeps its version` {
    private let world: DBTWorld

    init() throws { world = try DBTWorld() }

    /// What is observed when a run that built is followed by one that reports `row`.
    private func after(_ row: DBTRow) async throws -> Observation {
        world.run("run-1", .built(orders))
        try await world.tick()
        world.run("run-2", row)
        return try #require(try await world.tick()["orders"])
    }

    @Test(arguments: ["NO-OP", "No-op", "NO-OP (within tolerance)"])
    func `a success that says that nothing was done`(_ message: String) async throws {
        let observation = try await after(DBTRow(id: orders, message: message))
        #expect(observation.version == .known("run-1"))
        #expect(observation.health == .ok)
    }

    @Test(arguments: ["no-op", "reused", "Reused"])
    func `a status that says that nothing was done`(_ status: String) async throws {
        let observation = try await after(DBTRow(id: orders, status: status, message: "No new changes"))
        #expect(observation.version == .known("run-1"))
        #expect(observation.health == .ok)
    }

    @Test(arguments: [("success", "CLONE"), ("success", "CLONE (within tolerance)"), ("reused", "Cloned from prod")])
    func `but a clone does not: it copies another table over this one`(_ status: String, _ message: String) async throws
    {
        let observation = try await after(DBTRow(id: orders, status: status, message: message))
        #expect(observation.version == .known("run-2"))
    }

    @Test(arguments: ["success", "warn", "pass"])
    func `but what was built does not`(_ status: String) async throws {
        let observation = try await after(DBTRow(id: orders, status: status, message: "CREATE VIEW"))
        #expect(observation.version == .known("run-2"))
        #expect(observation.health == .ok)
    }

    @Test(arguments: ["error", "runtime error", "fail", "partial success"])
    func `a failure`(_ status: String) async throws {
        let observation = try await after(DBTRow(id: orders, status: status, message: "\n  it broke  \nhere"))
        #expect(observation.version == .known("run-1"))
        #expect(observation.health == .failed)
        #expect(observation.message == "it broke")
    }

    @Test func `a failure without a message`() async throws {
        #expect(try await after(DBTRow(id: orders, status: "error")).message == "dbt reports 'error'")
    }

    @Test func `a failure whose first line only says where`() async throws {
        let message = "Database Error in model orders (models/orders.sql)\n  relation does not exist\n  LINE 3"
        let observation = try await after(DBTRow(id: orders, status: "error", message: message))
        #expect(observation.message == "Database Error in model orders (models/orders.sql): relation does not exist")
    }

    @Test func `a failure whose message holds a secret`() async throws {
        world.learn(secret: "hunter22")
        let observation = try await after(DBTRow(id: orders, status: "error", message: "login hunter22 refused"))
        #expect(observation.message == "login [redacted] refused")
    }

    @Test(arguments: [nil, "", "SKIPPED"])
    func `what dbt skipped after a failure`(_ message: String?) async throws {
        let observation = try await after(DBTRow(id: orders, status: "skipped", message: message))
        #expect(observation.version == .known("run-1"))
        #expect(observation.health == .failed)
        #expect(observation.message == "skipped by dbt because an upstream node failed")
    }

    @Test func `what dbt did not get to`() async throws {
        let row = DBTRow(id: orders, status: "skipped", message: "Skipping due to fail_fast")
        let observation = try await after(row)
        #expect(observation.health == .failed)
        #expect(observation.message == "skipped by dbt: Skipping due to fail_fast")
    }

    @Test func `what dbt skipped as there was nothing to do`() async throws {
        let observation = try await after(DBTRow(id: orders, status: "skipped", message: "NO-OP"))
        #expect(observation.version == .known("run-1"))
        #expect(observation.health == .ok)
    }

    @Test func `what was not selected is not spoken of`() async throws {
        world.run("run-1", DBTRow(id: orders, status: "skipped", message: "Not selected"))
        #expect(try await world.tick().observations.isEmpty)
    }

    @Test func `a status that is new is not taken for unchanged`() async throws {
        let observation = try await after(DBTRow(id: orders, status: "teleported"))
        #expect(observation.version == .unknown)
        #expect(observation.health == .unknown)
        #expect(observation.message == "dbt reports the status 'teleported', which Freshet does not know")
    }
}

struct `A version is never kept where the table may have moved` {
    private let world: DBTWorld

    init() throws { world = try DBTWorld() }

    @Test func `unchanged at first sight has the version of that run`() async throws {
        world.run("run-1", .noOp(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-1"))
        world.run("run-2", .noOp(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-1"))
    }

    @Test func `failed at first sight has no version`() async throws {
        world.run("run-1", .failed(orders))
        let observation = try #require(try await world.tick()["orders"])
        #expect(observation.version == .unknown)
        #expect(observation.health == .failed)
    }

    @Test func `unchanged after a failure is a change, once`() async throws {
        world.run("run-1", .built(orders))
        try await world.tick()
        world.run("run-2", .failed(orders))
        try await world.tick()
        world.run("run-3", .skipped(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-1"))
        world.run("run-4", .noOp(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-4"))
        world.run("run-5", .noOp(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-4"))
    }

    @Test func `unchanged after an upstream failure is no change`() async throws {
        world.run("run-1", .built(orders))
        try await world.tick()
        world.run("run-2", .skipped(orders))
        try await world.tick()
        world.run("run-3", .noOp(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-1"))
    }

    @Test func `unchanged after it was stopped at work is a change`() async throws {
        world.run("run-1", .built(orders))
        try await world.tick()
        world.run("run-2", DBTRow(id: orders, status: "skipped", message: "Skipping due to fail_fast"))
        try await world.tick()
        world.run("run-3", .noOp(orders))
        #expect(try await world.tick()["orders"]?.version == .known("run-3"))
    }

    @Test(arguments: [
        "", "null", "[]", "2026-11-20T05:00:00Z", #"{"v":1,"etag":"#, #"{"v":2,"etag":"\"1\"","nodes":{}}"#,
    ])
    func `a cursor that cannot be read starts over`(_ text: String) async throws {
        world.run("run-1", .built(orders))
        try await world.tick()
        world.cursorText = text
        #expect(try await world.tick()["orders"]?.version == .known("run-1"))
    }

    @Test func `the cursor is small, and says what it knows`() async throws {
        world.run("run-1", .built(orders), .failed("model.retail.b"))
        try await world.tick()
        #expect(
            world.cursorText
                == #"{"doubtful":["b"],"etag":"\"1\"","failures":{"b":"Database Error"},"invocation":"run-1","#
                + #""nodes":{"orders":"run-1"},"v":1}"#
        )
    }
}
