package import FreshetCore
import FreshetCrypto
package import FreshetKit
import Synchronization

/// Begins and ends sessions.
package final class SignIn: Sendable {
    let store: any AccessStore
    let epoch: Epoch
    let clock: any EngineClock
    let entropy: Entropy
    let limits: SessionLimits
    private let bench: PasswordBench
    let throttle = Mutex(LoginThrottle())

    package init(
        store: any AccessStore,
        epoch: Epoch,
        clock: any EngineClock,
        entropy: Entropy,
        bench: PasswordBench,
        limits: SessionLimits = SessionLimits()
    ) {
        self.store = store
        self.epoch = epoch
        self.clock = clock
        self.entropy = entropy
        self.bench = bench
        self.limits = limits
    }

    // MARK: Password

    package func withPassword(
        _ password: String,
        user name: String,
        _ visitor: Visitor
    ) async throws(AccessFault) -> SignInAnswer {
        let name = name.lowercased()
        let begun = clock.now
        if let wait = throttle.withLock({ $0.begin(user: name, address: visitor.address, at: begun) }) {
            return .wait(wait)
        }
        let user = UserName.isValid(name) ? try await user(name) : nil
        let match = try await AccessFault.ofBench { [bench] () async throws(PasswordBench.Failure) in
            // What is longer than a password can be is not worth a hash, and takes no less time.
            let isPlausible = password.count <= PasswordRules.lengths.upperBound
            return try await bench.match(isPlausible ? password : "", isPlausible ? user?.passwordHash : nil)
        }
        guard let user, match != .wrong, user.disabledAt == nil else {
            // Why stays between us and the audit: an outsider learns neither who is here nor who is disabled.
            let reason = user == nil ? "no such user" : match == .wrong ? "wrong password" : "disabled"
            try await refuse(name, .password, reason, visitor)
            return .wrong
        }
        throttle.withLock { $0.succeeded(user: name, address: visitor.address, at: clock.now) }
        if match == .outdated { try await renewHash(of: user, password, visitor) }
        return try await begin(user: user.name, role: nil, .password, visitor) { .beginSession($0, replacing: $1) }
    }

    private func renewHash(of user: UserRecord, _ password: String, _ visitor: Visitor) async throws(AccessFault) {
        guard let old = user.passwordHash else { return }
        let new = try await AccessFault.ofBench { [bench] () async throws(PasswordBench.Failure) in
            try await bench.hash(password)
        }
        let change = AccessChange.renewHash(user: user.name, from: old, to: new)
        let entry = AuditEntry("users.rehash", target: "user:\(user.name)", method: .password, address: visitor.address)
        _ = try await commit(change, entry, by: Actor("user:\(user.name)"))
    }

    // MARK: Sessions

    /// Ends the session of somebody who asks for it.
    package func signOut(_ principal: Principal, from address: String?) async throws(AccessFault) {
        guard principal.method != .token, let digest = principal.credential else { return }
        let entry = AuditEntry(
            "session.logout",
            target: principal.actor.name,
            method: principal.method,
            address: address
        )
        _ = try await commit(.endSession(digest: digest), entry, by: principal.actor)
    }

    /// Who has just signed in, as the gate will see them.
    func principal(of session: SignedIn) async throws(AccessFault) -> Principal? {
        let identification = Identification(store: store, owner: .engine, limits: limits)
        return try await identification.person(session.digest, at: clock.now).principal
    }

    func begin(
        user: String,
        role: AccessRole?,
        _ method: AuditEntry.Method,
        _ visitor: Visitor,
        _ change: (SessionRecord, String?) -> AccessChange
    ) async throws(AccessFault) -> SignInAnswer {
        let now = clock.now
        // A new id at each sign-in: one that was planted in the browser before is worth nothing.
        let credential = try AccessFault.ofCrypto { [entropy] () throws(CryptoError) in
            try Credential.make(.session, entropy)
        }
        let session = SessionRecord(
            digest: try AccessFault.ofCrypto { () throws(CryptoError) in try credential.digest },
            user: user,
            role: role,
            method: method,
            createdAt: now,
            endsAt: now + limits.absolute,
            address: visitor.address,
            agent: visitor.agent
        )
        let entry = AuditEntry("session.login", target: "user:\(user)", method: method, address: visitor.address)
        switch try await commit(change(session, visitor.session), entry, by: Actor("user:\(user)")) {
        case .done: break
        case .exists: return .taken(user)
        case .lastAdmin, .unknown: return .wrong
        }
        return .signedIn(
            SignedIn(
                user: user,
                cookie: SessionCookie.setting(credential, for: limits.absolute, isSecure: visitor.isSecure),
                csrfToken: try AccessFault.ofCrypto { () throws(CryptoError) in try BrowserGuard.token(of: credential)
                },
                endsAt: limits.end(of: session),
                digest: session.digest
            )
        )
    }

    func refuse(
        _ name: String,
        _ method: AuditEntry.Method,
        _ reason: String,
        _ visitor: Visitor
    ) async throws(AccessFault) {
        // The name as it was given may be a password in the wrong field, and so is kept only where it may be a name.
        let target = UserName.isValid(name) ? "user:\(name)" : nil
        let entry = AuditEntry(
            "session.login",
            target: target,
            outcome: .denied,
            reason: reason,
            method: method,
            address: visitor.address
        )
        let writer = Writer(epoch: epoch, actor: Actor("anonymous"))
        try await AccessFault.ofStore { [store, clock] () async throws(StoreError) in
            try await store.record(entry, at: clock.now, by: writer)
        }
    }

    private func user(_ name: String) async throws(AccessFault) -> UserRecord? {
        try await AccessFault.ofStore { [store] () async throws(StoreError) in try await store.user(name) }
    }

    func commit(
        _ change: AccessChange,
        _ entry: AuditEntry,
        by actor: Actor
    ) async throws(AccessFault) -> AccessOutcome {
        let writer = Writer(epoch: epoch, actor: actor)
        return try await AccessFault.ofStore { [store, clock] () async throws(StoreError) in
            try await store.commit(change, entry, at: clock.now, by: writer)
        }
    }
}

/// What became of somebody who wanted in.
package enum SignInAnswer: Hashable, Sendable {
    case signedIn(SignedIn)
    /// Who the identity provider vouches for has the name of somebody else here.
    case taken(String)
    /// Guesses come too fast.
    case wait(Duration)
    /// Which of all it was is not for outsiders.
    case wrong
}

/// A session that has begun.
package struct SignedIn: Hashable, Sendable {
    package var user: String
    /// The value of `Set-Cookie`.
    package var cookie: String
    package var csrfToken: String
    /// If nothing more is asked.
    package var endsAt: Timestamp
    /// What the store knows the session by.
    package var digest: String
}
