package import FreshetCore
import FreshetKit
import Synchronization

/// A clock that moves only when a test says so.
///
/// Wait with ``sleepers(atLeast:)`` until the code under test sleeps, then move the clock with ``advance(by:)``. No test
/// needs to sleep itself.
package final class ManualClock: EngineClock {
    private struct Sleeper {
        var id: Int
        var wakesAt: Timestamp
        var continuation: CheckedContinuation<Void, any Error>
    }
    private struct Watcher {
        var id: Int
        var count: Int
        var continuation: CheckedContinuation<Void, Never>
    }
    private struct State {
        var now: Timestamp
        var nextID = 0
        /// In the order in which they wake; those of one moment in the order in which they fell asleep.
        var sleepers: [Sleeper] = []
        var watchers: [Watcher] = []
    }
    private let state: Mutex<State>

    package init(at now: Timestamp = Timestamp(milliseconds: 0)) { state = Mutex(State(now: now)) }

    package var now: Timestamp { state.withLock { $0.now } }

    /// How many tasks sleep.
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// When the next sleeper wakes; `nil` when none sleeps.
    package var nextWake: Timestamp? { state.withLock { $0.sleepers.first?.wakesAt } }

    package func sleep(until moment: Timestamp) async throws {
        let id = newID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                fallAsleep(Sleeper(id: id, wakesAt: moment, continuation: continuation))
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.sleepers.firstIndex { $0.id == id }.map { state.sleepers.remove(at: $0) }
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Returns as soon as that many tasks sleep, or when its task is cancelled.
    package func sleepers(atLeast count: Int) async {
        let id = newID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.sleepers.count >= count || Task.isCancelled { return true }
                    state.watchers.append(Watcher(id: id, count: count, continuation: continuation))
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let watcher = state.withLock { state in
                state.watchers.firstIndex { $0.id == id }.map { state.watchers.remove(at: $0) }
            }
            watcher?.continuation.resume()
        }
    }

    /// Moves the clock and wakes in order of their time all who sleep until then or earlier.
    package func advance(by duration: Duration) { set(to: now + duration) }

    /// Moves the clock, also backwards, and wakes all who sleep until then or earlier.
    package func set(to moment: Timestamp) {
        let woken = state.withLock { state in
            state.now = moment
            let count = state.sleepers.prefix { $0.wakesAt <= moment }.count
            defer { state.sleepers.removeFirst(count) }
            return Array(state.sleepers.prefix(count))
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    private func newID() -> Int {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    private func fallAsleep(_ sleeper: Sleeper) {
        enum Outcome { case asleep([Watcher]), cancelled, over }
        let outcome = state.withLock { state -> Outcome in
            if Task.isCancelled { return .cancelled }
            if sleeper.wakesAt <= state.now { return .over }
            let position = state.sleepers.firstIndex { $0.wakesAt > sleeper.wakesAt } ?? state.sleepers.endIndex
            state.sleepers.insert(sleeper, at: position)
            let count = state.sleepers.count
            let content = state.watchers.filter { $0.count <= count }
            state.watchers.removeAll { $0.count <= count }
            return .asleep(content)
        }
        switch outcome {
        case .asleep(let watchers): for watcher in watchers { watcher.continuation.resume() }
        case .cancelled: sleeper.continuation.resume(throwing: CancellationError())
        case .over: sleeper.continuation.resume()
        }
    }
}
