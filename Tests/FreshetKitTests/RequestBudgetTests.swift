import FreshetCore
import FreshetTesting
import Testing

@testable import FreshetKit

@Suite struct `A budget of requests` {
    private let clock = ManualClock(at: Timestamp(seconds: 1_777_000_000))

    private func budget(perMinute: Int = 60, burst: Int = 1) -> RequestBudget {
        RequestBudget(perMinute: perMinute, burst: burst, clock: clock)
    }

    @Test func `lets a burst through, and then one at a time`() async {
        let budget = budget(burst: 2)
        #expect(await budget.admit() == nil)
        #expect(await budget.admit() == nil)
        async let third = budget.admit()
        await clock.sleepers(atLeast: 1)
        #expect(clock.nextWake == clock.now + .seconds(1))
        clock.advance(by: .seconds(1))
        #expect(await third == nil)
    }

    @Test func `says how many calls could go out now`() async {
        let budget = budget(burst: 3)
        #expect(budget.tokens == 3)
        _ = await budget.admit()
        #expect(budget.tokens == 2)
        budget.throttled(until: clock.now + .seconds(30), reason: "busy")
        #expect(budget.tokens == 0)
        clock.advance(by: .seconds(30))
        #expect(budget.tokens == 3)
    }

    @Test func `lets the critical before those who asked earlier`() async {
        let budget = budget()
        _ = await budget.admit()
        async let normal = budget.admit()
        await clock.sleepers(atLeast: 1)
        async let critical = CallPriority.$current.withValue(.critical) { await budget.admit() }
        await clock.sleepers(atLeast: 2)
        clock.advance(by: .seconds(1))
        #expect(await critical == nil)
        // The other sleeps on until its own turn.
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(1))
        #expect(await normal == nil)
    }

    @Test func `does not keep a call waiting for more than a minute, and says when to come back`() async {
        let budget = budget()
        let until = clock.now + .seconds(3392)
        budget.throttled(until: until, reason: "slow down")
        #expect(await budget.admit() == until)
        clock.set(to: until - .seconds(60))
        async let call = budget.admit()
        await clock.sleepers(atLeast: 1)
        clock.set(to: until)
        #expect(await call == nil)
    }

    @Test func `waits longer each time that the service does not say how long, up to a quarter of an hour`() {
        let budget = budget()
        for seconds in [30, 60, 120, 240, 480, 900, 900] {
            budget.throttled(until: nil, reason: "")
            #expect(budget.blockedUntil == clock.now + .seconds(seconds))
            clock.advance(by: .seconds(seconds))
        }
        budget.answered()
        budget.throttled(until: nil, reason: "")
        #expect(budget.blockedUntil == clock.now + .seconds(30))
    }

    @Test func `does not believe a wait of a year`() {
        let budget = budget()
        budget.throttled(until: clock.now + .seconds(365 * 86_400), reason: "")
        #expect(budget.blockedUntil == clock.now + .seconds(86_400))
    }

    @Test func `lets the one call through that tells what a refused one has done`() async {
        let budget = budget()
        let until = clock.now + .seconds(3392)
        budget.throttled(until: until, reason: "", exempting: "GET a/refreshes")
        #expect(await budget.admit("GET b/refreshes") == until)
        #expect(await budget.admit("GET a/refreshes?$top=60") == nil)
        #expect(await budget.admit("GET a/refreshes?$top=60") == until)
    }

    @Test func `tells of several refusals once`() {
        let budget = budget()
        let until = clock.now + .seconds(60)
        budget.throttled(until: until, reason: "first")
        budget.throttled(until: until, reason: "second")
        #expect(budget.takeNews() == .init(until: until, reason: "first", times: 2))
        #expect(budget.takeNews() == nil)
    }
}
