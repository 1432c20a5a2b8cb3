internal import Dispatch
private import FreshetCore
private import Synchronization

/// A line of blocking calls, done one after the other on a thread that does not belong to the cooperative pool.
final class SQLLane: Sendable {
    /// A queue of its own, since the lanes' threads are blocked while their databases work.
    private static let deadlines = DispatchQueue(label: "freshet.sql.deadlines")

    private let queue: DispatchQueue

    init(_ label: String) { queue = DispatchQueue(label: label) }

    /// Does `work` when its turn comes.
    ///
    /// The caller is answered at its deadline and on cancellation even if the work takes longer to notice, or its turn
    /// has not come yet.
    func run<Value: Sendable>(
        within limit: Duration,
        _ work: @escaping @Sendable (SQLCall) throws(SQLError) -> Value
    ) async throws(SQLError) -> Value {
        let call = SQLCall(within: limit)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, SQLError>, Never>) in
                let answer = SQLAnswer(continuation)
                call.whenInterrupted { answer.give(.failure($0)) }
                queue.async {
                    guard call.interruption == nil else { return }
                    answer.give(Result { () throws(SQLError) in try work(call) })
                    call.end()
                }
                Self.deadlines.asyncAfter(deadline: call.deadline) { [weak call] in
                    call?.interrupt(.timedOut(after: limit))
                }
            }
        } onCancel: {
            call.interrupt(.cancelled)
        }
        return try result.get()
    }
}

/// One question on its way, and the wish that it end.
final class SQLCall: Sendable {
    private struct State {
        var interruption: SQLError?
        var isOver = false
        var handlers: [@Sendable (SQLError) -> Void] = []
    }

    let limit: Duration
    /// By the monotonic clock: the time left on the wire is no business of the engine's clock.
    let deadline: DispatchTime
    private let state = Mutex(State())

    init(within limit: Duration) {
        self.limit = limit
        deadline = .now() + .milliseconds(Int(limit.inMilliseconds))
    }

    /// Negative once the deadline has passed.
    var left: Duration {
        .nanoseconds(Int64(deadline.uptimeNanoseconds) - Int64(DispatchTime.now().uptimeNanoseconds))
    }

    /// Why the caller no longer waits.
    var interruption: SQLError? { state.withLock { $0.interruption } }

    /// Only the first interruption counts, and none after the end.
    func interrupt(_ reason: SQLError) {
        let handlers = state.withLock { state in
            guard state.interruption == nil, !state.isOver else { return [@Sendable (SQLError) -> Void]() }
            state.interruption = reason
            defer { state.handlers = [] }
            return state.handlers
        }
        for handler in handlers { handler(reason) }
    }

    /// Calls `handler` at most once, at once if it has already happened.
    func whenInterrupted(_ handler: @escaping @Sendable (SQLError) -> Void) {
        let reason = state.withLock { state in
            if state.interruption == nil, !state.isOver { state.handlers.append(handler) }
            return state.interruption
        }
        if let reason { handler(reason) }
    }

    func end() {
        state.withLock { state in
            state.isOver = true
            state.handlers = []
        }
    }
}

/// The answer to a call, of which only the first is given.
private final class SQLAnswer<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Result<Value, SQLError>, Never>?>

    init(_ continuation: CheckedContinuation<Result<Value, SQLError>, Never>) {
        self.continuation = Mutex(continuation)
    }

    func give(_ result: Result<Value, SQLError>) {
        let continuation = continuation.withLock { $0.take() }
        continuation?.resume(returning: result)
    }
}
