package import FreshetKit

/// Where a store of access comes from that is put to the test, with an epoch that may write.
package protocol AccessStoreFactory: Sendable {
    func open() async throws(StoreError) -> (store: any AccessStore, epoch: Epoch)
}

/// What every ``AccessStore`` has to keep, one check for each promise; give each an empty store.
package enum AccessStoreConformance {
    /// One promise.
    package struct Check: Sendable, CustomStringConvertible {
        /// The promise as a sentence.
        package let name: String
        /// Throws ``ConformanceFailure`` when the promise is not kept, and whatever the store threw unasked.
        package let run: @Sendable (any AccessStoreFactory) async throws -> Void

        package var description: String { name }

        init(_ name: String, _ run: @escaping @Sendable (AccessBench) async throws -> Void) {
            self.name = name
            self.run = { factory in
                let (store, epoch) = try await factory.open()
                try await run(AccessBench(store: store, epoch: epoch))
            }
        }
    }

    package static let checks = users + sessions + links + tokens + audit
}

/// A store with one who writes.
struct AccessBench: Sendable {
    let store: any AccessStore
    let epoch: Epoch

    var writer: Writer { Writer(epoch: epoch, actor: Actor("user:root")) }

    @discardableResult
    func commit(_ change: AccessChange, at second: Int64 = 0) async throws(StoreError) -> AccessOutcome {
        try await store.commit(change, AuditEntry("test.change"), at: Sample.time(second), by: writer)
    }

    func add(_ name: String, _ role: AccessRole = .viewer) async throws(StoreError) {
        try await commit(.addUser(Self.user(name, role)))
    }

    func begin(_ digest: String, of user: String, at second: Int64 = 0) async throws(StoreError) {
        try await commit(.beginSession(Self.session(digest, of: user, at: second), replacing: nil), at: second)
    }

    static func user(_ name: String, _ role: AccessRole = .viewer, subject: String? = nil) -> UserRecord {
        UserRecord(
            name: name,
            title: name.uppercased(),
            role: role,
            passwordHash: subject == nil ? "hash of \(name)" : nil,
            subject: subject.map { UserRecord.Subject(issuer: "https://issuer.test", id: $0) },
            createdAt: Sample.time(0)
        )
    }

    static func session(_ digest: String, of user: String, at second: Int64 = 0) -> SessionRecord {
        SessionRecord(
            digest: digest,
            user: user,
            method: .password,
            createdAt: Sample.time(second),
            endsAt: Sample.time(second + 1000),
            address: "192.0.2.1",
            agent: "Browser/1"
        )
    }

    static func token(_ id: String, name: String, user: String? = nil) -> TokenRecord {
        TokenRecord(
            id: id,
            name: name,
            digest: "digest of \(id)",
            role: .operator,
            sources: ["dbt", "github"],
            assets: "group:sales",
            user: user,
            createdBy: "user:root",
            createdAt: Sample.time(0),
            expiresAt: Sample.time(5000)
        )
    }
}
