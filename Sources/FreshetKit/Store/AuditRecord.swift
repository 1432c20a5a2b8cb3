public import FreshetCore

/// What somebody did or wanted to do, for the audit; the actor is that of the ``Writer``.
public struct AuditEntry: Hashable, Sendable {
    /// How the actor was known.
    public enum Method: String, Hashable, Sendable, CaseIterable {
        case engine
        case password
        case oidc
        case link
        case token
        /// Whoever may open the daemon's socket or the store's files.
        case socket
    }
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        case allowed
        case denied
        case failed
    }

    /// Such as `runs.create`, `pauses.set`, `session.login`.
    public var action: String
    /// What it was done to.
    public var target: String?
    public var outcome: Outcome
    /// Why, in the actor's words.
    public var reason: String?
    public var method: Method
    /// The actor's network address; `nil` for a socket of the machine.
    public var address: String?

    public init(
        _ action: String,
        target: String? = nil,
        outcome: Outcome = .allowed,
        reason: String? = nil,
        method: Method = .socket,
        address: String? = nil
    ) {
        self.action = action
        self.target = target
        self.outcome = outcome
        self.reason = reason
        self.method = method
        self.address = address
    }
}

/// A row of the audit.
public struct AuditRecord: Hashable, Sendable {
    public var sequence: Int64
    public var at: Timestamp
    public var actor: Actor
    public var entry: AuditEntry
    /// Of this row and the one before, so that a row that was taken out is missed.
    public var hash: String

    public init(sequence: Int64, at now: Timestamp, actor: Actor, entry: AuditEntry, hash: String) {
        self.sequence = sequence
        self.at = now
        self.actor = actor
        self.entry = entry
        self.hash = hash
    }
}

public struct AuditQuery: Sendable {
    public var actor: Actor?
    /// One action, or those that begin with it and a dot.
    public var action: String?
    public var target: String?
    public var outcome: AuditEntry.Outcome?
    /// Only rows before this sequence number, for paging.
    public var before: Int64?
    public var limit: Int

    public init(
        actor: Actor? = nil,
        action: String? = nil,
        target: String? = nil,
        outcome: AuditEntry.Outcome? = nil,
        before: Int64? = nil,
        limit: Int = 50
    ) {
        self.actor = actor
        self.action = action
        self.target = target
        self.outcome = outcome
        self.before = before
        self.limit = limit
    }
}
