import FreshetCore
import Testing

@Suite struct `A budget` {
    private let noon = Scenario.noon

    @Test(arguments: 0..<300) func `is never exceeded, and serves the critical first and the rest in order`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed)
        let slots = Int.random(in: 1...6, using: &generator)
        let rate = Int.random(in: 1...30, using: &generator)
        let burst = Int.random(in: 1...4, using: &generator)
        var budgets = Budgets(limits: ["b": Budget.Limits(slots: slots, perMinute: rate, burst: burst)])
        var now = noon
        var starts: [Timestamp] = []
        var running: [Budgets.Holder] = []
        var queue: [(holder: Budgets.Holder, isCritical: Bool)] = []
        var blockedUntil = noon

        func begin(_ holder: Budgets.Holder) {
            starts.append(now)
            running.append(holder)
            #expect(now >= blockedUntil, "begins while the service wants to be left alone")
            #expect(running.count <= slots)
            let limit = budgets["b"]?.limit ?? 0
            #expect(running.count <= limit, "more than the present limit")
            let isCritical = queue.first { $0.holder == holder }?.isCritical ?? false
            let before = queue.prefix { $0.holder != holder }
            #expect(!before.contains { $0.isCritical == isCritical }, "overtakes its own class")
            #expect(isCritical || !queue.contains(where: \.isCritical), "overtakes a critical one")
            queue.removeAll { $0.holder == holder }
        }
        for number in 0..<200 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0...3:
                let holder = Budgets.Holder(run: "\(number)", asset: "a")
                let isCritical = generator.chance(20)
                queue.append((holder, isCritical))
                if budgets.request(holder, of: ["b"], isCritical: isCritical, at: now) { begin(holder) }
            case 4...6:
                guard let holder = running.randomElement(using: &generator) else { continue }
                running.removeAll { $0 == holder }
                if generator.chance(80) { budgets.succeeded(on: ["b"], at: now) }
                for next in budgets.release(holder, at: now) { begin(next) }
            case 7:
                guard generator.chance(30) else { continue }
                let until = now + .seconds(Int.random(in: 1...600, using: &generator))
                let wasBlocked = blockedUntil > now
                let event = budgets.throttled("b", until: until, reason: "", at: now)
                #expect(event?.isNew == !wasBlocked)
                blockedUntil = max(blockedUntil, until)
            default:
                now = now + .milliseconds(Int.random(in: 1...20_000, using: &generator))
                for next in budgets.due(at: now) { begin(next) }
            }
        }
        for start in starts {
            let inAMinute = starts.count { $0 >= start && $0 < start + .seconds(60) }
            #expect(inAMinute <= rate + burst, "too many in a minute")
        }
        // Whatever happened, everybody gets a turn in the end.
        for _ in 0..<2000 where !queue.isEmpty || !running.isEmpty {
            if let holder = running.first {
                running.removeFirst()
                budgets.succeeded(on: ["b"], at: now)
                for next in budgets.release(holder, at: now) { begin(next) }
            } else if let opening = budgets.nextOpening(at: now) {
                #expect(opening > now, "it could have begun before")
                now = opening
                let due = budgets.due(at: now)
                #expect(!due.isEmpty, "nobody can begin at the named moment")
                for next in due { begin(next) }
            }
        }
        #expect(queue.isEmpty)
    }

    @Test func `halves its limit once an event, and gains one with each full window of successes`() {
        var budget = Budget(8)
        let isFirst = budget.throttled(until: noon + .seconds(60), reason: "", at: noon)
        #expect(isFirst)
        let isSecond = budget.throttled(until: noon + .seconds(90), reason: "", at: noon + .seconds(1))
        #expect(!isSecond)
        #expect(budget.limit == 4)
        #expect(budget.blockedUntil == noon + .seconds(90))
        let later = noon + .seconds(90)
        for expected in [4, 4, 4, 5, 5, 5, 5, 5, 6] {
            budget.succeeded(at: later)
            #expect(budget.limit == expected)
        }
        for _ in 0..<100 { budget.succeeded(at: later) }
        #expect(budget.limit == 8, "no more than what is configured")
        for number in 1...5 { _ = budget.throttled(until: nil, reason: "", at: later + .seconds(number * 3600)) }
        #expect(budget.limit == 1, "never less than one")
    }

    @Test func `without a limit of its own is narrowed to half of what was in flight, and freed again`() {
        var budget = Budget()
        for _ in 0..<6 { budget.begin(at: noon) }
        _ = budget.throttled(until: noon, reason: "", at: noon)
        #expect(budget.limit == 3)
        for _ in 0..<12 { budget.succeeded(at: noon + .seconds(1)) }
        #expect(budget.limit == nil)
    }

    @Test func `goes on after a restart where it was, unless that is over`() throws {
        var budget = Budget(8)
        _ = budget.throttled(until: noon + .seconds(3600), reason: "slow down", times: 3, at: noon)
        let record = try #require(budget.record(named: "connection:powerbi"))
        var next = Budget(8)
        next.restore(record, at: noon + .seconds(10))
        #expect(next.record(named: "connection:powerbi") == record)
        #expect(!next.isOpen(at: noon + .seconds(3599)))
        #expect(next.isOpen(at: noon + .seconds(3600)))
        var late = Budget(8)
        late.restore(record, at: noon + .seconds(3600))
        #expect(late == Budget(8))
    }

    @Test func `an attempt that needs two budgets begins when both let it, and keeps neither meanwhile`() {
        var budgets = Budgets(limits: ["a": 1, "b": 1])
        let holders = (0..<4).map { Budgets.Holder(run: "\($0)", asset: "x") }
        let first = budgets.request(holders[0], of: ["a"], at: noon)
        #expect(first)
        let second = budgets.request(holders[1], of: ["a", "b"], at: noon)
        #expect(!second)
        let third = budgets.request(holders[2], of: ["b"], at: noon)
        #expect(third)
        let afterFirst = budgets.release(holders[0], at: noon)
        #expect(afterFirst == [])
        let afterThird = budgets.release(holders[2], at: noon)
        #expect(afterThird == [holders[1]])
        let fourth = budgets.request(holders[3], of: ["a"], at: noon)
        #expect(!fourth)
    }

    @Test func `a token bucket is exact to the millisecond`() {
        var bucket = TokenBucket(perMinute: 7, burst: 1)
        var now = noon
        for _ in 0..<7 {
            #expect(bucket.moment(at: now) == now)
            bucket.take(at: now)
            let next = bucket.moment(at: now)
            #expect(bucket.moment(at: next - .milliseconds(1)) == next)
            now = next
        }
        #expect((now - noon).inMilliseconds >= 60_000)
        #expect((now - noon).inMilliseconds <= 60_007)
    }

    @Test func `an empty token bucket does not stay so until a clock that was set back has caught up`() {
        var bucket = TokenBucket(perMinute: 1, burst: 1)
        bucket.take(at: noon)
        #expect(bucket.moment(at: noon - .seconds(1)) == noon + .seconds(59), "one that only lags adds nothing")
        let before = noon - .seconds(86_400)
        #expect(bucket.moment(at: before) == before)
        bucket.take(at: before)
        #expect(bucket.moment(at: before) == before + .seconds(60))
    }
}
