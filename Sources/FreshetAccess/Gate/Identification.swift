import FreshetCore
import FreshetCrypto
import FreshetKit

/// Who shows what, as the store knows it now.
struct Identification: Sendable {
    let store: any AccessStore
    let owner: Actor
    let limits: SessionLimits

    /// The link of a badge counts at its address, and nothing beside it; a bearer token wherever it is shown, and nothing
    /// beside it; then the Unix socket; then a cookie.
    ///
    /// - Parameters:
    ///   - request: as it came.
    ///   - site: where it arrived.
    ///   - badge: what stands as `token` in the query of a badge's address; `nil` at all others.
    ///   - now: tells what has ended.
    /// - Returns: who it is, or why what they showed no longer counts.
    /// - Throws: ``AccessFault`` when that cannot be found out.
    func look(
        at request: AccessRequest,
        _ site: Site?,
        badge: String?,
        at now: Timestamp
    ) async throws(AccessFault) -> Shown {
        if let badge { return try await machine(badge, .badge, at: now) }
        if let bearer = request.bearer { return try await machine(bearer, .token, at: now) }
        if request.transport == .unix {
            // A proxy that was pointed at the socket would make everybody its owner.
            return request.isPassedOn ? Shown() : Shown(principal: ownerOfSocket(request.headers["Freshet-Actor"]))
        }
        guard let site,
            let value = SessionCookie.value(SessionCookie.name(isSecure: site.isSecure), in: request.headers)
        else { return Shown() }
        guard let credential = Credential(value), credential.kind == .session else { return Shown(stale: .unknown) }
        let digest = try AccessFault.ofCrypto { () throws(CryptoError) in try credential.digest }
        var shown = try await person(digest, at: now)
        if shown.principal != nil {
            shown.csrfToken = try AccessFault.ofCrypto { () throws(CryptoError) in
                try BrowserGuard.token(of: credential)
            }
        }
        return shown
    }

    /// Somebody who was known before, as they are now; `nil` when they are no longer.
    func renewed(_ principal: Principal, at now: Timestamp) async throws(AccessFault) -> Principal? {
        guard let digest = principal.credential else { return principal.method == .socket ? principal : nil }
        return principal.method == .token
            ? try await machine(digest: digest, at: now).principal : try await person(digest, at: now).principal
    }

    /// Who may open the socket may say on whose behalf they ask: the command line names the login of who typed it.
    private func ownerOfSocket(_ name: String?) -> Principal {
        let stated = name.flatMap {
            $0.hasPrefix("user:") && UserName.isValid(String($0.dropFirst(5))) ? Actor($0) : nil
        }
        let actor = stated ?? owner
        return Principal(actor: actor, title: actor.name, method: .socket, role: .admin)
    }

    private func machine(
        _ text: String,
        _ kind: Credential.Kind,
        at now: Timestamp
    ) async throws(AccessFault) -> Shown {
        guard let credential = Credential(text), credential.kind == kind else { return Shown(stale: .unknown) }
        let digest = try AccessFault.ofCrypto { () throws(CryptoError) in try credential.digest }
        return try await machine(digest: digest, at: now)
    }

    private func machine(digest: String, at now: Timestamp) async throws(AccessFault) -> Shown {
        let found = try await AccessFault.ofStore { () async throws(StoreError) in try await store.token(digest: digest)
        }
        guard let token = found else { return Shown(stale: .unknown) }
        if token.revokedAt != nil { return Shown(stale: .revoked) }
        if now >= token.expiresAt { return Shown(stale: .expired) }
        var role = token.role
        if let name = token.user {
            guard let user = try await user(name) else { return Shown(stale: .disabled) }
            role = role.map { min($0, user.role) }
        }
        let principal = Principal(
            actor: Actor("token:\(token.name)"),
            title: token.name,
            method: .token,
            role: role,
            sources: token.sources,
            assets: token.assets,
            credential: digest,
            endsAt: token.expiresAt
        )
        return Shown(principal: principal, token: token)
    }

    func person(_ digest: String, at now: Timestamp) async throws(AccessFault) -> Shown {
        let found = try await AccessFault.ofStore { () async throws(StoreError) in
            try await store.session(digest: digest)
        }
        guard let session = found else { return Shown(stale: .revoked) }
        guard !limits.hasEnded(session, at: now) else { return Shown(stale: .expired) }
        var principal = Principal(
            actor: Actor("user:\(session.user)"),
            title: session.user,
            method: session.method,
            role: session.role,
            credential: digest,
            endsAt: limits.end(of: session)
        )
        if session.role == nil {
            guard let user = try await user(session.user) else { return Shown(stale: .disabled) }
            (principal.title, principal.role) = (user.title, user.role)
        }
        return Shown(principal: principal, session: session)
    }

    /// - Returns: `nil` for one that is disabled too.
    private func user(_ name: String) async throws(AccessFault) -> UserRecord? {
        let user = try await AccessFault.ofStore { () async throws(StoreError) in try await store.user(name) }
        return user?.disabledAt == nil ? user : nil
    }
}

/// What a request showed of its sender.
struct Shown {
    /// `nil` for nobody, and for what no longer counts.
    var principal: Principal?
    var stale: AccessRefusal.Stale?
    var session: SessionRecord?
    var token: TokenRecord?
    var csrfToken: String?

    /// That it was used, unless that was written down a moment ago.
    func use(at now: Timestamp, from address: String?) -> CredentialUse? {
        if let session, now - session.lastUsedAt >= AccessGate.shortestAbsence {
            return .session(digest: session.digest, at: now)
        }
        if let token, token.lastUsedAt.map({ now - $0 >= AccessGate.shortestAbsence }) ?? true {
            // Who reads a page with a badge in it is nobody of ours.
            return .token(id: token.id, at: now, address: token.isBadge ? nil : address)
        }
        return nil
    }
}
