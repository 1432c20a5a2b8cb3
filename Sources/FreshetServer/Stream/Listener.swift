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
        /// What the hub has read while the listener still catches up on what it missed; `nil` afterwards.
        var early: [ChangeRecord]? = []
        var resyncAt: Int64?
        var isOver = false
    }
    private let state = Mutex(State())
    private let moved = Bell()
    private let topics: Topics

    init(_ topics: Topics) { self.topics = topics }

    /// What happened before the listener came, the oldest first; to be followed by ``begin(at:)``.
    func offer(missed records: [ChangeRecord]) { wake { take(records, into: &$0) } }

    /// Says up to which position the client knows everything, or is about to; from there on the hub goes on.
    func begin(at position: Int64) {
        wake { state in
            state.seen = max(state.seen, position)
            let early = state.early ?? []
            state.early = nil
            return take(early, into: &state)
        }
    }

    /// What the hub has read.
    func offer(_ records: [ChangeRecord]) {
        wake { state in
            guard state.early != nil else { return take(records, into: &state) }
            state.early?.append(contentsOf: records)
            guard let count = state.early?.count, count > Self.most, let last = records.last else { return false }
            state.early = []
            return lose(until: last.sequence, &state)
        }
    }

    func resync(at position: Int64) { wake { lose(until: position, &$0) } }

    private func take(_ records: [ChangeRecord], into state: inout State) -> Bool {
        let new = records.filter { $0.sequence > state.seen }
        guard let last = new.last else { return false }
        state.seen = last.sequence
        state.waiting += new.filter(topics.include)
        if state.waiting.count > Self.most { return lose(until: last.sequence, &state) }
        return !state.waiting.isEmpty
    }

    private func lose(until position: Int64, _ state: inout State) -> Bool {
        state.waiting = []
        state.resyncAt = max(state.resyncAt ?? 0, position)
        state.seen = max(state.seen, position)
        return true
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
        if state.withLock({ change(&$0) }) { moved.ring() }
    }

    /// Returns when something waits, when the stream ends, or when the task is cancelled.
    func wait() async {
        // What rang may have been taken since.
        while !hasSomething, !Task.isCancelled { await moved.wait() }
    }
}
