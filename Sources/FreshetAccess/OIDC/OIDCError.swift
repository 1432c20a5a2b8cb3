/// Why nobody was signed in by an identity provider; never carries a code, a token or a secret.
package enum OIDCError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The provider's answer to a question of ours.
    case badAnswer(String)
    /// The provider's own words.
    case denied(String)
    case fault(AccessFault)
    /// In none of the groups that have a role.
    case noRole
    /// The provider put the groups elsewhere, as there are too many.
    case tooManyGroups
    /// Their name there cannot be one here.
    case unusableName
    /// The browser comes back from a sign-in that it did not begin here, or that is over.
    case unknownLogin
    case unreachable(String)
    /// What is wrong with the statement of who somebody is.
    case untrusted(String)

    /// What went wrong for the log and the audit, and what to do.
    package var description: String {
        switch self {
        case .badAnswer(let what): "the identity provider's answer cannot be used: \(what); check issuer and client_id"
        case .denied(let words): "the identity provider refused: \(words)"
        case .fault(let fault): fault.description
        case .noRole: "none of their groups has a role here; add one to server.oidc.roles, or state default_role"
        case .tooManyGroups:
            "they are in more groups than the provider puts into a token; in Entra assign app roles and state "
                + "groups_claim: roles, or emit only the groups assigned to the application"
        case .unknownLogin:
            "this sign-in did not begin in this browser, took longer than ten minutes, or was used before"
        case .unusableName: "the name that the provider gives cannot be one here; see 'freshet users --help'"
        case .unreachable(let reason): "the identity provider cannot be reached: \(reason)"
        case .untrusted(let reason): "the identity provider's token is not accepted: \(reason)"
        }
    }

    /// For the page that says so; it tells outsiders no more than they may know.
    package var code: String {
        switch self {
        case .denied: "denied"
        case .noRole, .tooManyGroups, .unusableName: "no_role"
        case .unknownLogin: "begin_again"
        case .badAnswer, .fault, .unreachable, .untrusted: "provider"
        }
    }
}
