import Dispatch
import FreshetCore
import FreshetKit
import GRDB
import Synchronization
import Testing

@testable import FreshetSQLite

struct GroupCommitTests {
    private let factory = SQLiteFactory()

    @Test(.timeLimit(.minutes(1)))
    func `calls that gather while another is written become one transaction`() async throws {
        let store = try await SQLiteStore.open(path: factory.path, mode: .writer)
        let counter = CommitCounter()
        try await store.write { $0.add(transactionObserver: counter, extent: .databaseLifetime) }
        let count = 500
        let gate = Gate(for: count)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await store.write { db in
                    gate.wait()
                    _ = try db.claim(owner: "first", at: Timestamp(milliseconds: 0))
                }
            }
            for _ in 0..<count {
                group.addTask {
                    // Between this line and the wait of the call nothing suspends, so all but a few have called then.
                    gate.arrive()
                    _ = try await store.claim(owner: "one of many", at: Timestamp(milliseconds: 0))
                }
            }
            try await group.waitForAll()
        }
        let last = try await store.claim(owner: "last", at: Timestamp(milliseconds: 0))
        #expect(last.number == Int64(count + 2))
        #expect(counter.commits.load(ordering: .relaxed) < count / 2)
        await store.close()
    }
}

/// Opens when a number of tasks have arrived.
private final class Gate: Sendable {
    private let missing: Atomic<Int>
    private let isOpen = DispatchSemaphore(value: 0)

    init(for count: Int) { missing = Atomic(count) }

    func arrive() { if missing.subtract(1, ordering: .relaxed).newValue == 0 { isOpen.signal() } }
    func wait() { isOpen.wait() }
}

private final class CommitCounter: TransactionObserver, Sendable {
    let commits = Atomic(0)

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { commits.add(1, ordering: .relaxed) }
    func databaseDidRollback(_ db: Database) {}
}
