package import FreshetCore
package import FreshetKit

extension AccessResources {
    /// `POST /users`.
    func addUser(_ question: AccessQuestion) async throws -> AccessReply {
        let body = try AccessBody(question, knows: ["name", "password", "role", "title"])
        guard let role = try body.role() else { throw BadBody.member("'role'", "viewer, operator or admin") }
        let name = try body.text("name")
        try await accounts.add(
            name,
            title: try body.optionalText("title"),
            role: role,
            password: try body.optionalText("password", atMost: 1024),
            by: requester(question)
        )
        return AccessReply(201, ["name": .text(name), "role": .text(role.rawValue)])
    }

    /// `GET /users`.
    func listUsers() async throws -> AccessReply {
        let users = try await accounts.users().map(\.document)
        return AccessReply(200, ["schema": "freshet.users/1", "at": .text(clock.now.iso8601), "users": .list(users)])
    }

    /// `GET /users/{user}/sessions`.
    func listSessions(of name: String) async throws -> AccessReply {
        let sessions = try await accounts.sessions(of: name).map(\.document)
        let members: JSONValue = [
            "schema": "freshet.sessions/1", "at": .text(clock.now.iso8601), "sessions": .list(sessions),
        ]
        return AccessReply(200, members)
    }

    /// `GET /tokens`.
    func listTokens() async throws -> AccessReply {
        let now = clock.now
        let tokens = try await accounts.tokens().map { $0.document(at: now) }
        return AccessReply(200, ["schema": "freshet.tokens/1", "at": .text(now.iso8601), "tokens": .list(tokens)])
    }

    /// `POST /tokens`: the only answer that shows the token.
    func createToken(_ question: AccessQuestion) async throws -> AccessReply {
        let body = try AccessBody(
            question,
            knows: ["assets", "badge", "expires_in_seconds", "name", "role", "sources", "user"]
        )
        let request = TokenRequest(
            name: try body.text("name"),
            role: try body.role(),
            sources: try body.texts("sources"),
            assets: try body.optionalText("assets", atMost: 4096),
            isBadge: try body.boolean("badge"),
            user: try body.optionalText("user"),
            life: try body.seconds("expires_in_seconds") ?? TokenRequest.usualLife
        )
        let (token, credential, assets) = try await accounts.create(request, by: requester(question))
        var members = token.document(at: clock.now).object ?? [:]
        members["token"] = .text(credential.text)
        if token.isBadge { members["links"] = .list(assets.map { .text(badge(of: $0, credential)) }) }
        return AccessReply(201, .object(members))
    }
}

extension AccessResources {
    /// What a page of another system embeds: for browsers elsewhere if they can come, else for those of this machine.
    private func badge(of asset: AssetKey, _ credential: Credential) -> String {
        let site = (listener?.externalURL).flatMap { Site(url: $0)?.origin } ?? origin() ?? ""
        let name = QueryText.encode(asset.path.replacing("/", with: ":")).replacing("%3A", with: ":")
        return "\(site)/badges/\(name).svg?\(QueryText.encode([("token", credential.text)]))"
    }
}

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue { text.map { .text($0) } ?? .null }
    static func optional(_ moment: Timestamp?) -> JSONValue { optional(moment?.iso8601) }
}

extension UserRecord {
    /// As the API and `--json` show them; never with a hash.
    package var document: JSONValue {
        [
            "name": .text(name), "title": .text(title), "role": .text(role.rawValue),
            "signs_in": .text(subject != nil ? "oidc" : passwordHash != nil ? "password" : "nowhere"),
            "created_at": .text(createdAt.iso8601), "disabled_at": .optional(disabledAt),
            "last_sign_in_at": .optional(lastSignInAt),
        ]
    }
}

extension SessionRecord {
    fileprivate var document: JSONValue {
        [
            "method": .text(method.rawValue), "created_at": .text(createdAt.iso8601),
            "last_used_at": .text(lastUsedAt.iso8601), "ends_at": .text(endsAt.iso8601), "address": .optional(address),
            "agent": .optional(agent),
        ]
    }
}

extension TokenRecord {
    /// `live`, `expired` or `revoked`.
    package func status(at now: Timestamp) -> String {
        revokedAt != nil ? "revoked" : now >= expiresAt ? "expired" : "live"
    }

    /// As the API and `--json` show them; never with the token.
    package func document(at now: Timestamp) -> JSONValue {
        [
            "id": .text(id), "name": .text(name), "status": .text(status(at: now)), "scope": .text(scope),
            "badge": .boolean(isBadge), "role": .optional(role?.rawValue),
            "sources": sources.map { .list($0.map { .text($0) }) } ?? .null,
            "assets": .optional(assets), "user": .optional(user), "created_by": .text(createdBy),
            "created_at": .text(createdAt.iso8601), "expires_at": .text(expiresAt.iso8601),
            "last_used_at": .optional(lastUsedAt), "last_address": .optional(lastAddress),
            "revoked_at": .optional(revokedAt),
        ]
    }
}
