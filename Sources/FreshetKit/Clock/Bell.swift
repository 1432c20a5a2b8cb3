package import FreshetCore
private import Synchronization

/// Wakes one waiting task; a ring while nobody waits is kept for the next wait.
///
/// It says that something may have moved, not what: whoever waits looks for itself, and goes on waiting if it was
/// nothing. One task waits at a time.
package final class Bell: Sendable {
    private struct State {
        var isRung = false
        var waiter: (id: Int, continuation: CheckedContinuation<Void, Never>)?
        var nextID = 0
    }
    private let state = Mutex(State())

    package init() {}

    /// Wakes who waits, or the next who does; several rings in between are one.
    package func ring() {
        let waiter = state.withLock { state in
            state.isRung = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter?.continuation
        }
        waiter?.resume()
    }

    /// Returns at the next ring, or when the task is cancelled.
    package func wait() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isOver = state.withLock { state in
                    if state.isRung || Task.isCancelled {
                        state.isRung = false
                        return true
                    }
                    state.waiter = (id, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                guard state.waiter?.id == id else { return nil as CheckedContinuation<Void, Never>? }
                defer { state.waiter = nil }
                return state.waiter?.continuation
            }
            waiter?.resume()
        }
    }

    /// Returns at the next ring, at `moment`, or when the task is cancelled; `nil` for no moment.
    package func wait(until moment: Timestamp?, on clock: any EngineClock) async {
        guard let moment else { return await wait() }
        await clock.sleep(until: moment, or: wait)
    }
}
