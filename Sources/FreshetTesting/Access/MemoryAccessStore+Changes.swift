import FreshetCore
import FreshetKit

extension MemoryAccessStore.Contents {
    mutating func keep(_ entry: AuditEntry, at now: Timestamp, by actor: Actor) {
        rows.append(AuditRecord(sequence: Int64(rows.count) + 1, at: now, actor: actor, entry: entry, hash: ""))
    }

    /// Changes nothing unless it is done.
    mutating func apply(_ change: AccessChange, at now: Timestamp) -> AccessOutcome {
        switch change {
        case .addUser(let user): return add(user)
        case .setRole(let name, let role): return alter(name, ends: true) { $0.role = role }
        case .setPassword(let name, let hash, let keeping):
            let outcome = alter(name, ends: false) { $0.passwordHash = hash }
            if outcome == .done { sessions.removeAll { $0.user == name && $0.digest != keeping } }
            return outcome
        case .renewHash(let name, let old, let new):
            guard users[name]?.passwordHash == old else { return .unknown }
            return alter(name, ends: false) { $0.passwordHash = new }
        case .setDisabled(let name, let moment): return alter(name, ends: moment != nil) { $0.disabledAt = moment }
        case .addToken(let token): return add(token)
        case .revokeToken(let id, let moment):
            guard let index = tokens.firstIndex(where: { $0.id == id && $0.revokedAt == nil }) else { return .unknown }
            tokens[index].revokedAt = moment
        case .beginSession(let session, let former):
            guard session.role != nil || users[session.user]?.disabledAt == nil && users[session.user] != nil else {
                return .unknown
            }
            begin(session, replacing: former, at: now)
        case .beginForeignSession(let session, let user, let former):
            let outcome = renew(user)
            guard outcome == .done else { return outcome }
            begin(session, replacing: former, at: now)
        case .endSession(let digest):
            guard sessions.contains(where: { $0.digest == digest }) else { return .unknown }
            sessions.removeAll { $0.digest == digest }
        case .endSessions(let name): sessions.removeAll { $0.user == name }
        case .addLink(let link):
            links = links.filter { now < $0.value.endsAt }
            links[link.digest] = link
        case .redeemLink(let digest, let session, let former):
            guard let link = links[digest], now < link.endsAt else { return .unknown }
            links[digest] = nil
            begin(session, replacing: former, at: now)
        }
        return .done
    }

    private mutating func add(_ user: UserRecord) -> AccessOutcome {
        let isTaken = users.values.contains { $0.name == user.name || $0.subject != nil && $0.subject == user.subject }
        guard !isTaken else { return .exists }
        users[user.name] = user
        return .done
    }

    private mutating func add(_ token: TokenRecord) -> AccessOutcome {
        let isTaken = tokens.contains { $0.id == token.id || $0.name == token.name && $0.revokedAt == nil }
        guard !isTaken else { return .exists }
        tokens.append(token)
        return .done
    }

    private mutating func alter(_ name: String, ends: Bool, _ change: (inout UserRecord) -> Void) -> AccessOutcome {
        guard let before = users[name] else { return .unknown }
        var after = before
        change(&after)
        let wasLast = before.isAdministrating && users.values.filter(\.isAdministrating).count == 1
        guard after.isAdministrating || !wasLast else { return .lastAdmin }
        users[name] = after
        if ends { sessions.removeAll { $0.user == name } }
        return .done
    }

    private mutating func renew(_ user: UserRecord) -> AccessOutcome {
        guard let known = users.values.first(where: { $0.subject == user.subject }) else { return add(user) }
        guard known.disabledAt == nil else { return .unknown }
        users[known.name]?.title = user.title
        users[known.name]?.role = user.role
        return .done
    }

    private mutating func begin(_ session: SessionRecord, replacing former: String?, at now: Timestamp) {
        sessions.removeAll { $0.digest == former || now >= $0.endsAt }
        sessions.append(session)
        users[session.user]?.lastSignInAt = now
    }
}

extension UserRecord {
    fileprivate var isAdministrating: Bool { role == .admin && disabledAt == nil }
}
