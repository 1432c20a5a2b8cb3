import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

struct ManualClockTests {
    private let clock = ManualClock(at: Timestamp(milliseconds: 1000))

    @Test func `time stands still until it is moved`() {
        #expect(clock.now == Timestamp(milliseconds: 1000))
        clock.advance(by: .seconds(2))
        #expect(clock.now == Timestamp(milliseconds: 3000))
    }

    @Test func `a moment that has passed is not waited for`() async throws {
        try await clock.sleep(until: Timestamp(milliseconds: 1000))
        #expect(clock.sleeperCount == 0)
    }

    @Test func `sleepers wake when their moment comes and not before`() async throws {
        let clock = clock
        let early = Task { try await clock.sleep(for: .seconds(1)) }
        let late = Task { try await clock.sleep(for: .seconds(5)) }
        await clock.sleepers(atLeast: 2)
        #expect(clock.nextWake == Timestamp(milliseconds: 2000))
        clock.advance(by: .seconds(1))
        try await early.value
        #expect(clock.sleeperCount == 1)
        clock.advance(by: .seconds(4))
        try await late.value
    }

    @Test func `a cancelled sleeper wakes with an error`() async {
        let clock = clock
        let task = Task { try await clock.sleep(for: .seconds(1)) }
        await clock.sleepers(atLeast: 1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func `a sleep in a cancelled task does not begin`() async {
        let clock = clock
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.sleep(for: .seconds(1))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `waiting for sleepers ends with its task`() async {
        let clock = clock
        let task = Task { await clock.sleepers(atLeast: 1) }
        task.cancel()
        await task.value
    }
}
