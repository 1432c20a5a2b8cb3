import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEngine

@Suite struct `The engine, throttled` {
    private static let models = (0..<10).map { "m\($0)" }
    private static let hour = Duration.seconds(3600)

    /// Ten models behind one table, none looked at yet.
    private func house(
        slots: Int? = 1,
        requests: (@Sendable (any EngineClock) -> RequestBudget)? = nil,
        change: (inout AssetSpec) -> Void = { _ in }
    ) async throws -> House {
        let policy = AssetPolicy(automation: AutomationPolicy(), timeout: .seconds(600), pool: "p")
        return try await House(
            Self.models.map { "orders -> \($0)" }.joined(separator: "\n"),
            policy: policy,
            pools: slots.map { ["p": Budget.Limits(slots: $0)] } ?? [:],
            extras: House.Extras(connection: "powerbi", requests: requests),
            change
        )
    }

    private func throttle(_ house: House, for wait: Duration?, _ code: FailureCode = .throttled) -> Outside.Work {
        let until = wait.map { house.clock.now + $0 }
        return .end(.failed(StepFailure(code, .later, message: "too many requests", notBefore: until)))
    }

    @Test func `ten models and one refusal cost one event; none asks before the time, none is lost over a restart`()
        async throws
    {
        let house = try await house()
        house.outside.plan("m0", throttle(house, for: Self.hour))
        let start = house.clock.now
        await house.lookAtAll()
        #expect(await house.settle() == start + Self.hour)
        #expect(house.outside.takeRan() == ["m0"])
        #expect(try await house.step("m0").status == .retrying)
        #expect(try await house.step("m5").status == .queued)
        let budgets = try await house.store.snapshot().budgets
        #expect(budgets.keys.sorted() == ["connection:powerbi"])
        #expect(budgets["connection:powerbi"]?.blockedUntil == start + Self.hour)
        #expect(house.outside.now.lines.count == 1)

        house.clock.advance(by: .seconds(1800))
        try await house.restart()
        #expect(await house.settle() == start + Self.hour)
        await house.pass(.seconds(1799))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan().sorted() == Self.models.map { AssetKey($0) })
        #expect(try await house.runs().allSatisfy { $0.status == .succeeded })
        #expect(house.outside.now.lines.count == 1)
    }

    @Test func `ten refusals at once are one event with a count, and one line`() async throws {
        let house = try await house(slots: nil)
        for model in Self.models { house.outside.plan(AssetKey(model), throttle(house, for: Self.hour)) }
        await house.lookAtAll()
        await house.settle()
        #expect(house.outside.takeRan().count == 10)
        let record = try #require(try await house.store.snapshot().budgets["connection:powerbi"])
        #expect(record.count == 10)
        #expect(record.since == house.clock.now)
        #expect(house.outside.now.lines.count == 1)
        await house.pass(Self.hour)
        #expect(Set(house.outside.takeRan()).count == 10)
        #expect(try await house.runs().allSatisfy { $0.status == .succeeded })
    }

    @Test func `after a refusal the limit is half of what was in flight, and recovers`() async throws {
        let house = try await house(slots: nil)
        for model in Self.models.dropFirst() { house.outside.plan(AssetKey(model), .hold, .hold) }
        house.outside.plan("m0", throttle(house, for: Self.hour), .hold)
        await house.lookAtAll()
        await house.settle()
        #expect(await house.engine.budgets["connection:powerbi"]?.limit == 5)
        #expect(await house.engine.budgets["connection:powerbi"]?.inFlight == 9, "what is in flight goes on")
        for model in Self.models.dropFirst() { await house.finish(AssetKey(model)) }
        await house.pass(Self.hour)
        await house.finish("m0")
        #expect(try await house.runs().allSatisfy { $0.status == .succeeded })
    }

    @Test func `what a paced connection was told counts, and not what its attempts make of it`() async throws {
        let house = try await house(requests: { RequestBudget(perMinute: 60, burst: 60, clock: $0) })
        house.outside.plan("m0", .hold)
        await house.lookAtAll()
        await house.settle()
        let until = house.clock.now + Self.hour
        house.requests?.throttled(until: until, reason: "slow down")
        house.requests?.throttled(until: until, reason: "slow down")
        await house.finish("m0", .failed(StepFailure(.throttled, .later, message: "not sent")))
        #expect(house.outside.takeRan() == ["m0"])
        #expect(try await house.step("m0").retryAt == until)
        #expect(try await house.store.snapshot().budgets["connection:powerbi"]?.count == 2)
        try await house.restart()
        #expect(house.requests?.blockedUntil == until)
        await house.pass(Self.hour)
        #expect(Set(house.outside.takeRan()).count == 10)
    }

    @Test func `the critical go first when the time has come, the others in their order`() async throws {
        let house = try await house(change: { spec in spec.policy.isCritical = spec.key == "m7" })
        house.outside.plan("m0", throttle(house, for: Self.hour))
        await house.lookAtAll()
        await house.settle()
        #expect(house.outside.takeRan() == ["m0"])
        await house.pass(Self.hour)
        #expect(house.outside.takeRan() == ["m7", "m1", "m2", "m3", "m4", "m5", "m6", "m8", "m9", "m0"])
    }

    @Test func `a park takes no attempt, holds no slot, and is not killed by the timeout`() async throws {
        let retry = RetryPolicy(count: 1, delay: .seconds(60), jitter: 0)
        let policy = AssetPolicy(retry: retry, timeout: .seconds(600), pool: "p")
        let house = try await House("orders -> a\norders -> b", policy: policy, pools: ["p": 1])
        house.outside.plan("a", throttle(house, for: Self.hour, .quotaExhausted), .fail(.later), .succeed(nil))
        try await house.ask("a")
        await house.settle()
        try await house.ask("b")
        await house.settle()
        #expect(house.outside.takeRan() == ["a", "b"], "the slot is free")
        await house.pass(.seconds(3599))
        #expect(house.outside.takeRan() == [])
        try await house.restart()
        await house.pass(.seconds(1))
        #expect(house.outside.attempts.map(\.number) == [2])
        #expect(house.outside.attempts.first?.deadline == house.clock.now + .seconds(600))
        await house.pass(.seconds(60))
        #expect(house.outside.attempts.map(\.number) == [2, 3])
        #expect(try await house.step("a").status == .succeeded)
        #expect(try await house.step("a").parking?.count == 1)
    }

    @Test func `a cancel ends a park at once`() async throws {
        let house = try await House("orders -> a", policy: AssetPolicy())
        house.outside.plan("a", throttle(house, for: Self.hour))
        try await house.ask("a")
        await house.settle()
        try await house.cancel(try await house.lastRun().run.id)
        #expect(try await house.step("a").status == .cancelled)
        #expect(await house.pass(Self.hour) == nil)
        #expect(house.outside.takeRan() == ["a"])
    }

    @Test func `who is told to come back after more than a day fails, and the automation waits that long`() async throws
    {
        let house = try await House("orders -> a")
        await house.moveIn()
        house.outside.plan("a", throttle(house, for: .seconds(30 * 3600)))
        house.outside.set("orders", "v2")
        await house.lookAtAll()
        await house.settle()
        #expect(try await house.step("a").status == .failed)
        #expect(house.triggers.last?.delay == "throttled")
        await house.pass(.seconds(30 * 3600 - 1))
        #expect(house.outside.takeRan() == ["a"])
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan() == ["a"])
    }

    @Test func `a pool begins no more in a minute than it is told`() async throws {
        let limits = ["p": Budget.Limits(perMinute: 2)]
        let policy = AssetPolicy(automation: AutomationPolicy(), pool: "p")
        let house = try await House("orders -> a\norders -> b\norders -> c", policy: policy, pools: limits)
        await house.lookAtAll()
        #expect(await house.settle() == house.clock.now + .seconds(30))
        #expect(house.outside.takeRan() == ["a"])
        await house.pass(.seconds(30))
        #expect(house.outside.takeRan() == ["b"])
        await house.pass(.seconds(30))
        #expect(house.outside.takeRan() == ["c"])
    }

    @Test func `a parked step says until when, on the project's clocks`() async throws {
        let zone = TimeZoneRules(offset: 3600)
        let house = try await House(
            "orders -> a",
            policy: AssetPolicy(),
            extras: House.Extras(connection: "powerbi", timeZone: zone)
        )
        house.outside.plan("a", throttle(house, for: Self.hour))
        try await house.ask("a")
        await house.settle()
        let snapshot = try await house.store.snapshot()
        let status = ProjectStatus(house.project, snapshot, at: house.clock.now) { _ in .utc }
        // The clock stands at 2026-04-24T03:06:40Z.
        #expect(status.assets.first?.state == .parked)
        #expect(status.assets.first?.sentence == "is waiting: throttled by stub until 05:06")
    }
}
