import FreshetCore
import FreshetCrypto
import FreshetKit

/// What an identity provider says of itself (OpenID Connect Discovery 1.0, section 3).
struct OIDCProvider: Hashable, Sendable {
    var authorizationEndpoint: String
    var tokenEndpoint: String
    var keysAddress: String
    /// Whether the secret may stand in the form; otherwise it goes into a header.
    var takesSecretInForm: Bool
    /// Whether it names itself when it sends browsers back (RFC 9207).
    var namesItself: Bool

    static func address(ofIssuer issuer: String) -> String {
        (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
    }

    init(_ body: [UInt8], issuer: String) throws(OIDCError) {
        // What cannot be read says nothing more.
        guard let members = (try? JSONValue(parsing: body))?.object else { throw .badAnswer("discovery gave no JSON") }
        // Another issuer's document would bring other keys (section 4.3).
        guard members["issuer"]?.text.map({ $0.utf8.elementsEqual(issuer.utf8) }) ?? false else {
            throw .badAnswer("its discovery document is of another issuer")
        }
        let names = ["authorization_endpoint", "token_endpoint", "jwks_uri"]
        let addresses = names.compactMap { members[$0]?.text }.filter(OIDCAddress.isAcceptable)
        guard addresses.count == names.count else { throw .badAnswer("its endpoints are missing or not https") }
        (authorizationEndpoint, tokenEndpoint, keysAddress) = (addresses[0], addresses[1], addresses[2])
        let methods = members["token_endpoint_auth_methods_supported"]?.list?.compactMap(\.text) ?? []
        takesSecretInForm = methods.contains("client_secret_post")
        namesItself = members["authorization_response_iss_parameter_supported"]?.boolean ?? false
    }
}

/// The keys of an identity provider, as it last told them.
struct KeyRing: Sendable {
    private struct Entry {
        var id: String?
        var key: PublicKey
    }

    private let entries: [Entry]
    let readAt: Timestamp

    /// Providers change keys without notice: one that is not known is asked for, though not at every forged token.
    static let freshFor = Duration.seconds(3600)
    private static let askAgainAfter = Duration.seconds(60)
    private static let most = 100

    init(_ body: [UInt8], at now: Timestamp) throws(OIDCError) {
        // What cannot be read says nothing more.
        guard let keys = (try? JSONValue(parsing: body))?["keys"]?.list else {
            throw .badAnswer("its keys are no JSON Web Keys")
        }
        entries = keys.prefix(Self.most).compactMap { value in
            PublicKey(value).map { Entry(id: value["kid"]?.text, key: $0) }
        }
        readAt = now
    }

    /// The key that a token names; where it names none, the only one of its algorithm.
    func key(for token: IDToken) -> PublicKey? {
        let fitting = entries.filter { $0.key.algorithm == token.algorithm }
        if let id = token.keyID { return fitting.first { $0.id == id }?.key }
        return fitting.count == 1 ? fitting.first?.key : nil
    }

    /// Whether to ask the provider for its keys before a token is judged.
    func isWorthAsking(for token: IDToken, at now: Timestamp) -> Bool {
        let age = now - readAt
        return age >= Self.freshFor || key(for: token) == nil && age >= Self.askAgainAfter || age < .zero
    }
}
