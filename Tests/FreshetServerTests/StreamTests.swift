import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetServer

@Suite struct `The stream of events` {
    private func change(_ sequence: Int64, _ kind: ChangeRecord.Kind = .run, run: RunID? = nil) -> ChangeRecord {
        ChangeRecord(sequence: sequence, kind, "s", run: run)
    }

    private func listener(_ topics: String?) throws -> Listener {
        let listener = Listener(try Topics(topics))
        listener.begin(at: 0)
        return listener
    }

    @Test func `gives a listener each change once`() throws {
        let listener = try listener(nil)
        listener.offer([change(1), change(2)])
        listener.offer([change(2), change(3)])
        #expect(listener.take() == [.changes([change(1), change(2), change(3)])])
        #expect(listener.take().isEmpty)
    }

    @Test func `tells a listener that is too slow to read everything again`() throws {
        let listener = try listener(nil)
        let last = Int64(Listener.most + 1)
        listener.offer((1...last).map { change($0) })
        #expect(listener.take() == [.resync(at: last)])
        listener.offer([change(last + 1)])
        #expect(listener.take() == [.changes([change(last + 1)])])
    }

    @Test func `has for each topic what belongs to it`() throws {
        let listener = try listener("run:r1,log:r1")
        listener.offer([
            change(1, .step, run: "r1"), change(2, .step, run: "r2"), change(3, .log, run: "r1"), change(4, .tick),
        ])
        #expect(listener.take() == [.changes([change(1, .step, run: "r1"), change(3, .log, run: "r1")])])
        #expect(throws: Problem.self) { try Topics("weather") }
    }

    @Test func `keeps the order when something happens while a listener catches up`() throws {
        let listener = Listener(try Topics(nil))
        listener.offer([change(3), change(4)])
        listener.offer(missed: [change(1), change(2), change(3)])
        listener.begin(at: 3)
        #expect(listener.take() == [.changes([change(1), change(2), change(3), change(4)])])
    }

    @Test func `leaves logs out where nobody asks for them`() throws {
        let listener = try listener(nil)
        listener.offer([change(1, .log, run: "r1")])
        #expect(listener.take().isEmpty)
    }

    @Test func `gives who comes back what was missed`() async throws {
        let store = MemoryStore()
        let writer = Writer(epoch: try await store.claim(owner: "test", at: Timestamp(seconds: 0)), actor: .engine)
        let hub = EventHub(store: store, clock: ManualClock())
        let start = try await store.changes(after: nil, limit: 0).newest
        try await store.setPaused(true, nil, at: Timestamp(seconds: 1), by: writer)
        try await store.setPaused(false, nil, at: Timestamp(seconds: 2), by: writer)
        let subscription = try await hub.listen(to: try Topics(nil), after: start)
        guard case .changes(let missed)? = subscription.listener.take().first else {
            Issue.record("nothing was missed")
            return
        }
        #expect(missed.map(\.word) == ["paused", "resumed"])
    }

    @Test func `hears of what happens while it listens`() async throws {
        let store = MemoryStore()
        let writer = Writer(epoch: try await store.claim(owner: "test", at: Timestamp(seconds: 0)), actor: .engine)
        let clock = ManualClock()
        let hub = EventHub(store: store, clock: clock)
        let subscription = try await hub.listen(to: try Topics(nil), after: nil)
        await clock.sleepers(atLeast: 1)
        try await store.setPaused(true, nil, at: Timestamp(seconds: 1), by: writer)
        clock.advance(by: EventHub.interval)
        await subscription.listener.wait()
        guard case .changes(let heard)? = subscription.listener.take().first else {
            Issue.record("nothing was heard")
            return
        }
        #expect(heard.map(\.word) == ["paused"])
    }

    @Test func `tells who knows a position of another store to read everything again`() async throws {
        let store = MemoryStore()
        _ = try await store.claim(owner: "test", at: Timestamp(seconds: 0))
        let hub = EventHub(store: store, clock: ManualClock())
        let subscription = try await hub.listen(to: try Topics(nil), after: 99)
        #expect(subscription.listener.take() == [.resync(at: 1)])
    }

    @Test func `forgets a listener that nobody holds`() async throws {
        let store = MemoryStore()
        let hub = EventHub(store: store, clock: ManualClock())
        var subscription: Subscription? = try await hub.listen(to: try Topics(nil), after: nil)
        #expect(hub.count == 1)
        withExtendedLifetime(subscription) {}
        subscription = nil
        #expect(hub.count == 0)
    }
}
