private import Synchronization

/// Lets one at a time through, in the order of asking.
final class Turnstile: Sendable {
    private struct State {
        var isTaken = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        /// How many of the waiters have been let through.
        var served = 0
    }
    private let state = Mutex(State())

    /// Returns when nobody else is inside; not earlier even if the task is cancelled.
    func enter() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isTaken {
                    state.waiters.append(continuation)
                    return false
                }
                state.isTaken = true
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    /// Hands over to the next, so that nobody can slip in between.
    func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.served < state.waiters.count else {
                state.waiters = []
                state.served = 0
                state.isTaken = false
                return nil
            }
            if state.served > 64, state.served * 2 > state.waiters.count {
                state.waiters.removeFirst(state.served)
                state.served = 0
            }
            defer { state.served += 1 }
            return state.waiters[state.served]
        }
        next?.resume()
    }
}
