import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEngine

/// The clock of a house starts at 2026-04-24T03:06:40Z, a Friday.
@Suite struct `The engine, by the calendar` {
    private func house(
        _ automation: AutomationPolicy,
        drawing: String = "orders -> model",
        extras: House.Extras = House.Extras()
    ) async throws -> House {
        let policy = AssetPolicy(automation: automation, retry: RetryPolicy(count: 1, delay: .seconds(60), jitter: 0))
        let house = try await House(drawing, policy: policy, extras: extras)
        try await house.ask("model", isForced: true)
        await house.settle()
        await house.lookAtAll()
        await house.settle()
        _ = house.outside.takeRan()
        return house
    }

    private func change(_ version: DataVersion, in house: House) async {
        house.outside.set("orders", version)
        await house.look("orders")
        await house.settle()
    }

    /// Moves the clock to a time of 2026-04-24 or later, in UTC.
    @discardableResult
    private func pass(to text: String, in house: House) async throws -> Timestamp? {
        let moment = try #require(Timestamp(iso8601: text))
        return await house.pass(moment - house.clock.now)
    }

    private let office = Blackout([Blackout.Window(weekdays: Set(1...5), from: 8 * 60, to: 18 * 60)])

    @Test func `no automatic refresh begins in a blackout; a person's does`() async throws {
        let house = try await house(AutomationPolicy(blackout: office))
        try await pass(to: "2026-04-24T09:00:00Z", in: house)
        await change("v2", in: house)
        #expect(house.triggers.last?.delay == "blackout")
        #expect(house.triggers.last?.dueAt == Timestamp(iso8601: "2026-04-24T18:00:00Z"))
        try await pass(to: "2026-04-24T17:59:59Z", in: house)
        #expect(house.outside.takeRan() == [])
        try await house.ask("model")
        await house.settle()
        #expect(house.outside.takeRan() == ["model"])
        await change("v3", in: house)
        try await house.restart()
        try await pass(to: "2026-04-24T18:00:00Z", in: house)
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `a second attempt of an automatic run does not begin in a blackout either`() async throws {
        let house = try await house(AutomationPolicy(blackout: office))
        try await pass(to: "2026-04-24T07:59:30Z", in: house)
        house.outside.plan("model", .fail(.later))
        await change("v2", in: house)
        try await pass(to: "2026-04-24T12:00:00Z", in: house)
        #expect(house.outside.attempts.map(\.number) == [1])
        try await house.restart()
        #expect(await house.settle() == Timestamp(iso8601: "2026-04-24T18:00:00Z"))
        try await pass(to: "2026-04-24T18:00:00Z", in: house)
        #expect(house.outside.attempts.map(\.number) == [1, 2])
    }

    @Test func `what is staggered begins at a moment of its own, the same after a restart`() async throws {
        let house = try await house(AutomationPolicy(stagger: .seconds(600)))
        let offset = Stagger.offset(of: "model", within: .seconds(600))
        let start = house.clock.now
        await change("v2", in: house)
        #expect(house.triggers.last?.delay == "staggered")
        try await house.restart()
        #expect(await house.settle() == start + offset)
        await house.pass(offset - .milliseconds(1))
        #expect(house.outside.takeRan() == [])
        await house.pass(.milliseconds(1))
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `a new date makes it stale, whole, at local midnight and once a day`() async throws {
        let zone = TimeZoneRules(offset: 2 * 3600)
        let extras = House.Extras(timeZone: zone)
        let house = try await house(AutomationPolicy(refreshesOnDayChange: true), extras: extras)
        #expect(await house.settle() == Timestamp(iso8601: "2026-04-24T22:00:00Z"))
        try await pass(to: "2026-04-24T21:59:59Z", in: house)
        #expect(house.outside.takeRan() == [])
        try await pass(to: "2026-04-24T22:00:00Z", in: house)
        #expect(house.outside.attempts.map(\.causes) == [[.dayChanged(from: "2026-04-24", to: "2026-04-25")]])
        #expect(house.outside.attempts.map(\.extent) == [.whole])
        #expect(try await house.lastRun().run.dayChanged == ["model"])
        #expect(house.triggers.last?.kind == .dayChange)
        try await pass(to: "2026-04-25T21:00:00Z", in: house)
        #expect(house.outside.takeRan() == ["model"])
        try await house.restart()
        try await pass(to: "2026-04-25T22:00:00Z", in: house)
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `what failed for good yesterday is tried again with the new date`() async throws {
        let house = try await house(AutomationPolicy(refreshesOnDayChange: true))
        house.outside.plan("model", .fail(.never))
        try await pass(to: "2026-04-25T00:00:00Z", in: house)
        try await pass(to: "2026-04-25T23:00:00Z", in: house)
        #expect(house.outside.takeRan() == ["model"])
        try await pass(to: "2026-04-26T00:00:00Z", in: house)
        #expect(house.outside.attempts.map(\.causes) == [[.dayChanged(from: "2026-04-24", to: "2026-04-26")]])
    }

    @Test func `a new date overrides a branch, and not a failed input`() async throws {
        let drawing = "node -> gate -changed(node)-> model"
        let house = try await House(
            drawing,
            policy: AssetPolicy(automation: AutomationPolicy(refreshesOnDayChange: true))
        )
        await house.moveIn()
        house.outside.set("node", "v1", health: .failed)
        await house.look("dbt")
        try await pass(to: "2026-04-25T12:00:00Z", in: house)
        #expect(house.outside.takeRan() == [])
        house.outside.set("node", "v1")
        await house.look("dbt")
        await house.settle()
        #expect(house.outside.attempts.map(\.causes) == [[.dayChanged(from: "2026-04-24", to: "2026-04-25")]])
    }

    @Test func `the project's view knows the new date before the engine does`() async throws {
        let house = try await house(AutomationPolicy(refreshesOnDayChange: true))
        let snapshot = try await house.store.snapshot()
        let tomorrow = house.clock.now + .seconds(86_400)
        let status = ProjectStatus(house.project, snapshot, at: tomorrow) { _ in .utc }
        #expect(status.assets.first?.decision == .run([.dayChanged(from: "2026-04-24", to: "2026-04-25")]))
    }
}

@Suite struct `The engine, under a quota` {
    private static let quota = Quota(limit: 2, window: .seconds(24 * 3600))

    /// Refreshed twice within two hours, by operations that the service took.
    private func house() async throws -> House {
        let house = try await House("orders -> model", extras: House.Extras(quota: Self.quota))
        for version in ["v1", "v2"] {
            house.outside.plan("model", .use)
            house.outside.set("orders", DataVersion(version))
            await house.look("orders")
            await house.settle()
            await house.pass(.seconds(3600))
        }
        return house
    }

    private func change(_ version: DataVersion, in house: House) async {
        house.outside.set("orders", version)
        await house.look("orders")
        await house.settle()
    }

    @Test func `what is used up is not asked for until the oldest use is a day old, also over a restart`() async throws
    {
        let house = try await house()
        #expect(house.outside.takeRan() == ["model", "model"])
        await change("v3", in: house)
        #expect(house.outside.takeRan() == [])
        #expect(try await house.decisions("model").first?.decision == .skip(.quotaExhausted))
        #expect(house.triggers.last?.delay == "quota_exhausted")
        try await house.restart()
        await house.pass(.seconds(22 * 3600 - 1))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `a person's run is held too, unless it is forced`() async throws {
        let house = try await house()
        _ = house.outside.takeRan()
        await change("v3", in: house)
        try await house.ask("model")
        await house.settle()
        #expect(house.outside.takeRan() == [])
        #expect(try await house.step("model").skipReason == .quotaExhausted)
        try await house.ask("model", isForced: true)
        await house.settle()
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test(arguments: [SkipReason.quotaExhausted, .foreignRefreshRunning])
    func `what an attempt found in its way is not found again at once, and is decided again by itself`(
        reason: SkipReason
    ) async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        house.outside.plan("model", .end(.held(reason)))
        await change("v2", in: house)
        #expect(house.outside.takeRan() == ["model"])
        #expect(try await house.step("model").skipReason == reason)
        let wait: Duration = reason == .quotaExhausted ? .seconds(3 * 3600) : .seconds(900)
        try await house.restart()
        await house.pass(wait - .seconds(1))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan() == ["model"])
    }
}
