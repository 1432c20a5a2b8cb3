internal import FreshetCore
internal import FreshetKit

/// Why there is no token; never carries a secret.
enum EntraError: Error, Hashable, Sendable, CustomStringConvertible {
    case secret(SecretError)
    case unreachable(HTTPError)
    /// `code` is the number after `AADSTS`, where the answer names one.
    case refused(status: Int, error: String, code: Int?, message: String)
    /// The answer is not one of a token endpoint.
    case unreadable(status: Int)

    /// Whether asking again later may help without a person.
    var isTransient: Bool {
        switch self {
        case .secret: false
        case .unreachable: true
        case .unreadable(let status): status == 429 || status >= 500
        case .refused(let status, let error, let code, _):
            status == 429 || status >= 500 || error == "temporarily_unavailable"
                || [50_196, 90_055].contains(code)
        }
    }

    var description: String {
        switch self {
        case .secret(let error): "no sign-in: \(error)"
        case .unreachable(let error): "the sign-in service cannot be reached: \(error)"
        case .unreadable(let status):
            "the sign-in service's answer cannot be read (status \(status)); check authority_url"
        case .refused(let status, let error, let code, let message):
            if let code, let mend = Self.mend(code) {
                "sign-in refused: \(mend) (AADSTS\(code))"
            } else {
                "sign-in refused: \(message.isEmpty ? error : message) (status \(status))"
            }
        }
    }

    /// What went wrong and what a person can do about it.
    ///
    /// The codes serve only to word it: Microsoft reserves the right to change them.
    ///
    /// - SeeAlso: Microsoft Entra authentication and authorization error codes.
    private static func mend(_ code: Int) -> String? {
        switch code {
        case 7_000_215:
            "the client secret is wrong; use the secret's value, not its id, and one of this application"
        case 7_000_222: "the client secret has expired; create a new one for the application"
        case 700_016: "the tenant does not know this application; check client_id and tenant_id"
        case 90_002: "there is no such tenant; check tenant_id and, for a national cloud, authority_url"
        case 70_011, 700_022, 700_023:
            "the scope is not valid; it has to name one resource and end in /.default, as in "
                + "https://analysis.windows.net/powerbi/api/.default"
        case 50_194, 9_001_023, 90_124, 90_130: "tenant_id has to be the tenant's own id or domain"
        case 7_000_216, 7_000_218, 900_144: "a credential is missing; check client_id and client_secret"
        case 700_025: "the application is a public client; make it a confidential one"
        case 7_000_112, 70_001: "the application is disabled in the tenant"
        case 500_011: "the tenant does not know the resource; check scope"
        case 53_003, 530_032, 530_034: "a Conditional Access policy forbids it; ask the tenant's administrator"
        case 50_196: "the sign-in service was asked too often in a row"
        default: nil
        }
    }
}
