import FreshetCore
import FreshetTesting
import Testing

@Suite struct `A run whose step is put off` {
    private let noon = Scenario.noon
    private let refusal = { (until: Timestamp?) in
        StepFailure(.throttled, .later, message: "too many requests", notBefore: until)
    }

    private func machine(_ retry: RetryPolicy = RetryPolicy()) throws -> RunMachine {
        var specs = Array(Drawing("orders -> model").specs.values)
        for index in specs.indices { specs[index].policy.retry = retry }
        var machine = RunMachine(try Scenario(specs).input)
        _ = machine.start(at: noon)
        return machine
    }

    @Test func `waits for the moment that was named, without any retry of its own`() throws {
        var machine = try machine()
        let until = noon + .seconds(3392)
        let parked = machine.failed("model", refusal(until), at: noon)
        #expect(parked == [.retry("model", attempt: 2, at: until)])
        #expect(machine.nextDeadline == until)
        let early = machine.due(at: until - .milliseconds(1))
        #expect(early == [])
        let due = machine.due(at: until)
        #expect(due == [.launch("model", attempt: 2, because: [.neverMaterialized])])
    }

    @Test func `keeps its attempts, and waits at least as long as its own policy says`() throws {
        var machine = try machine(RetryPolicy(count: 1, delay: .seconds(600), jitter: 0))
        var now = noon
        for attempt in 2...4 {
            let actions = machine.failed("model", refusal(now + .seconds(60)), at: now)
            now = now + .seconds(600)
            #expect(actions == [.retry("model", attempt: attempt, at: now)])
            _ = machine.due(at: now)
        }
        let failure = StepFailure(.remoteFailed, .later, message: "no")
        let retried = machine.failed("model", failure, at: now)
        #expect(retried == [.retry("model", attempt: 5, at: now + .seconds(600))])
        _ = machine.due(at: now + .seconds(600))
        let ended = machine.failed("model", failure, at: now)
        #expect(ended.contains(.recordFailure("model", failure)))
    }

    @Test func `fails after a day, and after too many times`() throws {
        var slow = try machine()
        _ = slow.failed("model", refusal(noon + .seconds(20 * 3600)), at: noon)
        let later = noon + .seconds(20 * 3600)
        _ = slow.due(at: later)
        let last = refusal(later + .seconds(5 * 3600))
        let tooLong = slow.failed("model", last, at: later)
        #expect(tooLong.contains(.recordFailure("model", last)))

        var quick = try machine()
        var now = noon
        var parks = 0
        while case .retry(_, _, let moment)? = quick.failed("model", refusal(now), at: now).first {
            #expect(moment > now, "it does not spin")
            parks += 1
            now = moment
            _ = quick.due(at: now)
        }
        #expect(parks == Parking.mostTimes)
    }

    @Test func `counts the parks of a former process`() throws {
        var machine = try machine()
        let until = noon + .seconds(10)
        let before = Parking(since: noon - .seconds(23 * 3600), count: 4)
        _ = machine.resumeRetry("model", attempt: 5, at: until, parking: before)
        _ = machine.due(at: until)
        _ = machine.failed("model", refusal(until + .seconds(60)), at: until)
        #expect(machine.parking(of: "model") == Parking(since: before.since, count: 5))
        _ = machine.due(at: until + .seconds(60))
        let last = refusal(until + .seconds(3600))
        let tooLong = machine.failed("model", last, at: until + .seconds(60))
        #expect(tooLong.contains(.recordFailure("model", last)))
    }

    @Test(arguments: [(RetryClass.later, 600), (.now, 0)])
    func `a class of failure says how soon an attempt follows`(retry: RetryClass, seconds: Int) throws {
        var machine = try machine(RetryPolicy(count: 1, delay: .seconds(600), jitter: 0))
        let failure = StepFailure(.remoteFailed, retry, message: "no")
        let expected = RunMachine.Action.retry("model", attempt: 2, at: noon + .seconds(seconds))
        let actions = machine.failed("model", failure, at: noon)
        #expect(actions == [expected])
    }

    @Test func `a failure for good is tried no more, whatever moment it names`() throws {
        var machine = try machine(RetryPolicy(count: 1))
        let failure = StepFailure(.throttled, .never, message: "no", notBefore: noon + .seconds(60))
        let actions = machine.failed("model", failure, at: noon)
        #expect(actions.contains(.recordFailure("model", failure)))
    }
}
