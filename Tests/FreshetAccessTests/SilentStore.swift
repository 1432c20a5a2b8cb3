import FreshetCore
import FreshetKit

/// A store that answers nothing.
struct SilentStore: AccessStore {
    private let error = StoreError.failed("the disk is gone")

    func commit(
        _ change: AccessChange,
        _ audit: AuditEntry,
        at now: Timestamp,
        by writer: Writer
    ) async throws(StoreError) -> AccessOutcome { throw error }
    func record(_ entry: AuditEntry, at now: Timestamp, by writer: Writer) async throws(StoreError) { throw error }
    func touch(_ use: CredentialUse, by writer: Writer) async throws(StoreError) { throw error }
    func users() async throws(StoreError) -> [UserRecord] { throw error }
    func user(_ name: String) async throws(StoreError) -> UserRecord? { throw error }
    func user(of subject: UserRecord.Subject) async throws(StoreError) -> UserRecord? { throw error }
    func session(digest: String) async throws(StoreError) -> SessionRecord? { throw error }
    func sessions(of user: String) async throws(StoreError) -> [SessionRecord] { throw error }
    func token(digest: String) async throws(StoreError) -> TokenRecord? { throw error }
    func tokens() async throws(StoreError) -> [TokenRecord] { throw error }
    func link(digest: String) async throws(StoreError) -> LinkRecord? { throw error }
    func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditRecord] { throw error }
}
