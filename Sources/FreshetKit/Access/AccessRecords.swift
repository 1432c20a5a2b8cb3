package import FreshetCore

/// Somebody who may sign in.
package struct UserRecord: Hashable, Sendable {
    /// What an identity provider knows somebody by: never given to anybody else, unlike a name.
    package struct Subject: Hashable, Sendable {
        package var issuer: String
        package var id: String

        package init(issuer: String, id: String) {
            self.issuer = issuer
            self.id = id
        }
    }

    /// Unique, in lower case, such as `ana`; audits name it.
    package var name: String
    /// As people read it, such as `Ana Brandt`.
    package var title: String
    package var role: AccessRole
    /// With its parameters and salt; `nil` for those who sign in elsewhere.
    package var passwordHash: String?
    /// `nil` for those who sign in here.
    package var subject: Subject?
    package var createdAt: Timestamp
    package var disabledAt: Timestamp?
    package var lastSignInAt: Timestamp?

    package init(
        name: String,
        title: String,
        role: AccessRole,
        passwordHash: String? = nil,
        subject: Subject? = nil,
        createdAt: Timestamp,
        disabledAt: Timestamp? = nil,
        lastSignInAt: Timestamp? = nil
    ) {
        self.name = name
        self.title = title
        self.role = role
        self.passwordHash = passwordHash
        self.subject = subject
        self.createdAt = createdAt
        self.disabledAt = disabledAt
        self.lastSignInAt = lastSignInAt
    }
}

/// A browser that is signed in.
package struct SessionRecord: Hashable, Sendable {
    /// SHA-256 of what the cookie holds, as 64 hexadecimal digits.
    package var digest: String
    package var user: String
    /// That of a session that a link began, for which no user has to be stored; otherwise the user's own counts.
    package var role: AccessRole?
    package var method: AuditEntry.Method
    package var createdAt: Timestamp
    package var lastUsedAt: Timestamp
    /// It ends then, however much it is used.
    package var endsAt: Timestamp
    /// Where it began.
    package var address: String?
    /// The browser by its own words, shortened.
    package var agent: String?

    package init(
        digest: String,
        user: String,
        role: AccessRole? = nil,
        method: AuditEntry.Method,
        createdAt: Timestamp,
        endsAt: Timestamp,
        address: String? = nil,
        agent: String? = nil
    ) {
        self.digest = digest
        self.user = user
        self.role = role
        self.method = method
        self.createdAt = createdAt
        lastUsedAt = createdAt
        self.endsAt = endsAt
        self.address = address
        self.agent = agent
    }
}

/// What a machine signs in with.
package struct TokenRecord: Hashable, Sendable {
    package var id: String
    /// Unique among those that are not revoked, such as `ci`; audits name it.
    package var name: String
    /// SHA-256 of the token, as 64 hexadecimal digits.
    package var digest: String
    /// `nil` for one that may only post events.
    package var role: AccessRole?
    /// The sources whose events it may post: `nil` for none, empty for any.
    package var sources: [String]?
    /// A selection of the assets that its effects may reach; `nil` for all.
    package var assets: String?
    /// Whose it is: it may no more than they, and stops with them; `nil` for a machine's own.
    package var user: String?
    /// The actor who made it.
    package var createdBy: String
    package var createdAt: Timestamp
    package var expiresAt: Timestamp
    package var lastUsedAt: Timestamp?
    package var lastAddress: String?
    package var revokedAt: Timestamp?

    package init(
        id: String,
        name: String,
        digest: String,
        role: AccessRole?,
        sources: [String]? = nil,
        assets: String? = nil,
        user: String? = nil,
        createdBy: String,
        createdAt: Timestamp,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.digest = digest
        self.role = role
        self.sources = sources
        self.assets = assets
        self.user = user
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// A link that signs in once.
package struct LinkRecord: Hashable, Sendable {
    /// SHA-256 of what the link holds, as 64 hexadecimal digits.
    package var digest: String
    package var user: String
    package var role: AccessRole
    package var endsAt: Timestamp

    package init(digest: String, user: String, role: AccessRole, endsAt: Timestamp) {
        self.digest = digest
        self.user = user
        self.role = role
        self.endsAt = endsAt
    }
}
