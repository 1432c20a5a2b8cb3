import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEngine

@Suite struct `The engine, running` {
    /// Three models that share one slot; the first holds it.
    private func crowd(retry: RetryPolicy = RetryPolicy()) async throws -> House {
        let policy = AssetPolicy(automation: AutomationPolicy(), retry: retry, pool: "p")
        let house = try await House("orders -> a\norders -> b\norders -> c", policy: policy, pools: ["p": 1])
        for asset in ["a", "b", "c"] as [AssetKey] { house.outside.plan(asset, .hold) }
        await house.lookAtAll()
        await house.settle()
        return house
    }

    private func run(of asset: AssetKey, in house: House) async throws -> RunID {
        try #require(try await house.runs().first { $0.selected.contains(asset) }).id
    }

    @Test func `a pool of one lets one model at a time through`() async throws {
        let house = try await crowd()
        #expect(house.outside.takeRan() == ["a"])
        #expect(try await house.step("b").status == .queued)
        await house.finish("a")
        #expect(house.outside.takeRan() == ["b"])
        await house.finish("b")
        #expect(house.outside.takeRan() == ["c"])
        await house.finish("c")
        #expect(try await house.runs().map(\.status) == [.succeeded, .succeeded, .succeeded])
    }

    @Test func `a pool goes on after a failure`() async throws {
        let house = try await crowd()
        await house.finish("a", .failed(StepFailure(.remoteFailed, .never, message: "no")))
        #expect(house.outside.takeRan() == ["a", "b"])
        #expect(try await house.step("a").status == .failed)
    }

    @Test func `a step gives its slot away between two attempts`() async throws {
        let house = try await crowd(retry: RetryPolicy(count: 1, delay: .seconds(10), jitter: 0))
        await house.finish("a", .failed(StepFailure(.remoteFailed, .later, message: "no")))
        #expect(house.outside.takeRan() == ["a", "b"])
        await house.pass(.seconds(10))
        #expect(try await house.step("a").status == .queued)
        await house.finish("b")
        await house.finish("c")
        #expect(house.outside.takeRan() == ["c", "a"])
    }

    @Test func `cancel ends what is running, and the pool goes on`() async throws {
        let house = try await crowd()
        try await house.cancel(try await run(of: "a", in: house))
        await house.settle()
        await house.outside.wait { $0.attempts.count == 2 }
        await house.settle()
        #expect(house.outside.now.stopped["a"] == .cancelled)
        #expect(try await house.step("a").status == .cancelled)
        #expect(house.outside.takeRan() == ["a", "b"])
    }

    @Test func `cancel ends what waits for a slot at once, and it never begins`() async throws {
        let house = try await crowd()
        try await house.cancel(try await run(of: "b", in: house))
        await house.settle()
        #expect(try await house.step("b").status == .cancelled)
        #expect(try await house.store.run(try await run(of: "b", in: house))?.run.status == .cancelled)
        await house.finish("a")
        #expect(house.outside.takeRan() == ["a", "c"])
    }

    @Test func `cancel between two attempts ends the step`() async throws {
        let house = try await crowd(retry: RetryPolicy(count: 1, delay: .seconds(10), jitter: 0))
        await house.finish("a", .failed(StepFailure(.remoteFailed, .later, message: "no")))
        try await house.cancel(try await run(of: "a", in: house))
        #expect(try await house.step("a").status == .cancelled)
        await house.pass(.seconds(60))
        #expect(house.outside.takeRan() == ["a", "b"])
    }

    @Test func `a deadline raises the stop signal, and what it ends has timed out`() async throws {
        let policy = AssetPolicy(timeout: .seconds(100))
        let house = try await House("orders -> model", policy: policy)
        house.outside.plan("model", .hold)
        try await house.ask("model")
        await house.settle()
        #expect(house.outside.attempts.first?.deadline == house.clock.now + .seconds(100))
        #expect(await house.pass(.seconds(99)) == house.clock.now + .seconds(1))
        #expect(house.outside.now.stopped["model"] == nil)
        await house.pass(.seconds(1))
        await house.outside.wait { $0.stopped["model"] != nil }
        await house.settle()
        #expect(house.outside.now.stopped["model"] == .deadline)
        #expect(try await house.step("model").failure?.code == .timedOut)
        #expect(try await house.step("model").status == .failed)
    }

