import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEngine

@Suite struct `The engine, looking` {
    @Test func `refreshes everything the first time`() async throws {
        let house = try await House("orders -> model -> report")
        await house.lookAtAll()
        await house.settle()
        #expect(house.outside.takeRan() == ["model", "report"])
        #expect(try await house.lastRun().run.status == .succeeded)
    }

    @Test func `starts nothing while nothing is new, and keeps one tick`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        for _ in 1...20 {
            house.clock.advance(by: .seconds(60))
            await house.look("orders")
            await house.settle()
        }
        #expect(house.outside.takeRan() == [])
        let ticks = try await house.store.ticks(TickQuery(sensor: "orders"))
        #expect(ticks.map(\.status) == [.unchanged, .changed])
        #expect(ticks.first?.count == 20)
    }

    @Test func `looks at a table when the node that builds it moved, and says why nothing runs`() async throws {
        let house = try await House("node -> [table] -> model")
        await house.moveIn()
        house.outside.set("node", "v2")
        await house.look("dbt")
        await house.settle()
        #expect(await house.engine.isHinted("table"))
        await house.look("table")
        await house.settle()
        #expect(await !house.engine.isHinted("table"))
        #expect(house.outside.takeRan() == [])
        let decision = try #require(try await house.decisions("model").first)
        #expect(decision.decision == .skip(.upToDate))
        #expect(decision.evidence.map(\.input) == ["table"])
        #expect(decision.evidence.first?.then == "v1")
    }

    @Test func `refreshes only the part whose table changed`() async throws {
        let house = try await House("orders -> model.o\ncustomers -> model.c")
        await house.moveIn()
        house.outside.set("customers", "v2")
        await house.look("customers")
        await house.settle()
        #expect(house.outside.attempts.map(\.extent) == [.parts(["c"])])
    }

    @Test func `holds what is behind a failed node, also after a restart, and runs it after the repair`() async throws {
        let house = try await House("node_a -> [a] -> m\nnode_b -> [b] -> n")
        await house.moveIn()
        house.outside.set("node_a", "v2", health: .failed)
        house.outside.set("a", "v2")
        house.outside.set("b", "v2")
        for name in ["dbt", "a", "b"] { await house.look(name) }
        await house.settle()
        #expect(house.outside.takeRan() == ["n"])
        #expect(try await house.decisions("m").first?.decision == .skip(.upstreamFailed("node_a")))

        try await house.restart()
        await house.engine.evaluateAll()
        await house.settle()
        #expect(house.outside.takeRan() == [])

        house.outside.set("node_a", "v3")
        for name in ["dbt", "a"] { await house.look(name) }
        await house.settle()
        #expect(house.outside.takeRan() == ["m"])
    }

    @Test func `a version that cannot be read three times is unknown, and never the same`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        house.outside.breakProbe("orders")
        house.clock.advance(by: .seconds(7200))
        var failures = 0
        for _ in 1...2 { failures = await house.look("orders", failuresBefore: failures) }
        await house.settle()
        #expect(house.outside.takeRan() == [])
        failures = await house.look("orders", failuresBefore: failures)
        await house.settle()
        #expect(house.outside.attempts.map(\.causes) == [[.inputUnverifiable("orders")]])
        // Unknown once more, and not more often than each hour.
        await house.pass(.seconds(3599))
        #expect(house.outside.attempts.count == 1)
        await house.pass(.seconds(1))
        #expect(house.outside.attempts.count == 2)
    }

    @Test func `an unknown input holds where the policy says so`() async throws {
        let policy = AssetPolicy(automation: AutomationPolicy(onUnknown: .hold))
        let house = try await House("orders -> model", policy: policy)
        await house.moveIn()
        house.outside.breakProbe("orders")
        await house.look("orders", failuresBefore: 2)
        await house.pass(.seconds(86_400))
        #expect(house.outside.takeRan() == [])
        #expect(try await house.decisions("model").first?.decision == .skip(.upstreamUnknown("orders")))
    }

    @Test func `an unknown ancestor that is not automated runs its target not more often either`() async throws {
        let house = try await House("orders -> model -> report") { spec in
            if spec.key == "model" { spec.policy.automation = nil }
        }
        await house.moveIn()
        house.outside.breakProbe("orders")
        house.clock.advance(by: .seconds(7200))
        await house.look("orders", failuresBefore: 2)
        await house.settle()
        #expect(house.outside.takeRan() == ["model", "report"])
        await house.pass(.seconds(3599))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan() == ["model", "report"])
    }

    @Test func `a sensor that hangs is left behind, is not begun twice, and delays no other`() async throws {
        let house = try await House("a -> m\nb -> n")
        await house.moveIn()
        house.outside.hang("a")
        let engine = house.engine
        let sensor = try #require(engine.sensors.all.first { $0.name == "a" })
        let look = Task { await engine.look(sensor, failuresBefore: 0) }
        await house.outside.wait { $0.looks["a"] == 2 }
        house.outside.set("b", "v2")
        await house.look("b")
        await house.settle()
        #expect(house.outside.takeRan() == ["n"])

        await house.clock.sleepers(atLeast: 1)
        house.clock.advance(by: .seconds(60))
        #expect(await look.value == 1)
        #expect(await house.look("a", failuresBefore: 1) == 2)
        #expect(house.outside.looks(at: "a") == 2)
        let ticks = try await house.store.ticks(TickQuery(sensor: "a"))
        #expect(ticks.prefix(2).map(\.message) == ["an earlier look has not returned yet", "no answer within 60 s"])

        house.outside.release("a")
        await engine.looks.roll.left("a")
        #expect(await house.look("a", failuresBefore: 2) == 0)
    }

    @Test func `a look for a person waits for the one under way, and cannot be overtaken by it`() async throws {
        let house = try await House("a -> m")
        await house.moveIn()
        house.outside.hang("a")
        let engine = house.engine
        let sensor = try #require(engine.sensors.all.first { $0.name == "a" })
        let first = Task { await engine.look(sensor, failuresBefore: 0) }
        await house.outside.wait { $0.looks["a"] == 2 }
        let second = Task { await engine.look(sensor, failuresBefore: 2) }
        house.outside.set("a", "v2")
        house.outside.release("a")
        #expect(await first.value == 0)
        #expect(await second.value == 0)
        #expect(house.outside.looks(at: "a") == 3)
    }

    @Test func `a hint that comes during a look is answered by the next`() async throws {
        let house = try await House("node -> [table] -> model")
        await house.moveIn()
        house.outside.hang("table")
        let engine = house.engine
        let sensor = try #require(engine.sensors.all.first { $0.name == "table" })
        let look = Task { await engine.look(sensor, failuresBefore: 0) }
        await house.outside.wait { $0.looks["table"] == 2 }
        house.outside.set("node", "v2")
        await house.look("dbt")
        house.outside.release("table")
        _ = await look.value
        #expect(await house.engine.isHinted("table"))
        house.outside.set("table", "v2")
        await house.look("table")
        await house.settle()
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `a table behind something that Freshet makes is looked at when that was made`() async throws {
        let house = try await House("orders -> job -> [table] -> model")
        await house.moveIn()
        house.outside.set("orders", "v2")
        await house.look("orders")
        await house.settle()
        #expect(house.outside.takeRan() == ["job"])
        #expect(await house.engine.isHinted("table"))
        house.outside.set("table", "v2")
        await house.look("table")
        await house.settle()
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `a tick that the store refuses changes nothing`() async throws {
        let house = try await House("node -> [table] -> model")
        await house.moveIn()
        house.outside.set("node", "v2")
        house.store.refuse(.full("no space"))
        #expect(await house.look("dbt") == 1)
        #expect(await !house.engine.isHinted("table"))
        #expect(await house.engine.cursor(of: "dbt") == "1")
        house.store.consent()
        #expect(await house.look("dbt", failuresBefore: 1) == 0)
        #expect(await house.engine.isHinted("table"))
        #expect(await house.engine.cursor(of: "dbt") == "2")
    }

    @Test func `looks again soon after a failure, and backs off up to a quarter of an hour`() {
        let timing = SensorTiming(every: .seconds(30), jitter: 0)
        let waits = (0...6).map { timing.wait(failures: $0, isHinted: false, chance: 0.5) }
        #expect(waits == [30, 15, 60, 240, 480, 900, 900].map { Duration.seconds($0) })
        let daily = SensorTiming(every: .seconds(86_400), jitter: 0)
        let soon = (0...4).map { daily.wait(failures: $0, isHinted: false, chance: 0.5) }
        #expect(soon == [86_400, 15, 60, 240, 900].map { Duration.seconds($0) })
        let hinted = SensorTiming(every: nil, jitter: 0)
        let retries = (1...3).map { hinted.wait(failures: $0, isHinted: true, chance: 0.5) }
        #expect(retries == [4, 8, 16].map { .seconds($0) })
        #expect(hinted.wait(failures: 0, isHinted: false, chance: 0.5) == nil)
    }
}

extension LookRoll {
    /// Returns when the sensor's look has returned.
    func left(_ sensor: String) async {
        while !enter(sensor) { await Task.yield() }
        leave(sensor)
    }
}
