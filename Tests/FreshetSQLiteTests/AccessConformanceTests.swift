import FreshetCore
import FreshetKit
import FreshetSQLite
import FreshetTesting
import Testing

struct AccessConformanceTests {
    /// A store in a file of its own, claimed twice, so that there is an older epoch.
    struct Factory: AccessStoreFactory {
        let files = SQLiteFactory()

        func open() async throws(StoreError) -> (store: any AccessStore, epoch: Epoch) {
            let store = try await SQLiteStore.open(path: files.path, mode: .writer)
            _ = try await store.claim(owner: "before", at: Timestamp(milliseconds: 0))
            return (store, try await store.claim(owner: "test", at: Timestamp(milliseconds: 0)))
        }
    }

    @Test(arguments: AccessStoreConformance.checks)
    func `the store in SQLite keeps each promise of access`(_ check: AccessStoreConformance.Check) async throws {
        try await check.run(Factory())
    }

    @Test func `a session is there for who opens the store again`() async throws {
        let files = SQLiteFactory()
        let first = try await SQLiteStore.open(path: files.path, mode: .writer)
        let epoch = try await first.claim(owner: "test", at: Timestamp(milliseconds: 0))
        let now = Timestamp(milliseconds: 1000)
        let session = SessionRecord(
            digest: "d",
            user: "root",
            role: .admin,
            method: .link,
            createdAt: now,
            endsAt: now + .seconds(60)
        )
        let writer = Writer(epoch: epoch, actor: Actor("user:root"))
        let outcome = try await first.commit(
            .beginSession(session, replacing: nil),
            AuditEntry("session.login", method: .link),
            at: now,
            by: writer
        )
        #expect(outcome == .done)
        await first.close()
        let second = try await SQLiteStore.open(path: files.path, mode: .writer)
        #expect(try await second.session(digest: "d") == session)
        await second.close()
    }
}
