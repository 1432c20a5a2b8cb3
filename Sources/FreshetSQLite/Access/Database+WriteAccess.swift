import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// Makes a change with all that it entails; changes nothing unless it is done.
    func apply(_ change: AccessChange, at now: Timestamp) throws -> AccessOutcome {
        switch change {
        case .addUser(let user): return try add(user)
        case .setRole(let name, let role):
            return try alter(name, keepsAdministrating: role == .admin, endsSessions: true) {
                try $0.run("UPDATE user SET role = ? WHERE name = ?", [role.rawValue, name])
            }
        case .setPassword(let name, let hash, let keeping):
            return try alter(name, keepsAdministrating: true, endsSessions: false) { db in
                try db.run("UPDATE user SET password_hash = ? WHERE name = ?", [hash, name])
                try db.run("DELETE FROM session WHERE user = ? AND digest <> ?", [name, keeping ?? ""])
            }
        case .renewHash(let name, let old, let new):
            try run("UPDATE user SET password_hash = ? WHERE name = ? AND password_hash = ?", [new, name, old])
            return changesCount > 0 ? .done : .unknown
        case .setDisabled(let name, let moment):
            return try alter(name, keepsAdministrating: moment == nil, endsSessions: moment != nil) {
                try $0.run("UPDATE user SET disabled_at = ? WHERE name = ?", [moment?.milliseconds, name])
            }
        case .addToken(let token): return try add(token)
        case .revokeToken(let id, let moment):
            let sql = "UPDATE token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL"
            try run(sql, [moment.milliseconds, id])
            return changesCount > 0 ? .done : .unknown
        case .beginSession, .beginForeignSession, .endSession, .endSessions, .addLink, .redeemLink:
            return try applyToSessions(change, at: now)
        }
    }

    func touch(_ use: CredentialUse) throws {
        switch use {
        case .session(let digest, let moment):
            try run("UPDATE session SET last_used_at = ? WHERE digest = ?", [moment.milliseconds, digest])
        case .token(let id, let moment, let address):
            let sql = "UPDATE token SET last_used_at = ?, last_address = ? WHERE id = ?"
            try run(sql, [moment.milliseconds, address, id])
        }
    }

    private func applyToSessions(_ change: AccessChange, at now: Timestamp) throws -> AccessOutcome {
        switch change {
        case .beginSession(let session, let former):
            if session.role == nil {
                guard let user = try user(session.user), user.disabledAt == nil else { return .unknown }
            }
            try begin(session, replacing: former, at: now)
        case .beginForeignSession(let session, let user, let former):
            let outcome = try renew(user)
            guard outcome == .done else { return outcome }
            try begin(session, replacing: former, at: now)
        case .endSession(let digest):
            try run("DELETE FROM session WHERE digest = ?", [digest])
            return changesCount > 0 ? .done : .unknown
        case .endSessions(let name): try run("DELETE FROM session WHERE user = ?", [name])
        case .addLink(let link):
            try run("DELETE FROM link WHERE ends_at <= ?", [now.milliseconds])
            try run(
                "INSERT INTO link (digest, user, role, ends_at) VALUES (?, ?, ?, ?)",
                [link.digest, link.user, link.role.rawValue, link.endsAt.milliseconds]
            )
        case .redeemLink(let digest, let session, let former):
            try run("DELETE FROM link WHERE digest = ? AND ends_at > ?", [digest, now.milliseconds])
            guard changesCount > 0 else { return .unknown }
            try begin(session, replacing: former, at: now)
        case .addToken, .addUser, .renewHash, .revokeToken, .setDisabled, .setPassword, .setRole:
            return try apply(change, at: now)
        }
        return .done
    }

    private func add(_ user: UserRecord) throws -> AccessOutcome {
        let sql = """
            INSERT INTO user (\(UserRecord.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """
        try run(sql, user.arguments)
        return changesCount > 0 ? .done : .exists
    }

    private func add(_ token: TokenRecord) throws -> AccessOutcome {
        let sql = """
            INSERT INTO token (\(TokenRecord.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """
        try run(sql, token.arguments)
        return changesCount > 0 ? .done : .exists
    }

    /// Changes a user, unless nobody could administrate afterwards.
    private func alter(
        _ name: String,
        keepsAdministrating: Bool,
        endsSessions: Bool,
        _ change: (Database) throws -> Void
    ) throws -> AccessOutcome {
        guard let user = try user(name) else { return .unknown }
        if !keepsAdministrating, user.role == .admin, user.disabledAt == nil {
            let sql = "SELECT 1 FROM user WHERE role = 'admin' AND disabled_at IS NULL AND name <> ?"
            guard try first(sql, [name]) != nil else { return .lastAdmin }
        }
        try change(self)
        if endsSessions { try run("DELETE FROM session WHERE user = ?", [name]) }
        return .done
    }

    /// Adds or renews who an identity provider vouches for.
    private func renew(_ user: UserRecord) throws -> AccessOutcome {
        guard let subject = user.subject, let known = try self.user(of: subject) else { return try add(user) }
        guard known.disabledAt == nil else { return .unknown }
        try run("UPDATE user SET title = ?, role = ? WHERE name = ?", [user.title, user.role.rawValue, known.name])
        return .done
    }

    private func begin(_ session: SessionRecord, replacing former: String?, at now: Timestamp) throws {
        try run("DELETE FROM session WHERE digest = ? OR ends_at <= ?", [former ?? "", now.milliseconds])
        let sql = "INSERT INTO session (\(SessionRecord.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        try run(sql, session.arguments)
        try run("UPDATE user SET last_sign_in_at = ? WHERE name = ?", [now.milliseconds, session.user])
    }
}
