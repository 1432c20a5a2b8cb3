package import FreshetCore
package import FreshetKit

/// Who asks, and what they may.
package struct Principal: Hashable, Sendable {
    /// For the audit and the store: `user:ana`, `token:ci`.
    package var actor: Actor
    /// As people read it.
    package var title: String
    package var method: AuditEntry.Method
    /// `nil` for a token that may only post events, and for the link of a badge.
    package var role: AccessRole?
    /// The sources whose events they may post: `nil` for none, empty for any.
    package var sources: [String]?
    /// A selection of the assets that their effects may reach; `nil` for all.
    package var assets: String?
    /// The digest of the session or the token that they showed; `nil` on the Unix socket.
    package var credential: String?
    /// When what they showed ends by itself.
    package var endsAt: Timestamp?

    package init(
        actor: Actor,
        title: String,
        method: AuditEntry.Method,
        role: AccessRole?,
        sources: [String]? = nil,
        assets: String? = nil,
        credential: String? = nil,
        endsAt: Timestamp? = nil
    ) {
        self.actor = actor
        self.title = title
        self.method = method
        self.role = role
        self.sources = sources
        self.assets = assets
        self.credential = credential
        self.endsAt = endsAt
    }

    /// Whether they showed the link of a badge, by which they may see the badges of ``assets`` and do nothing.
    package var showsBadges: Bool { method == .token && role == nil && sources == nil && assets != nil }

    /// Whether they may do what asks for this; who is `nil` has not signed in.
    package static func may(_ principal: Principal?, _ access: Access) -> Bool {
        switch access {
        case .open, .signature: true
        case .role(let role): principal?.role.map { $0 >= role } ?? false
        case .badge: principal?.showsBadges ?? false || may(principal, .role(.viewer))
        case .ingest: principal?.sources != nil || may(principal, .role(.operator))
        case .socket: principal?.method == .socket
        }
    }

    /// Whether their effects may reach so far; the route of one that reaches assets asks for each of them besides.
    package func may(_ reach: Reach) -> Bool { assets == nil || reach != .project }

    /// Whether their effects may reach all of these assets.
    ///
    /// - Returns: false too when the selection they are bound to cannot be read, or names what is no longer there.
    package func reaches(_ keys: some Sequence<AssetKey>, in graph: AssetGraph) -> Bool {
        guard let assets else { return true }
        guard let selection = try? Selection(parsing: assets), let chosen = try? selection.resolve(in: graph) else {
            return false  // What an old selection meant is not for us to guess.
        }
        return keys.allSatisfy(chosen.contains)
    }

    /// Whether they may post an event of this source.
    package func mayPostEvents(of source: String) -> Bool {
        if let sources { return sources.isEmpty || sources.contains(source) }
        return Self.may(self, .role(.operator))
    }
}
