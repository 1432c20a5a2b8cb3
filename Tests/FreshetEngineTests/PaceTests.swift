import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEngine

@Suite struct `The engine, pacing` {
    private func house(
        _ drawing: String = "orders -> model",
        _ automation: AutomationPolicy = AutomationPolicy(),
        retry: RetryPolicy = RetryPolicy(),
        _ change: (inout AssetSpec) -> Void = { _ in }
    ) async throws -> House {
        let policy = AssetPolicy(automation: automation, retry: retry)
        let house = try await House(drawing, policy: policy, change)
        await house.moveIn()
        await house.pass(.seconds(86_400))
        _ = house.outside.takeRan()
        return house
    }

    private func change(_ asset: AssetKey, _ version: DataVersion, in house: House) async {
        house.outside.set(asset, version)
        await house.look(asset.path)
        await house.settle()
    }

    @Test func `a failed attempt is tried again in the same run, after its delay`() async throws {
        let house = try await house(retry: RetryPolicy(count: 2, delay: .seconds(60), jitter: 0))
        house.outside.plan("model", .fail(.later), .fail(.later))
        await change("orders", "v2", in: house)
        #expect(try await house.step("model").status == .retrying)
        await house.pass(.seconds(59))
        #expect(house.outside.attempts.map(\.number) == [1])
        await house.pass(.seconds(1))
        await house.pass(.seconds(60))
        #expect(house.outside.attempts.map(\.number) == [1, 2, 3])
        #expect(Set(house.outside.attempts.map(\.run)).count == 1)
        #expect(try await house.lastRun().run.status == .succeeded)
        #expect(try await house.step("model").status == .succeeded)
        #expect(try await house.step("model").failure?.retry == .later, "what the attempts before it failed of")
    }

    @Test func `after a failed run the same inputs wait, twice as long each time, up to six hours`() async throws {
        let house = try await house()
        for _ in 1...6 { house.outside.plan("model", .fail(.later)) }
        await change("orders", "v2", in: house)
        for minutes in [15, 30, 60, 120, 240, 360] {
            #expect(house.outside.takeRan() == ["model"])
            let wait = Duration.seconds(minutes * 60)
            #expect(house.triggers.last?.delay == "failed_recently")
            await house.pass(wait - .seconds(1))
            #expect(house.outside.takeRan() == [], "after \(minutes) minutes")
            await house.pass(.seconds(1))
        }
        #expect(house.outside.takeRan() == ["model"])
        #expect(try await house.lastRun().run.status == .succeeded)
    }

    @Test func `moved inputs do not wait for an old failure, and a restart does not forget it`() async throws {
        let house = try await house()
        house.outside.plan("model", .fail(.later), .fail(.later))
        await change("orders", "v2", in: house)
        await house.pass(.seconds(60))
        await change("orders", "v3", in: house)
        #expect(house.outside.takeRan() == ["model", "model"])
        try await house.restart()
        await house.engine.evaluateAll()
        await house.pass(.seconds(29 * 60))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(60))
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `a person does not wait for an old failure`() async throws {
        let house = try await house()
        house.outside.plan("model", .fail(.never))
        await change("orders", "v2", in: house)
        _ = house.outside.takeRan()
        try await house.ask("model")
        await house.settle()
        #expect(house.outside.takeRan() == ["model"])
        #expect(try await house.lastRun().run.actor == house.anna)
    }

    @Test func `a failure that only a person can mend waits for that, or for other inputs`() async throws {
        let house = try await house()
        house.outside.plan("model", .fail(.never))
        await change("orders", "v2", in: house)
        #expect(house.triggers.last?.disposition?.reason == "failed_for_good")
        #expect(await house.pass(.seconds(86_400)) == nil)
        #expect(house.outside.takeRan() == ["model"])
        await change("orders", "v3", in: house)
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `an ancestor that is not automated and fails does not run again at once`() async throws {
        let house = try await house("orders -> stage -> model") { spec in
            if spec.key == "stage" { spec.policy.automation = nil }
        }
        house.outside.plan("stage", .fail(.later), .fail(.never))
        await change("orders", "v2", in: house)
        #expect(house.outside.takeRan() == ["stage"])
        await house.pass(.seconds(15 * 60 - 1))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan() == ["stage"])
        #expect(await house.pass(.seconds(86_400)) == nil)
        #expect(house.outside.takeRan() == [])
        await change("orders", "v3", in: house)
        #expect(house.outside.takeRan() == ["stage", "model"])
    }

