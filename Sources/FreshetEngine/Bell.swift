import FreshetCore
import FreshetKit
private import Synchronization

/// Wakes one waiting loop; a ring while nobody waits is kept for the next wait.
final class Bell: Sendable {
    private struct State {
        var isRung = false
        var waiter: (id: Int, continuation: CheckedContinuation<Void, Never>)?
        var nextID = 0
    }
    private let state = Mutex(State())

    func ring() {
        let waiter = state.withLock { state in
            state.isRung = state.waiter == nil
            defer { state.waiter = nil }
            return state.waiter?.continuation
        }
        waiter?.resume()
    }

    /// Returns at the next ring, or when the task is cancelled.
    func wait() async {
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
    func wait(until moment: Timestamp?, on clock: any EngineClock) async {
        await withTaskGroup(of: Void.self) { group in
            if let moment {
                // A sleep ends early only by cancellation, which the caller sees by itself.
                group.addTask { do { try await clock.sleep(until: moment) } catch {} }
            }
            group.addTask { await self.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
