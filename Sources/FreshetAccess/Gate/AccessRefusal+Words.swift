package import FreshetKit

extension AccessRefusal {
    /// A refusal as `application/problem+json` and its headers say it.
    package struct Words: Hashable, Sendable {
        package var status: Int
        /// After `urn:freshet:problem:`.
        package var type: String
        package var title: String
        package var detail: String
        package var headers: HTTPHeaders = [:]
        /// The right spelling, where a name was mistyped.
        package var nearest: String?
    }

    /// The one place that words refusals.
    package var words: Words {
        switch self {
        case .unauthenticated(let stale):
            Words(
                status: 401,
                type: "unauthenticated",
                title: "Not signed in",
                detail: stale.map(Self.sentence) ?? "Sign in, or send a token as 'Authorization: Bearer frt_…'.",
                headers: ["WWW-Authenticate": stale == nil ? "Bearer" : "Bearer error=\"invalid_token\""]
            )
        case .forbidden(let needs, let has):
            Words(status: 403, type: "forbidden", title: "Not permitted", detail: Self.sentence(needs, has))
        case .outOfReach:
            Words(
                status: 403,
                type: "forbidden",
                title: "Not permitted",
                detail: "This may reach more than the assets or sources that the token is bound to."
            )
        case .unknownPath:
            Words(status: 404, type: "not_found", title: "Not found", detail: "There is nothing at this address.")
        case .wrongMethod(let allowed):
            Words(
                status: 405,
                type: "method_not_allowed",
                title: "Not with this method",
                detail: "This address takes \(allowed.joined(separator: ", ")).",
                headers: ["Allow": allowed.joined(separator: ", ")]
            )
        case .crossSite(let reason):
            Words(
                status: 403,
                type: "csrf",
                title: "Not from here",
                detail: reason.prefix(1).uppercased() + reason.dropFirst() + "."
            )
        case .unknownHost:
            Words(
                status: 403,
                type: "forbidden",
                title: "Not this host",
                detail:
                    "The request names a host that this server does not go by. If browsers should open it so, state it as "
                    + "external_url."
            )
        case .malformed(let reason):
            Words(
                status: 400,
                type: "bad_request",
                title: "Cannot be read",
                detail: "The request is ambiguous: \(reason)."
            )
        case .unavailable(let reason):
            Words(
                status: 503,
                type: "store_unavailable",
                title: "Not now",
                detail: "Who may do this cannot be found out: \(reason).",
                headers: ["Retry-After": "5"]
            )
        }
    }

    private static func sentence(_ stale: Stale) -> String {
        switch stale {
        case .disabled: "This user is disabled, or no longer there; ask an administrator."
        case .expired: "This session or token has expired; sign in again, or ask for a new token."
        case .revoked: "This session or token was ended; sign in again, or ask for a new token."
        case .unknown: "This is no session or token of this server; sign in again, or ask for a new token."
        }
    }

    private static func sentence(_ needs: Access, _ has: AccessRole?) -> String {
        let you = has.map { "you are \($0.rawValue)" } ?? "this token may only post events"
        switch needs {
        case .role(let role): return "This needs the role \(role.rawValue); \(you)."
        case .badge: return "This needs the role viewer, or a badge's own link; \(you)."
        case .ingest: return "This needs a token that may post events, or the role operator; \(you)."
        case .socket: return "This is only for who runs the daemon, on its machine; use the command line there."
        case .open, .signature: return "This is not permitted."
        }
    }
}
