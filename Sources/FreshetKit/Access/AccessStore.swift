package import FreshetCore

/// The part of a store that remembers who may do what.
///
/// It never sees a password, a token or a cookie, only what is made of them by a hash. Each write is one transaction
/// that is durable when the call returns, and holds the row of the audit too. A conforming store passes
/// `AccessStoreConformance` of FreshetTesting.
package protocol AccessStore: Sendable {
    /// Makes a change, with the row that says who made it.
    ///
    /// - Returns: ``AccessOutcome/done``, or why nothing was changed; then nothing is written to the audit either.
    func commit(
        _ change: AccessChange,
        _ audit: AuditEntry,
        at now: Timestamp,
        by writer: Writer
    ) async throws(StoreError) -> AccessOutcome

    /// Writes a row of the audit for what changed nothing, such as a wrong password.
    func record(_ entry: AuditEntry, at now: Timestamp, by writer: Writer) async throws(StoreError)

    /// Remembers when a session or a token was used last; does nothing for one that is not there.
    func touch(_ use: CredentialUse, by writer: Writer) async throws(StoreError)

    /// By name.
    func users() async throws(StoreError) -> [UserRecord]

    func user(_ name: String) async throws(StoreError) -> UserRecord?

    /// Who an identity provider knows by this.
    func user(of subject: UserRecord.Subject) async throws(StoreError) -> UserRecord?

    /// Also one that has ended by its times, which the caller looks at.
    func session(digest: String) async throws(StoreError) -> SessionRecord?

    /// The newest first.
    func sessions(of user: String) async throws(StoreError) -> [SessionRecord]

    /// Also one that has expired or was revoked, which the caller looks at.
    func token(digest: String) async throws(StoreError) -> TokenRecord?

    /// The newest first, those that were revoked too.
    func tokens() async throws(StoreError) -> [TokenRecord]

    /// One that has not been used; its time is for the caller to look at.
    func link(digest: String) async throws(StoreError) -> LinkRecord?

    /// Newest first.
    func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditRecord]
}

/// What can be changed of who may do what; what a change entails is part of it.
package enum AccessChange: Hashable, Sendable {
    /// ``AccessOutcome/exists`` for a name or a subject that is taken.
    case addUser(UserRecord)
    /// Ends the user's sessions: what they may now do begins with a new one.
    case setRole(user: String, AccessRole)
    /// Ends the user's sessions, but for the one that asks.
    case setPassword(user: String, hash: String, keeping: String?)
    /// Replaces a hash by one of the same password; ends nothing.
    case renewHash(user: String, from: String, to: String)
    /// `nil` enables; a time disables, and ends the user's sessions.
    case setDisabled(user: String, at: Timestamp?)
    /// ``AccessOutcome/exists`` for the name of one that is not revoked.
    case addToken(TokenRecord)
    /// ``AccessOutcome/unknown`` for one that was revoked already.
    case revokeToken(id: String, at: Timestamp)
    /// Ends the browser's former session; removes what has ended by its time.
    case beginSession(SessionRecord, replacing: String?)
    /// Signs in who an identity provider vouches for: adds or renews the user with the name, title and role of `user`.
    ///
    /// ``AccessOutcome/exists`` when somebody else has the name.
    case beginForeignSession(SessionRecord, of: UserRecord, replacing: String?)
    case endSession(digest: String)
    case endSessions(user: String)
    case addLink(LinkRecord)
    /// Uses a link up, and begins the session; ``AccessOutcome/unknown`` when it is used up or its time has passed.
    case redeemLink(digest: String, begins: SessionRecord, replacing: String?)
}

/// What became of a change.
package enum AccessOutcome: Hashable, Sendable {
    case done
    /// Something of that name is there already.
    case exists
    /// Nobody could administrate any more.
    case lastAdmin
    /// What should change is not there.
    case unknown
}

/// That a session or a token was used.
package enum CredentialUse: Hashable, Sendable {
    case session(digest: String, at: Timestamp)
    case token(id: String, at: Timestamp, address: String?)
}
