import FreshetCore
import FreshetKit
import GRDB

extension Database {
    func users() throws -> [UserRecord] {
        try all("SELECT \(UserRecord.columns) FROM user ORDER BY name") { try $0.user() }
    }

    func user(_ name: String) throws -> UserRecord? {
        try all("SELECT \(UserRecord.columns) FROM user WHERE name = ?", [name]) { try $0.user() }.first
    }

    func user(of subject: UserRecord.Subject) throws -> UserRecord? {
        let sql = "SELECT \(UserRecord.columns) FROM user WHERE issuer = ? AND subject = ?"
        return try all(sql, [subject.issuer, subject.id]) { try $0.user() }.first
    }

    func session(digest: String) throws -> SessionRecord? {
        try all("SELECT \(SessionRecord.columns) FROM session WHERE digest = ?", [digest]) { try $0.session() }.first
    }

    func sessions(of user: String) throws -> [SessionRecord] {
        let sql = "SELECT \(SessionRecord.columns) FROM session WHERE user = ? ORDER BY sequence DESC"
        return try all(sql, [user]) { try $0.session() }
    }

    func token(digest: String) throws -> TokenRecord? {
        try all("SELECT \(TokenRecord.columns) FROM token WHERE digest = ?", [digest]) { try $0.token() }.first
    }

    func tokens() throws -> [TokenRecord] {
        try all("SELECT \(TokenRecord.columns) FROM token ORDER BY sequence DESC") { try $0.token() }
    }

    func link(digest: String) throws -> LinkRecord? {
        try all("SELECT digest, user, role, ends_at FROM link WHERE digest = ?", [digest]) { row in
            LinkRecord(digest: try row.next(), user: try row.next(), role: try row.word(), endsAt: try row.time())
        }.first
    }
}

extension UserRecord {
    static let columns = """
        name, title, role, password_hash, issuer, subject, created_at, disabled_at, last_sign_in_at
        """

    var arguments: StatementArguments {
        [
            name, title, role.rawValue, passwordHash, subject?.issuer, subject?.id, createdAt.milliseconds,
            disabledAt?.milliseconds, lastSignInAt?.milliseconds,
        ]
    }
}

extension SessionRecord {
    static let columns = "digest, user, role, method, created_at, last_used_at, ends_at, address, agent"

    var arguments: StatementArguments {
        [
            digest, user, role?.rawValue, method.rawValue, createdAt.milliseconds, lastUsedAt.milliseconds,
            endsAt.milliseconds, address, agent,
        ]
    }
}

extension TokenRecord {
    static let columns = """
        id, name, digest, role, sources, assets, user, created_by, created_at, expires_at, last_used_at, last_address,
        revoked_at
        """

    var arguments: StatementArguments {
        let first: StatementArguments = [
            id, name, digest, role?.rawValue, sources.map { NameList.write($0) }, assets, user, createdBy,
        ]
        return first + [
            createdAt.milliseconds, expiresAt.milliseconds, lastUsedAt?.milliseconds, lastAddress,
            revokedAt?.milliseconds,
        ]
    }
}

extension Columns {
    fileprivate mutating func role() throws -> AccessRole? {
        try optional(String.self).map { try AccessRole(word: $0) }
    }

    fileprivate mutating func user() throws -> UserRecord {
        var user = UserRecord(
            name: try next(),
            title: try next(),
            role: try word(),
            passwordHash: try optional(),
            createdAt: Timestamp(milliseconds: 0)
        )
        let (issuer, id) = (try optional(String.self), try optional(String.self))
        if let issuer, let id { user.subject = UserRecord.Subject(issuer: issuer, id: id) }
        user.createdAt = try time()
        user.disabledAt = try optionalTime()
        user.lastSignInAt = try optionalTime()
        return user
    }

    fileprivate mutating func session() throws -> SessionRecord {
        let digest: String = try next()
        let user: String = try next()
        let (role, method) = (try role(), try word(AuditEntry.Method.self))
        let (created, used, end) = (try time(), try time(), try time())
        var session = SessionRecord(
            digest: digest,
            user: user,
            role: role,
            method: method,
            createdAt: created,
            endsAt: end,
            address: try optional(),
            agent: try optional()
        )
        session.lastUsedAt = used
        return session
    }

    fileprivate mutating func token() throws -> TokenRecord {
        var token = TokenRecord(
            id: try next(),
            name: try next(),
            digest: try next(),
            role: try role(),
            sources: try optional(String.self).map { try NameList.read($0) },
            assets: try optional(),
            user: try optional(),
            createdBy: try next(),
            createdAt: try time(),
            expiresAt: try time()
        )
        token.lastUsedAt = try optionalTime()
        token.lastAddress = try optional()
        token.revokedAt = try optionalTime()
        return token
    }
}
