package import FreshetCore
package import FreshetKit

/// Why there is no token; never carries a secret.
package enum EntraError: Error, Hashable, Sendable, CustomStringConvertible {
    case secret(SecretError)
    case certificate(CertificateError)
    case unreachable(HTTPError)
    /// Nothing answers where a managed identity is asked for.
    case noIdentity(HTTPError)
    case refused(EntraRefusal)
    /// The answer is not one of a token endpoint.
    case unreadable(status: Int, retryAfter: Duration? = nil)
    /// A token that was given as it is has ended.
    case givenTokenExpired(at: Timestamp)
    /// The process ends.
    case cancelled

    /// Whether asking again later may help without a person.
    package var isTransient: Bool {
        switch self {
        case .secret(let error): error.isTransient
        case .certificate, .givenTokenExpired: false
        case .unreachable, .noIdentity, .cancelled: true
        case .unreadable(let status, _): status == 429 || status >= 500
        case .refused(let refusal): refusal.isTransient
        }
    }

    /// How long the service asks to be left alone.
    var retryAfter: Duration? {
        switch self {
        case .refused(let refusal): refusal.retryAfter
        case .unreadable(_, let retryAfter): retryAfter
        default: nil
        }
    }

    package var description: String {
        switch self {
        case .secret(let error): "no sign-in: \(error)"
        case .certificate(let error): "no sign-in: \(error.sentence)"
        case .unreachable(let error): "the sign-in service cannot be reached: \(error)"
        case .noIdentity(let error):
            "no managed identity answers here: \(error); run on Azure with an identity, or state another way to sign in"
        case .unreadable(let status, _):
            "the sign-in service's answer cannot be read (status \(status)); check authority_url"
        case .refused(let refusal): refusal.description
        case .givenTokenExpired(let end):
            "the token in access_token expired at \(end.iso8601); put a new one in its place, or state client_secret, "
                + "certificate or managed_identity, which renew it by themselves"
        case .cancelled: "the sign-in was given up, as the process ends"
        }
    }
}

extension CertificateError {
    fileprivate var sentence: String {
        switch self {
        case .noPrivateKey: "certificate holds no private key; put the key and its certificate into one PEM text"
        case .locked: "the key in certificate is encrypted; check certificate_password"
        case .noCertificate: "certificate holds a key and no certificate; put both into one PEM text"
        case .foreignKey: "the key in certificate belongs to none of the certificates there"
        case .notRSA: "certificate has to hold an RSA key; Entra takes no other"
        case .refusedToSign: "the key in certificate cannot sign; make a new one of at least 2048 bits"
        }
    }
}
