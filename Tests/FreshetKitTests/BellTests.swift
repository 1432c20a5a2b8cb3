import FreshetCore
import FreshetKit
import FreshetTesting
import Synchronization
import Testing

@Suite struct `A bell` {
    private let bell = Bell()
    private let clock = ManualClock(at: Timestamp(seconds: 1_777_000_000))

    @Test func `keeps a ring for who comes later, and several as one`() async {
        bell.ring()
        bell.ring()
        await bell.wait()
        await bell.wait(until: clock.now, on: clock)
        // The second ring was not kept: the time has to wake this one.
        async let second: Void = bell.wait(until: clock.now + .seconds(1), on: clock)
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(1))
        await second
    }

    @Test func `wakes who waits before its time, and lets the sleep go`() async {
        async let waiting: Void = bell.wait(until: clock.now + .seconds(3600), on: clock)
        await clock.sleepers(atLeast: 1)
        bell.ring()
        await waiting
        #expect(clock.sleeperCount == 0)
    }

    @Test func `lets go of a task that is cancelled, before and while it waits`() async {
        for isEarly in [true, false] {
            let task = Task { [bell, clock] in await bell.wait(until: clock.now + .seconds(3600), on: clock) }
            if !isEarly { await clock.sleepers(atLeast: 1) }
            task.cancel()
            await task.value
        }
        #expect(clock.sleeperCount == 0)
    }

    @Test func `is not used up by a task that was cancelled before it rang`() async {
        let task = Task { [bell, clock] in await bell.wait(until: clock.now + .seconds(3600), on: clock) }
        await clock.sleepers(atLeast: 1)
        task.cancel()
        await task.value
        bell.ring()
        await bell.wait()
    }

    @Test func `loses no ring between two tasks that hand work to each other`() async {
        let (work, done) = (Work(), Bell())
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [bell] in
                while work.amount < 1000 {
                    await bell.wait()
                    done.ring()
                }
            }
            group.addTask { [bell] in
                for _ in 0..<1000 {
                    work.add()
                    bell.ring()
                    await done.wait()
                }
            }
        }
        #expect(work.amount == 1000)
    }
}

private final class Work: Sendable {
    private let done = Atomic(0)

    var amount: Int { done.load(ordering: .acquiring) }
    func add() { done.add(1, ordering: .acquiringAndReleasing) }
}
