package import FreshetCore
import FreshetCrypto
package import FreshetKit

/// What a new token is for.
package struct TokenRequest: Hashable, Sendable {
    package var name: String
    /// `nil` for one that may only post events, or show badges.
    package var role: AccessRole?
    /// The sources whose events it may post: `nil` for none, empty for any.
    package var sources: [String]?
    /// A selection of the assets that its effects may reach, `nil` for all; or of those whose badges it shows.
    package var assets: String?
    /// Whether it shows the badges of its assets, in addresses that anybody may read, and may do nothing else.
    package var isBadge: Bool
    /// Whose it is; `nil` for a machine's own.
    package var user: String?
    /// How long it is good for; a year at most.
    package var life: Duration

    /// 90 days.
    package static let usualLife = Duration.seconds(90 * 86_400)
    static let longestDays = 366

    package init(
        name: String,
        role: AccessRole?,
        sources: [String]? = nil,
        assets: String? = nil,
        isBadge: Bool = false,
        user: String? = nil,
        life: Duration = usualLife
    ) {
        self.name = name
        self.role = role
        self.sources = sources
        self.assets = assets
        self.isBadge = isBadge
        self.user = user
        self.life = life
    }

    /// - Parameter graph: what there is to be bound to.
    /// - Returns: the assets that it is bound to; `nil` for all.
    /// - Throws: ``AccountError`` with the first thing that is wrong.
    func check(in graph: AssetGraph) throws(AccountError) -> Set<AssetKey>? {
        guard UserName.isValid(name) else { throw .badName(name) }
        if isBadge {
            guard role == nil, sources == nil, assets != nil else { throw .badBadge }
        } else {
            guard role != nil || sources != nil else { throw .noScope }
        }
        guard life >= .seconds(60), life <= .seconds(Self.longestDays * 86_400) else {
            throw .badLife(longest: Self.longestDays)
        }
        for source in sources ?? [] where !Self.isSource(source) { throw .badSource(source) }
        guard let assets else { return nil }
        let chosen: Set<AssetKey>
        do throws(SelectionError) {
            chosen = try Selection(parsing: assets).resolve(in: graph)
        } catch {
            throw .badAssets(assets, error)
        }
        // It would be refused everything, which nobody finds out before the night in which it is needed.
        guard !chosen.isEmpty else { throw .noAssets(assets) }
        return chosen
    }

    /// A name, or the URI that a CloudEvent has for a source.
    private static func isSource(_ text: String) -> Bool {
        (1...512).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension Accounts {
    /// The newest first, those that were revoked too.
    package func tokens() async throws(AccountError) -> [TokenRecord] {
        try await asking { (store) async throws(StoreError) in try await store.tokens() }
    }

    /// - Returns: what is stored; the token itself, which can be shown only now; and the assets that it is bound to now, in
    ///   the order of their keys, none for a token that is bound to none.
    package func create(
        _ request: TokenRequest,
        by requester: Requester
    ) async throws(AccountError) -> (token: TokenRecord, credential: Credential, assets: [AssetKey]) {
        let assets = try request.check(in: graph)
        let now = clock.now
        if let name = request.user {
            let names = try await users().map(\.name)
            guard names.contains(name) else { throw .unknownUser(name, nearest: nearest(name, among: names)) }
        }
        let (credential, digest) = try credential(request.isBadge ? .badge : .token)
        let token = TokenRecord(
            id: Identifier.timeOrdered(at: now, chance: chance),
            name: request.name,
            digest: digest,
            role: request.role,
            sources: request.sources,
            assets: request.assets,
            user: request.user,
            createdBy: requester.actor.name,
            createdAt: now,
            expiresAt: now + request.life
        )
        let outcome = try await commit(
            .addToken(token),
            "tokens.create",
            "token:\(token.name)",
            requester,
            reason: token.scope
        )
        if outcome == .exists { throw .tokenExists(token.name) }
        return (token, credential, assets?.sorted() ?? [])
    }

    /// Ends a token, which is named by its name or id.
    package func revoke(_ text: String, by requester: Requester) async throws(AccountError) {
        let live = try await tokens().filter { $0.revokedAt == nil }
        guard let token = live.first(where: { $0.id == text }) ?? live.first(where: { $0.name == text }) else {
            throw .unknownToken(text, nearest: nearest(text, among: live.map(\.name)))
        }
        let change = AccessChange.revokeToken(id: token.id, at: clock.now)
        let outcome = try await commit(change, "tokens.revoke", "token:\(token.name)", requester)
        if outcome == .unknown { throw .unknownToken(text, nearest: nil) }
    }

    private func credential(_ kind: Credential.Kind) throws(AccountError) -> (Credential, digest: String) {
        do throws(CryptoError) {
            let credential = try Credential.make(kind, entropy)
            return (credential, try credential.digest)
        } catch {
            throw .fault(.crypto(error))
        }
    }
}

extension TokenRecord {
    /// Whether it shows badges, and may do nothing; every other one has a role, or posts events.
    package var isBadge: Bool { role == nil && sources == nil && assets != nil }

    /// What it is for in a few words, such as `operator, events of dbt, assets group:finance`.
    package var scope: String {
        var parts = role.map { [$0.rawValue] } ?? (isBadge ? ["badge"] : [])
        if let sources { parts.append(sources.isEmpty ? "events" : "events of " + sources.joined(separator: ", ")) }
        if let assets { parts.append("assets \(assets)") }
        if let user { parts.append("as \(user)") }
        return parts.joined(separator: ", ")
    }
}
