import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEngine

@Suite struct `The engine, with steps around an asset` {
    private static let day = Duration.seconds(24 * 3600)

    /// A model with a step before and a step after it, all refreshed once; only the model has this pace.
    private func house(_ pace: AutomationPolicy = AutomationPolicy()) async throws -> House {
        let house = try await House(
            """
            orders -> prep
            orders -> model -> publish
            """
        ) { spec in
            guard spec.key == "model" else { return }
            spec.before = ["prep"]
            spec.after = ["publish"]
            spec.policy.automation = pace
        }
        await house.moveIn()
        await house.pass(pace.quietPeriod)
        _ = house.outside.takeRan()
        return house
    }

    private func change(_ house: House) async {
        house.outside.set("orders", "v2")
        await house.look("orders")
        await house.settle()
    }

    @Test func `a step before begins when the asset may, and in its run`() async throws {
        let house = try await house(AutomationPolicy(quietPeriod: .seconds(120)))
        await change(house)
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(119))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan() == ["prep", "model", "publish"])
        #expect(try await house.lastRun().run.selected.contains("prep"))
    }

    @Test func `an asset does not begin while a step before it is put off`() async throws {
        let house = try await house()
        house.outside.plan("prep", .end(.held(.foreignRefreshRunning)))
        await change(house)
        #expect(house.outside.takeRan() == ["prep"])
        #expect(try await house.step("model").skipReason == .foreignRefreshRunning)
        await house.pass(.seconds(900))
        #expect(house.outside.takeRan() == ["prep", "model", "publish"])
    }

    @Test func `a step before runs with the asset on a new date and after its longest skip`() async throws {
        for pace in [AutomationPolicy(refreshesOnDayChange: true), AutomationPolicy(maxSkip: Self.day)] {
            let house = try await house(pace)
            await house.pass(Self.day)
            #expect(house.outside.takeRan() == ["prep", "model", "publish"])
            await house.pass(.seconds(3600))
            #expect(house.outside.takeRan() == [])
        }
    }

    @Test func `a step before gives an asset that fails no reason to be tried again at once`() async throws {
        let house = try await house(AutomationPolicy(maxSkip: Self.day))
        house.outside.plan("model", .fail(.later))
        await house.pass(Self.day)
        #expect(house.outside.takeRan() == ["prep", "model"])
        await house.pass(.seconds(899))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan() == ["prep", "model", "publish"])
    }

    @Test func `a step before does not begin while the asset is being worked on`() async throws {
        let house = try await house()
        house.outside.plan("model", .hold)
        try await house.ask("model")
        house.outside.set("orders", "v2")
        await house.settle()
        #expect(house.outside.takeRan() == ["prep", "model"])
        house.outside.set("orders", "v3")
        await house.look("orders")
        await house.settle()
        #expect(house.outside.takeRan() == [])
        await house.finish("model")
        #expect(house.outside.takeRan() == ["publish", "prep", "model", "publish"])
    }

    @Test func `a person's run leaves out a step that is paused, and ends`() async throws {
        let house = try await house()
        try await house.pause(true, "publish")
        try await house.ask("model", isForced: true)
        await house.settle()
        #expect(house.outside.takeRan() == ["prep", "model"])
        #expect(try await house.lastRun().run.status == .succeeded)
    }

    @Test func `what was held before a restart is no more unknown after it than before`() async throws {
        let house = try await House(
            """
            orders -> model -> report
            orders -> slow -> report
            """
        )
        house.outside.plan("model", .end(.held(.quotaExhausted)))
        house.outside.plan("slow", .hold, .hold)
        await house.lookAtAll()
        await house.settle()
        try await house.restart()
        await house.settle()
        await house.finish("slow")
        // The newest one is of a second run, which works on what was held.
        let first = try #require(try await house.runs().last)
        let report = try await house.step("report", in: first.id)
        #expect(report.skipReason == .upstreamMissing("model"), "\(report)")
    }
}
