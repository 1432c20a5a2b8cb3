import FreshetCore
import FreshetKit
private import Synchronization

/// Keeps the first of several answers.
final class FirstAnswer<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiter: CheckedContinuation<Value, Never>?
    }
    private let state = Mutex(State())

    func offer(_ value: Value) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, Never>? in
            guard state.value == nil else { return nil }
            state.value = value
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: value)
    }

    /// To be awaited once.
    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state -> Value? in
                    if state.value == nil { state.waiter = continuation }
                    return state.value
                }
                if let ready { continuation.resume(returning: ready) }
            }
        }
    }

    /// What `work` answers within a time; work that takes longer is cancelled and left behind.
    ///
    /// - Parameters:
    ///   - limit: the time.
    ///   - clock: measures it.
    ///   - otherwise: the answer when the time is over.
    ///   - onCancel: the answer when the task is cancelled; `nil` to wait all the same.
    ///   - work: need not care for its cancellation.
    /// - Returns: the first answer.
    static func within(
        _ limit: Duration,
        on clock: any EngineClock,
        otherwise: Value,
        onCancel: Value? = nil,
        _ work: @escaping @Sendable () async -> Value
    ) async -> Value {
        let first = FirstAnswer()
        let deadline = clock.now + limit
        let worker = Task { first.offer(await work()) }
        let timer = Task {
            do { try await clock.sleep(until: deadline) } catch { return }
            first.offer(otherwise)
        }
        defer {
            worker.cancel()
            timer.cancel()
        }
        return await withTaskCancellationHandler {
            await first.value
        } onCancel: {
            if let onCancel { first.offer(onCancel) }
        }
    }
}
