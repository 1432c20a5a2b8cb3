package import FreshetCore
package import FreshetKit

extension SQLiteStore: AccessStore {
    package func commit(
        _ change: AccessChange,
        _ audit: AuditEntry,
        at now: Timestamp,
        by writer: Writer
    ) async throws(StoreError) -> AccessOutcome {
        try await write(by: writer) { db in
            let outcome = try db.apply(change, at: now)
            if outcome == .done { try db.audit(audit, by: writer.actor, at: now) }
            return outcome
        }
    }

    package func record(_ entry: AuditEntry, at now: Timestamp, by writer: Writer) async throws(StoreError) {
        try await write(by: writer) { try $0.audit(entry, by: writer.actor, at: now) }
    }

    package func touch(_ use: CredentialUse, by writer: Writer) async throws(StoreError) {
        try await write(by: writer) { try $0.touch(use) }
    }

    package func users() async throws(StoreError) -> [UserRecord] { try await read { try $0.users() } }

    package func user(_ name: String) async throws(StoreError) -> UserRecord? { try await read { try $0.user(name) } }

    package func user(of subject: UserRecord.Subject) async throws(StoreError) -> UserRecord? {
        try await read { try $0.user(of: subject) }
    }

    package func session(digest: String) async throws(StoreError) -> SessionRecord? {
        try await read { try $0.session(digest: digest) }
    }

    package func sessions(of user: String) async throws(StoreError) -> [SessionRecord] {
        try await read { try $0.sessions(of: user) }
    }

    package func token(digest: String) async throws(StoreError) -> TokenRecord? {
        try await read { try $0.token(digest: digest) }
    }

    package func tokens() async throws(StoreError) -> [TokenRecord] { try await read { try $0.tokens() } }

    package func link(digest: String) async throws(StoreError) -> LinkRecord? {
        try await read { try $0.link(digest: digest) }
    }
}