    @Test func `a model that waits does not keep one beside it waiting, behind the same stale table`() async throws {
        let house = try await house("orders -> stage -> daily\nstage -> quick") { spec in
            if spec.key == "stage" { spec.policy.automation = nil }
            if spec.key == "daily" { spec.policy.automation?.minInterval = .seconds(86_400) }
        }
        await change("orders", "v2", in: house)
        _ = house.outside.takeRan()
        await house.pass(.seconds(60))
        await change("orders", "v3", in: house)
        #expect(house.outside.takeRan() == ["stage", "quick"])
        await house.pass(.seconds(86_400 - 61))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan() == ["daily"])
        #expect(house.triggers.allSatisfy { $0.disposition != nil })
    }

    @Test func `a target that fails for good runs again when a table before its ancestor moves`() async throws {
        let house = try await house("orders -> stage -> model") { spec in
            if spec.key == "stage" { spec.policy.automation = nil }
        }
        house.outside.plan("model", .fail(.never))
        await change("orders", "v2", in: house)
        #expect(house.outside.takeRan() == ["stage", "model"])
        await change("orders", "v3", in: house)
        #expect(house.outside.takeRan() == ["stage", "model"])
    }

    @Test func `a quiet period begins anew with each change, and postpones at most ten times its length`() async throws
    {
        let house = try await house("orders -> model", AutomationPolicy(quietPeriod: .seconds(120)))
        await change("orders", "v1.0", in: house)
        for number in 1...12 {
            house.clock.advance(by: .seconds(100))
            await change("orders", DataVersion("v1.\(number)"), in: house)
            #expect(house.outside.takeRan() == (number == 12 ? ["model"] : []), "change \(number)")
        }
        await house.pass(.seconds(120))
        #expect(house.outside.takeRan() == [])
        await change("orders", "v3", in: house)
        await house.pass(.seconds(119))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan() == ["model"])
        #expect(house.triggers.allSatisfy { $0.disposition != nil })
    }

    @Test func `runs do not begin closer than the minimum interval`() async throws {
        let house = try await house("orders -> model", AutomationPolicy(minInterval: .seconds(900)))
        await change("orders", "v2", in: house)
        #expect(house.outside.takeRan() == ["model"])
        house.clock.advance(by: .seconds(10))
        await change("orders", "v3", in: house)
        await house.pass(.seconds(889))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `the longest skip refreshes what is up to date, also behind a branch that did not choose it`()
        async throws
    {
        let drawing = "orders -> gate\nother -> gate -changed(other)-> model\ngate -else-> nothing"
        let house = try await house(drawing, AutomationPolicy(maxSkip: .seconds(3600)))
        #expect(await house.settle() == house.clock.now + .seconds(3600))
        await house.pass(.seconds(3599))
        #expect(house.outside.takeRan() == [])
        await house.pass(.seconds(1))
        #expect(house.outside.attempts.map(\.causes) == [[.maxSkipPassed]])
        #expect(house.outside.attempts.map(\.extent) == [.whole])
    }

    @Test func `the longest skip does not override a failed input, and is made up for after the repair`() async throws {
        let house = try await house("node -> model", AutomationPolicy(maxSkip: .seconds(3600)))
        house.outside.set("node", "v1", health: .failed)
        await house.look("dbt")
        #expect(await house.pass(.seconds(7200)) == nil)
        #expect(house.outside.takeRan() == [])
        #expect(try await house.decisions("model").first?.decision == .skip(.upstreamFailed("node")))
        house.outside.set("node", "v1")
        await house.look("dbt")
        await house.settle()
        #expect(house.outside.attempts.map(\.causes) == [[.maxSkipPassed]])
    }

    @Test func `a longest skip that the store could not take down is not lost`() async throws {
        let house = try await house("orders -> model", AutomationPolicy(maxSkip: .seconds(3600)))
        house.clock.advance(by: .seconds(3600))
        house.store.refuse(.full("no space"))
        #expect(await house.settle() == house.clock.now + .seconds(1))
        house.store.consent()
        await house.pass(.seconds(1))
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `a chain that waits for its model is not taken for unknown`() async throws {
        let house = try await house("orders -> model -> report")
        await change("orders", "v2", in: house)
        await house.pass(.seconds(60))
        await change("orders", "v3", in: house)
        #expect(house.outside.takeRan() == ["model", "report", "model", "report"])
    }

    @Test func `a cancelled run does not begin again by itself, not even its later steps`() async throws {
        let house = try await house("orders -> model -> report")
        house.outside.plan("model", .hold)
        await change("orders", "v2", in: house)
        try await house.cancel(try await house.lastRun().run.id)
        await house.finish("model")
        #expect(try await house.lastRun().run.status == .cancelled)
        #expect(try await house.step("report").status == .cancelled)
        #expect(await house.pass(.seconds(86_400)) == nil)
        #expect(house.outside.takeRan() == ["model"])
        await change("orders", "v3", in: house)
        #expect(house.outside.takeRan() == ["model", "report"])
    }
}
