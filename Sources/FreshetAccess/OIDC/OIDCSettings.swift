package import FreshetKit

/// How people sign in with an identity provider.
package struct OIDCSettings: Hashable, Sendable {
    /// As its discovery document and its tokens name it, to the letter.
    package var issuer: String
    package var clientID: String
    /// `nil` for a public client, which PKCE alone protects.
    package var clientSecret: String?
    /// Where the provider sends browsers back: `<external_url>/api/v1/session/oidc/callback`, registered there to the letter.
    package var redirectURI: String
    /// Besides `openid`.
    package var scopes: [String]
    /// On the button, such as `Entra ID`.
    package var label: String
    package var roles: RoleRules

    package init(
        issuer: String,
        clientID: String,
        clientSecret: String?,
        redirectURI: String,
        scopes: [String] = ["profile", "email"],
        label: String = "single sign-on",
        roles: RoleRules
    ) {
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
        self.scopes = scopes
        self.label = label
        self.roles = roles
    }

    /// The path that browsers come back to.
    package static let callback = "/api/v1/session/oidc/callback"

    /// What is wrong with them, each as a sentence; empty when nothing is.
    package var problems: [String] {
        var problems: [String] = []
        if !OIDCAddress.isAcceptable(issuer) {
            problems.append("issuer '\(issuer)' has to begin with https://")
        }
        if issuer.contains("{") || ["/common/", "/organizations/", "/consumers/"].contains(where: issuer.contains) {
            problems.append(
                "issuer '\(issuer)' stands for many tenants; name yours, as in "
                    + "https://login.microsoftonline.com/<tenant id>/v2.0"
            )
        }
        if clientID.isEmpty { problems.append("client_id is empty") }
        if !redirectURI.hasSuffix(Self.callback) || !OIDCAddress.isAcceptable(redirectURI) {
            problems.append("the address to come back to, '\(redirectURI)', needs external_url to be an https address")
        }
        if roles.isEmpty {
            problems.append("no group has a role, so nobody could sign in; state roles, or default_role")
        }
        return problems
    }
}

enum OIDCAddress {
    /// TLS, or this machine alone.
    static func isAcceptable(_ url: String) -> Bool {
        if url.hasPrefix("https://"), url.utf8.count > 8 { return true }
        return ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"].contains { url.hasPrefix($0) }
    }
}

/// Which groups of an identity provider have which role here.
package struct RoleRules: Hashable, Sendable {
    /// The claim that lists groups: `groups`, or `roles` for Entra's app roles.
    package var claim: String
    /// The groups, by their ids or names as the claim has them, of each role.
    package var groups: [AccessRole: Set<String>]
    /// Of who is in none of them; `nil` keeps them out.
    package var otherwise: AccessRole?

    package init(claim: String = "groups", groups: [AccessRole: Set<String>], otherwise: AccessRole? = nil) {
        self.claim = claim
        self.groups = groups
        self.otherwise = otherwise
    }

    var isEmpty: Bool { otherwise == nil && groups.values.allSatisfy(\.isEmpty) }

    /// The highest that any of the groups has.
    func role(in names: [String]) -> AccessRole? {
        AccessRole.allCases.reversed().first { role in names.contains { groups[role]?.contains($0) ?? false } }
            ?? otherwise
    }
}
