package import FreshetCore
package import FreshetKit
private import Synchronization

/// Who may sign in: users, for people.
package final class Accounts: Sendable {
    let store: any AccessStore
    let epoch: Epoch
    let clock: any EngineClock
    let entropy: Entropy
    /// A uniform value in 0..<1, for identifiers.
    let chance: @Sendable () -> Double
    /// What tokens can be bound to.
    let graph: AssetGraph
    private let bench: PasswordBench
    private let throttle = Mutex(LoginThrottle())

    package init(
        store: any AccessStore,
        epoch: Epoch,
        clock: any EngineClock,
        entropy: Entropy,
        chance: @escaping @Sendable () -> Double,
        graph: AssetGraph,
        bench: PasswordBench
    ) {
        self.store = store
        self.epoch = epoch
        self.clock = clock
        self.entropy = entropy
        self.chance = chance
        self.graph = graph
        self.bench = bench
    }

    /// Who asks for a change, for the audit.
    package struct Requester: Hashable, Sendable {
        package var actor: Actor
        package var method: AuditEntry.Method
        package var address: String?

        package init(actor: Actor, method: AuditEntry.Method, address: String? = nil) {
            self.actor = actor
            self.method = method
            self.address = address
        }

        package init(_ principal: Principal, from address: String?) {
            self.init(actor: principal.actor, method: principal.method, address: address)
        }
    }

    package func users() async throws(AccountError) -> [UserRecord] {
        try await asking { (store) async throws(StoreError) in try await store.users() }
    }

    /// - Parameters:
    ///   - name: see ``UserName``.
    ///   - title: as people read it; the name where there is none.
    ///   - role: what they may do.
    ///   - password: `nil` for somebody who gets one later.
    ///   - requester: who asks.
    /// - Throws: ``AccountError``.
    package func add(
        _ name: String,
        title: String?,
        role: AccessRole,
        password: String?,
        by requester: Requester
    ) async throws(AccountError) {
        guard UserName.isValid(name) else { throw .badName(name) }
        let title = try Self.checked(title ?? name)
        let user = UserRecord(
            name: name,
            title: title,
            role: role,
            passwordHash: try await hash(password, of: name),
            createdAt: clock.now
        )
        let outcome = try await commit(.addUser(user), "users.add", "user:\(name)", requester, reason: role.rawValue)
        if outcome == .exists { throw .userExists(name) }
    }

    package func setRole(_ role: AccessRole, of name: String, by requester: Requester) async throws(AccountError) {
        let change = AccessChange.setRole(user: name, role)
        try await changing(
            name,
            try await commit(change, "users.role", "user:\(name)", requester, reason: role.rawValue)
        )
    }

    /// Enables or disables; what somebody who is disabled has open ends at once.
    package func setDisabled(_ isDisabled: Bool, _ name: String, by requester: Requester) async throws(AccountError) {
        let change = AccessChange.setDisabled(user: name, at: isDisabled ? clock.now : nil)
        let action = isDisabled ? "users.disable" : "users.enable"
        try await changing(name, try await commit(change, action, "user:\(name)", requester))
    }

    package func setPassword(_ password: String, of name: String, by requester: Requester) async throws(AccountError) {
        guard let hash = try await hash(password, of: name) else { return }
        let change = AccessChange.setPassword(user: name, hash: hash, keeping: nil)
        try await changing(name, try await commit(change, "users.password", "user:\(name)", requester))
    }

    /// Somebody changes their own password, and shows that they know the present one; their other sessions end.
    ///
    /// Only who came by a password has one to change: whoever holds a token or a link is not to try out those of others.
    package func changePassword(
        from old: String,
        to new: String,
        of principal: Principal,
        address: String?
    ) async throws(AccountError) {
        guard principal.method == .password, principal.actor.name.hasPrefix("user:") else {
            throw .noPassword(principal.method)
        }
        let name = String(principal.actor.name.dropFirst(5))
        let now = clock.now
        if let wait = throttle.withLock({ $0.begin(user: name, address: nil, at: now) }) { throw .wait(wait) }
        let user = try await asking { (store) async throws(StoreError) in try await store.user(name) }
        let match = try await benched { (bench) async throws(PasswordBench.Failure) in
            try await bench.match(old, user?.passwordHash)
        }
        guard let user, match != .wrong else { throw .wrongPassword }
        throttle.withLock { $0.succeeded(user: name, address: nil, at: now) }
        guard let hash = try await hash(new, of: user.name) else { return }
        let change = AccessChange.setPassword(user: user.name, hash: hash, keeping: principal.credential)
        let requester = Requester(principal, from: address)
        try await changing(name, try await commit(change, "session.password", "user:\(name)", requester))
    }

    package func sessions(of name: String) async throws(AccountError) -> [SessionRecord] {
        try await asking { (store) async throws(StoreError) in try await store.sessions(of: name) }
    }

    /// Ends all that somebody has open.
    package func signOut(_ name: String, by requester: Requester) async throws(AccountError) {
        _ = try await commit(.endSessions(user: name), "users.sign_out", "user:\(name)", requester)
    }

    // MARK: Shared with tokens

    func asking<Value: Sendable>(
        _ question: (any AccessStore) async throws(StoreError) -> Value
    ) async throws(AccountError) -> Value {
        do throws(StoreError) { return try await question(store) } catch { throw .fault(.store(error)) }
    }

    func commit(
        _ change: AccessChange,
        _ action: String,
        _ target: String,
        _ requester: Requester,
        reason: String? = nil
    ) async throws(AccountError) -> AccessOutcome {
        let entry = AuditEntry(
            action,
            target: target,
            reason: reason,
            method: requester.method,
            address: requester.address
        )
        let writer = Writer(epoch: epoch, actor: requester.actor)
        let now = clock.now
        return try await asking { (store) async throws(StoreError) in
            try await store.commit(change, entry, at: now, by: writer)
        }
    }

    // MARK: Within

    private func changing(_ name: String, _ outcome: AccessOutcome) async throws(AccountError) {
        switch outcome {
        case .done, .exists: return
        case .lastAdmin: throw .lastAdmin(name)
        case .unknown:
            let names = try await users().map(\.name)
            throw .unknownUser(name, nearest: nearest(name, among: names))
        }
    }

    private func hash(_ password: String?, of name: String) async throws(AccountError) -> String? {
        guard let password else { return nil }
        if let complaint = PasswordRules.complaint(about: password, of: name) { throw .poorPassword(complaint) }
        return try await benched { (bench) async throws(PasswordBench.Failure) in try await bench.hash(password) }
    }

    private func benched<Value: Sendable>(
        _ work: (PasswordBench) async throws(PasswordBench.Failure) -> Value
    ) async throws(AccountError) -> Value {
        do throws(AccessFault) {
            return try await AccessFault.ofBench { () async throws(PasswordBench.Failure) in try await work(bench) }
        } catch {
            throw .fault(error)
        }
    }

    private static func checked(_ title: String) throws(AccountError) -> String {
        let isPlain = title.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard (1...128).contains(title.count), isPlain else { throw .badTitle }
        return title
    }
}
