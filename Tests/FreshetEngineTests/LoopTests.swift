import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEngine

/// The loops themselves, on a clock that moves by hand.
@Suite struct `The loops` {
    /// Runs all three until `body` has ended.
    private func running(_ house: House, _ body: () async throws -> Void) async throws {
        let engine = house.engine
        let loops = Task {
            await withDiscardingTaskGroup { group in
                group.addTask { do { try await SensorLoop(engine).run() } catch {} }
                group.addTask { do { try await TriggerLoop(engine).run() } catch {} }
                group.addTask { do { try await RunTimerLoop(engine).run() } catch {} }
            }
        }
        try await body()
        loops.cancel()
        await loops.value
        await engine.stop()
    }

    /// Moves the clock from one wake-up to the next until a condition holds.
    private func advance(_ house: House, until condition: @escaping @Sendable (Outside.State) -> Bool) async {
        while !condition(house.outside.now) {
            if let next = house.clock.nextWake, next < house.clock.now + .seconds(100_000) { house.clock.set(to: next) }
            await Task.yield()
        }
    }

    @Test func `look, decide, refresh, and refresh again after a change`() async throws {
        let house = try await House("node -> [table] -> model -> report")
        try await running(house) {
            await advance(house) { $0.attempts.map(\.asset).contains("report") }
            house.outside.set("node", "v2")
            house.outside.set("table", "v2")
            await advance(house) { $0.attempts.map(\.asset).count { $0 == "report" } == 2 }
        }
        #expect(house.outside.takeRan() == ["model", "report", "model", "report"])
    }

    @Test func `try again when it is time`() async throws {
        let policy = AssetPolicy(
            automation: AutomationPolicy(),
            retry: RetryPolicy(count: 1, delay: .seconds(600), jitter: 0)
        )
        let house = try await House("orders -> model", policy: policy)
        house.outside.plan("model", .fail(.later))
        try await running(house) {
            await advance(house) { $0.attempts.count == 2 }
        }
        #expect(house.outside.attempts.map(\.number) == [1, 2])
    }

    @Test(.timeLimit(.minutes(1)))
    func `begin what waited for a slot when time lets it, though nobody knew that time before`() async throws {
        let house = try await House(
            "orders -> m0\norders -> m1",
            policy: AssetPolicy(automation: AutomationPolicy(), pool: "p"),
            pools: ["p": Budget.Limits(slots: 1, perMinute: 1)]
        )
        house.outside.plan("m0", .hold)
        await house.lookAtAll()
        await house.settle()
        let engine = house.engine
        let loop = Task { do { try await RunTimerLoop(engine).run() } catch {} }
        let attempt = await engine.underWay.first?.task
        house.outside.finish("m0")
        await attempt?.value
        await house.clock.sleepers(atLeast: 1)
        house.clock.advance(by: .seconds(60))
        await house.outside.wait { $0.attempts.map(\.asset) == ["m0", "m1"] }
        loop.cancel()
        await loop.value
        await engine.stop()
        #expect(house.outside.takeRan() == ["m0", "m1"])
    }

    @Test func `keep looking at the others while one sensor hangs`() async throws {
        let house = try await House("a -> m\nb -> n")
        house.outside.hang("a")
        try await running(house) {
            await advance(house) { ($0.looks["b"] ?? 0) >= 5 }
        }
        #expect(house.outside.looks(at: "a") == 1)
        house.outside.release("a")
    }

    @Test func `stop while the store is full`() async throws {
        let house = try await House("orders -> model")
        house.outside.plan("model", .hold)
        try await running(house) {
            await advance(house) { !$0.held.isEmpty }
            house.store.refuse(.full("no space"))
            house.outside.finish("model")
        }
        house.store.consent()
        #expect(try await house.lastRun().run.status == .running)
    }

    @Test func `end while they wait for a full store themselves`() async throws {
        let house = try await House("orders -> model", policy: AssetPolicy())
        await house.lookAtAll()
        let engine = house.engine
        // The run is taken down, its first step is not: the loop that began it waits.
        try await house.ask("model")
        _ = await engine.answerTriggers()
        for task in await engine.manualLooks.values.compactMap(\.task) { await task.value }
        house.store.refuse(.full("no space"), after: 1)
        let loop = Task { do { try await TriggerLoop(engine).run() } catch {} }
        await house.clock.sleepers(atLeast: 1)
        loop.cancel()
        await loop.value
        #expect(try await house.lastRun().steps.map(\.status) == [.waiting])
    }
}