    @Test func `a full store holds the run, and it goes on when there is space`() async throws {
        let house = try await House("orders -> model -> report", policy: AssetPolicy())
        house.outside.plan("model", .hold)
        try await house.ask("model", "report")
        await house.settle()
        house.store.refuse(.full("no space"))
        house.outside.finish("model")
        for wait in [100, 200, 400] {
            await house.clock.sleepers(atLeast: 1)
            #expect(house.outside.takeRan().contains("report") == false)
            if wait == 400 { house.store.consent() }
            house.clock.advance(by: .milliseconds(wait))
        }
        await house.outside.wait { $0.attempts.map(\.asset) == ["report"] }
        await house.settle()
        #expect(try await house.lastRun().run.status == .succeeded)
    }

    @Test func `an engine that waits for a full store stops all the same`() async throws {
        let house = try await House("orders -> model", policy: AssetPolicy())
        house.outside.plan("model", .hold)
        try await house.ask("model")
        await house.settle()
        house.store.refuse(.full("no space"))
        house.outside.finish("model")
        await house.clock.sleepers(atLeast: 1)
        await house.engine.stop()
        #expect(try await house.lastRun().run.status == .running)
    }

    @Test func `an attempt that the store refuses to record does not begin`() async throws {
        let house = try await House("orders -> model", policy: AssetPolicy())
        try await house.ask("model")
        _ = await house.engine.answerTriggers()
        for task in await house.engine.manualLooks.values.compactMap(\.task) { await task.value }
        // The run is taken down, its first step is not.
        house.store.refuse(.corrupt("page 7"), after: 1)
        await house.settle()
        #expect(house.outside.takeRan() == [])
        #expect(await house.engine.active.isEmpty)
        #expect(await house.engine.busy.isEmpty)
    }

    @Test func `a superseded engine begins nothing more`() async throws {
        let house = try await House("orders -> model -> report", policy: AssetPolicy())
        house.outside.plan("model", .hold)
        try await house.ask("model", "report")
        await house.settle()
        let other = try await house.store.claim(owner: "another", at: house.clock.now)
        #expect(other.number == 2)
        let attempt = await house.engine.underWay.first?.task
        house.outside.finish("model")
        await attempt?.value
        await house.settle()
        await house.engine.untilSuperseded()
        #expect(await house.engine.isSuperseded)
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `stop leaves what runs outside, and the next process takes it up`() async throws {
        let house = try await House("orders -> model", policy: AssetPolicy())
        house.outside.plan("model", .operate(.accepted), .hold)
        try await house.ask("model")
        await house.settle()
        await house.engine.stop()
        #expect(try await house.step("model").status == .running)
        await house.store.close()
        try await house.start()
        await house.settle()
        #expect(house.outside.attempts.map(\.number) == [1, 1])
        #expect(house.outside.attempts.last?.resuming?.state == .accepted)
    }

    @Test func `stop does not wait for an attempt that never lets go`() async throws {
        let house = try await House("orders -> model", policy: AssetPolicy())
        house.outside.plan("model", .ignore)
        try await house.ask("model")
        await house.settle()
        let engine = house.engine
        let stop = Task { await engine.stop() }
        await house.clock.sleepers(atLeast: 1)
        house.clock.advance(by: .seconds(20))
        await stop.value
        house.outside.finish("model")
    }

    @Test func `a failure while the process ends is no failure`() async throws {
        let house = try await House("orders -> model", policy: AssetPolicy())
        house.outside.plan("model", .hold)
        try await house.ask("model")
        await house.settle()
        house.engine.stopping.raise(.cancelled)
        house.outside.finish("model", .failed(StepFailure(.unreachable, .later, message: "cancelled")))
        await house.engine.stop()
        #expect(try await house.step("model").status == .running)
    }
}
