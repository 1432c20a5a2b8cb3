import FreshetKit
import Synchronization

/// The queue of one client of the stream; bounded.
final class Listener: Sendable {
    /// How many changes may wait for a client.
    static let most = 1000

    enum Item: Equatable {
        case changes([ChangeRecord])
        /// Too much was missed: everything is to be read again.
        case resync(at: Int64)
    }

    private struct State {
        var waiting: [ChangeRecord] = []
        /// Positions up to this one have been offered.
        var seen: Int64 = 0
        var resyncAt: Int64?
        var waiter: (id: Int, continuation: CheckedContinuation<Void, Never>)?
        var nextID = 0
        var isOver = false
    }
    private let state = Mutex(State())
    private let topics: Topics

    init(_ topics: Topics) { self.topics = topics }

    /// Says up to which position the client knows everything.
    func begin(at position: Int64) { state.withLock { $0.seen = max($0.seen, position) } }

    func offer(_ records: [ChangeRecord]) {
        wake { state in
            let new = records.filter { $0.sequence > state.seen }
            guard let last = new.last else { return false }
            state.seen = last.sequence
            state.waiting += new.filter(topics.include)
            if state.waiting.count > Self.most {
                state.waiting = []
                state.resyncAt = last.sequence
            }
            return !state.waiting.isEmpty || state.resyncAt != nil
        }
    }

    func resync(at position: Int64) {
        wake { state in
            state.waiting = []
            state.resyncAt = position
            state.seen = max(state.seen, position)
            return true
        }
    }

    /// Ends the stream.
    func end() {
        wake { state in
            state.isOver = true
            return true
        }
    }

    /// Whether something waits, or the stream is over.
    var hasSomething: Bool { state.withLock { !$0.waiting.isEmpty || $0.resyncAt != nil || $0.isOver } }

    var isOver: Bool { state.withLock { $0.isOver } }

    /// What waits for the client; empty when there is nothing.
    func take() -> [Item] {
        state.withLock { state in
            var items: [Item] = []
            if let position = state.resyncAt { items.append(.resync(at: position)) }
            if !state.waiting.isEmpty { items.append(.changes(state.waiting)) }
            state.waiting = []
            state.resyncAt = nil
            return items
        }
    }

    private func wake(_ change: (inout State) -> Bool) {
        let waiter = state.withLock { state in
            guard change(&state) else { return nil as CheckedContinuation<Void, Never>? }
            defer { state.waiter = nil }
            return state.waiter?.continuation
        }
        waiter?.resume()
    }

    /// Returns when something waits, when the stream ends, or when the task is cancelled.
    func wait() async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let isReady = state.withLock { state in
                    let isReady = !state.waiting.isEmpty || state.resyncAt != nil || state.isOver || Task.isCancelled
                    if !isReady { state.waiter = (id, continuation) }
                    return isReady
                }
                if isReady { continuation.resume() }
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
}
