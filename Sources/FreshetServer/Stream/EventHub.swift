import FreshetCore
import FreshetKit
import FreshetView
import Synchronization

/// Tells those who listen what has changed in the store.
///
/// The store's sequence of changes is read while somebody listens, and each change is offered to every listener; one
/// that is too slow loses its queue and is told to read the resources again. So no listener holds up another, nor the
/// engine, and none takes more memory than its queue.
final class EventHub: Sendable {
    /// How long after a change listeners hear of it at the latest.
    static let interval = Duration.milliseconds(250)
    /// How many changes are read at a time.
    private static let batch = 2000

    private struct State {
        var listeners: [Int: Listener] = [:]
        var nextID = 0
        var reader: Task<Void, Never>?
        var position: Int64 = 0
    }
    private let state = Mutex(State())
    private let store: any RunStore
    private let clock: any EngineClock

    init(store: any RunStore, clock: any EngineClock) {
        self.store = store
        self.clock = clock
    }

    var count: Int { state.withLock { $0.listeners.count } }

    /// A new listener, with what it has missed.
    ///
    /// - Parameters:
    ///   - topics: what it wants to hear of.
    ///   - after: the position that it knows; `nil` for the present one.
    /// - Returns: a listener that is forgotten when nobody holds it any more.
    func listen(to topics: Topics, after: Int64?) async throws(Problem) -> Subscription {
        let listener = Listener(topics)
        let now = try await asking { () throws(StoreError) in try await store.changes(after: nil, limit: 0) }
        let start = after ?? now.newest
        let id = state.withLock { state in
            if state.listeners.isEmpty { state.position = now.newest }
            state.nextID += 1
            state.listeners[state.nextID] = listener
            if state.reader == nil { state.reader = Task { await self.read() } }
            return state.nextID
        }
        // What the hub has read meanwhile is offered twice; the listener drops what it has.
        if start > now.newest || start < now.oldest - 1 {
            listener.resync(at: now.newest)
        } else {
            var place = start
            while place < now.newest {
                let from = place
                let missed = try await asking { () throws(StoreError) in
                    try await store.changes(after: from, limit: Self.batch)
                }
                guard let last = missed.records.last else { break }
                listener.offer(missed.records)
                place = last.sequence
            }
            listener.begin(at: max(place, start))
        }
        return Subscription(listener: listener) { [weak self] in self?.leave(id) }
    }

    private func leave(_ id: Int) {
        state.withLock { state in
            state.listeners[id] = nil
            guard state.listeners.isEmpty else { return }
            state.reader?.cancel()
            state.reader = nil
        }
    }

    private func read() async {
        while !Task.isCancelled {
            let position = state.withLock { $0.position }
            do {
                let changes = try await store.changes(after: position, limit: Self.batch)
                if let last = changes.records.last {
                    let listeners = state.withLock { state in
                        state.position = max(state.position, last.sequence)
                        return Array(state.listeners.values)
                    }
                    for listener in listeners { listener.offer(changes.records) }
                    if changes.records.count == Self.batch { continue }
                }
                try await clock.sleep(for: Self.interval)
            } catch {
                // The store says no, or this task is over; a sleep that is cut short is the end of the task too.
                do { try await clock.sleep(for: .seconds(1)) } catch { return }
            }
        }
    }
}

/// Holds a listener in the hub for as long as it is there itself.
final class Subscription: Sendable {
    let listener: Listener
    private let leave: @Sendable () -> Void

    init(listener: Listener, leave: @escaping @Sendable () -> Void) {
        self.listener = listener
        self.leave = leave
    }

    deinit { leave() }
}
