package import FreshetCore
package import FreshetKit
import Synchronization

/// Who may do what, kept in memory with every promise of ``AccessStore``; for tests.
package final class MemoryAccessStore: AccessStore {
    struct Contents {
        var users: [String: UserRecord] = [:]
        /// Oldest first.
        var sessions: [SessionRecord] = []
        var tokens: [TokenRecord] = []
        var links: [String: LinkRecord] = [:]
        var rows: [AuditRecord] = []
    }
    private let contents = Mutex(Contents())
    /// The only one that may write.
    package let epoch: Epoch

    package init(epoch: Epoch = Epoch(1)) { self.epoch = epoch }

    package func commit(
        _ change: AccessChange,
        _ audit: AuditEntry,
        at now: Timestamp,
        by writer: Writer
    ) async throws(StoreError) -> AccessOutcome {
        try write(by: writer) { contents in
            let outcome = contents.apply(change, at: now)
            if outcome == .done { contents.keep(audit, at: now, by: writer.actor) }
            return outcome
        }
    }

    package func record(_ entry: AuditEntry, at now: Timestamp, by writer: Writer) async throws(StoreError) {
        try write(by: writer) { $0.keep(entry, at: now, by: writer.actor) }
    }

    package func touch(_ use: CredentialUse, by writer: Writer) async throws(StoreError) {
        try write(by: writer) { contents in
            switch use {
            case .session(let digest, let moment):
                guard let index = contents.sessions.firstIndex(where: { $0.digest == digest }) else { return }
                contents.sessions[index].lastUsedAt = moment
            case .token(let id, let moment, let address):
                guard let index = contents.tokens.firstIndex(where: { $0.id == id }) else { return }
                contents.tokens[index].lastUsedAt = moment
                contents.tokens[index].lastAddress = address
            }
        }
    }

    package func users() async throws(StoreError) -> [UserRecord] {
        read { $0.users.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }
    }

    package func user(_ name: String) async throws(StoreError) -> UserRecord? { read { $0.users[name] } }

    package func user(of subject: UserRecord.Subject) async throws(StoreError) -> UserRecord? {
        read { $0.users.values.first { $0.subject == subject } }
    }

    package func session(digest: String) async throws(StoreError) -> SessionRecord? {
        read { $0.sessions.first { $0.digest == digest } }
    }

    package func sessions(of user: String) async throws(StoreError) -> [SessionRecord] {
        read { $0.sessions.filter { $0.user == user }.reversed() }
    }

    package func token(digest: String) async throws(StoreError) -> TokenRecord? {
        read { $0.tokens.first { $0.digest == digest } }
    }

    package func tokens() async throws(StoreError) -> [TokenRecord] { read { $0.tokens.reversed() } }

    package func link(digest: String) async throws(StoreError) -> LinkRecord? { read { $0.links[digest] } }

    package func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditRecord] {
        read { contents in
            let rows = contents.rows.reversed().filter { row in
                let isOfAction =
                    query.action.map { row.entry.action == $0 || row.entry.action.hasPrefix($0 + ".") } ?? true
                return isOfAction && query.actor.map { $0 == row.actor } ?? true
                    && query.target.map { $0 == row.entry.target } ?? true
                    && query.outcome.map { $0 == row.entry.outcome } ?? true
                    && query.before.map { row.sequence < $0 } ?? true
            }
            return Array(rows.prefix(query.limit))
        }
    }

    private func read<Value: Sendable>(_ body: (Contents) -> Value) -> Value { body(contents.withLock { $0 }) }

    private func write<Value: Sendable>(
        by writer: Writer,
        _ body: (inout Contents) -> Value
    ) throws(StoreError) -> Value {
        guard writer.epoch == epoch else { throw .superseded }
        return contents.withLock { body(&$0) }
    }
}
