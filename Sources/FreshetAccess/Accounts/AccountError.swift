package import FreshetCore
package import FreshetKit

/// Why something about users or tokens cannot be done; nothing was changed.
package enum AccountError: Error, Hashable, Sendable {
    case badAssets(String, SelectionError)
    /// A badge's link with a role or a source, or without assets.
    case badBadge
    /// In days, at most.
    case badLife(longest: Int)
    case badName(String)
    case badSource(String)
    case badTitle
    case fault(AccessFault)
    case lastAdmin(String)
    /// A selection of no asset.
    case noAssets(String)
    /// Who signed in so has no password here to change.
    case noPassword(AuditEntry.Method)
    /// Neither a role nor the right to post events.
    case noScope
    /// Why a password will not do, as the end of a sentence.
    case poorPassword(String)
    case tokenExists(String)
    case unknownToken(String, nearest: String?)
    case unknownUser(String, nearest: String?)
    case userExists(String)
    case wait(Duration)
    case wrongPassword

    /// As `application/problem+json` and the command line say it; the one place that words them.
    package var words: AccessRefusal.Words {
        switch self {
        case .badAssets(let text, let error):
            problem(
                400,
                "bad_selection",
                "Not a selection",
                "The selection '\(text)' is wrong: \(SelectionError(error.reason, at: error.offset)).",
                nearest: error.nearest
            )
        case .badBadge:
            problem(
                400,
                "bad_request",
                "Not a badge's link",
                "A badge's link has 'assets', whose badges it shows, and neither a role nor sources."
            )
        case .badLife(let days):
            problem(400, "bad_request", "Not a life", "A token lives between a minute and \(days) days.")
        case .badName:
            problem(
                400,
                "bad_request",
                "Not a name",
                "A name has 1 to 64 lower-case letters a–z, digits and . _ - + @, and begins with a letter or digit."
            )
        case .badSource:
            problem(400, "bad_request", "Not a source", "A source is 1 to 512 visible ASCII characters, such as a URI.")
        case .badTitle:
            problem(400, "bad_request", "Not a name", "A name for people has 1 to 128 characters in one line.")
        case .fault(.store(.superseded)):
            problem(503, "superseded", "Another daemon writes", "A newer daemon holds the store; ask that one.")
        case .fault(.busy):
            problem(503, "store_unavailable", "Not now", AccessFault.busy.description.sentence, ["Retry-After": "5"])
        case .fault(let fault): problem(503, "store_unavailable", "Not now", fault.description.sentence)
        case .lastAdmin(let name):
            problem(
                409,
                "last_admin",
                "The last administrator",
                "Nobody could administrate after '\(name)'; make somebody else an admin first."
            )
        case .noAssets(let text):
            problem(
                400,
                "bad_selection",
                "Nothing is selected",
                "The selection '\(text)' selects no asset that is there now; a token that is bound to it could do nothing."
            )
        case .noPassword(let method):
            problem(403, "forbidden", "No password to change", Self.noPassword(method))
        case .noScope:
            problem(
                400,
                "bad_request",
                "A token for nothing",
                "A token needs a role, events to post, or badges to show."
            )
        case .poorPassword(let reason): problem(422, "weak_password", "A poor password", "The password \(reason).")
        case .tokenExists(let name):
            problem(409, "token_exists", "There is one", "There is a token '\(name)' already; revoke it first.")
        case .unknownToken(let name, let nearest):
            problem(404, "unknown_token", "No such token", "There is no token '\(name)'.", nearest: nearest)
        case .unknownUser(let name, let nearest):
            problem(404, "unknown_user", "No such user", "There is no user '\(name)'.", nearest: nearest)
        case .userExists(let name): problem(409, "user_exists", "There is one", "There is a user '\(name)' already.")
        case .wait(let duration):
            AccessRefusal.Words.tooFast(duration)
        case .wrongPassword:
            problem(403, "forbidden", "Not the password", "The present password is wrong.")
        }
    }

    private static func noPassword(_ method: AuditEntry.Method) -> String {
        switch method {
        case .oidc: "You sign in with an identity provider, which keeps your password."
        case .token: "A token has no password; sign in with yours to change it."
        case .engine, .link, .password, .socket:
            "You did not sign in with a password; do so to change it, or have an administrator set one by "
                + "'freshet users password <name>'."
        }
    }

    private func problem(
        _ status: Int,
        _ type: String,
        _ title: String,
        _ detail: String,
        _ headers: HTTPHeaders = [:],
        nearest: String? = nil
    ) -> AccessRefusal.Words {
        AccessRefusal.Words(
            status: status,
            type: type,
            title: title,
            detail: detail,
            headers: headers,
            nearest: nearest
        )
    }
}

extension SignInAnswer {
    /// Why somebody does not get in, as `application/problem+json` says it; `nil` when they do.
    package var words: AccessRefusal.Words? {
        switch self {
        case .signedIn: nil
        case .taken(let name):
            AccessRefusal.Words(
                status: 403,
                type: "forbidden",
                title: "The name is taken",
                detail: "Somebody else here is called '\(name)'; ask an administrator to rename or remove that user."
            )
        case .wait(let duration): .tooFast(duration)
        case .wrong:
            AccessRefusal.Words(
                status: 401,
                type: "unauthenticated",
                title: "Not signed in",
                detail: "That is not right: the name, the password or the link is wrong, or no longer valid."
            )
        }
    }
}

extension AccessRefusal.Words {
    static func tooFast(_ duration: Duration) -> AccessRefusal.Words {
        let seconds = max(1, (duration.inMilliseconds + 999) / 1000)
        return AccessRefusal.Words(
            status: 429,
            type: "rate_limited",
            title: "Too fast",
            detail: "Too many attempts; wait \(seconds) s.",
            headers: ["Retry-After": String(seconds)]
        )
    }
}

extension String {
    /// With a capital and a full stop.
    fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() + (hasSuffix(".") ? "" : ".") }
}
