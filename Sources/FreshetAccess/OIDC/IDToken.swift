import FreshetCore
import FreshetCrypto
import FreshetKit

/// The statement of an identity provider about who somebody is, as it came: not yet believed.
///
/// - SeeAlso: OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725, "JSON Web Token Best Current Practices".
struct IDToken {
    let algorithm: PublicKey.Algorithm
    /// Which of the provider's keys signed it; `nil` where it does not say.
    let keyID: String?
    private let signed: [UInt8]
    private let signature: [UInt8]
    private let claims: [String: JSONValue]

    /// What a token has to be about.
    struct Expectation {
        var issuer: String
        var clientID: String
        var nonce: String
        var now: Timestamp
        /// How far the provider's clock may be from ours.
        var skew = Duration.seconds(60)
    }

    private static let longest = 64 << 10

    init(_ text: String) throws(OIDCError) {
        guard text.utf8.count <= Self.longest else { throw .untrusted("it is longer than 64 KiB") }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64.decode(parts[2]), let header = Self.object(parts[0]),
            let claims = Self.object(parts[1])
        else { throw .untrusted("it is no signed JSON Web Token") }
        guard let algorithm = header["alg"]?.text.flatMap({ PublicKey.Algorithm(rawValue: $0) }) else {
            throw .untrusted("it is signed by neither RS256 nor ES256")
        }
        guard header["crit"] == nil else { throw .untrusted("it asks for an extension that is not known (crit)") }
        self.algorithm = algorithm
        keyID = header["kid"]?.text
        signed = Array("\(parts[0]).\(parts[1])".utf8)
        self.signature = signature
        self.claims = claims
    }

    private static func object(_ part: Substring) -> [String: JSONValue]? {
        // What cannot be read is no token; there is nothing more to say of it.
        Base64.decode(part).flatMap { try? JSONValue(parsing: $0) }?.object
    }

    /// The claims, once the signature and all that they say has been checked.
    func verified(by key: PublicKey, _ expected: Expectation) throws(OIDCError) -> [String: JSONValue] {
        guard key.algorithm == algorithm, key.signed(signed, signature) else {
            throw .untrusted("its signature is not by the provider's key")
        }
        guard claims["iss"]?.text.map({ $0.utf8.elementsEqual(expected.issuer.utf8) }) ?? false else {
            throw .untrusted("its issuer is not the one that is configured")
        }
        try checkAudience(expected)
        try checkTimes(expected)
        guard let nonce = claims["nonce"]?.text, Digest.areEqual(Array(nonce.utf8), Array(expected.nonce.utf8)) else {
            throw .untrusted("it belongs to another sign-in (nonce)")
        }
        guard let subject = claims["sub"]?.text, (1...255).contains(subject.utf8.count) else {
            throw .untrusted("it names nobody (sub)")
        }
        return claims
    }

    private func checkAudience(_ expected: Expectation) throws(OIDCError) {
        let audience = claims["aud"]?.text.map { [$0] } ?? claims["aud"]?.list?.compactMap(\.text) ?? []
        guard audience.contains(expected.clientID) else { throw .untrusted("it is for another application (aud)") }
        let party = claims["azp"]
        guard party == nil || party?.text == expected.clientID, audience.count == 1 || party != nil else {
            throw .untrusted("it was given to another application (azp)")
        }
    }

    private func checkTimes(_ expected: Expectation) throws(OIDCError) {
        guard let end = moment("exp"), let issued = moment("iat") else {
            throw .untrusted("it has no times (exp, iat)")
        }
        guard expected.now < end + expected.skew else { throw .untrusted("it has expired; check the machine's clock") }
        guard issued <= expected.now + expected.skew, moment("nbf").map({ $0 <= expected.now + expected.skew }) ?? true
        else { throw .untrusted("it is from the future; check the machine's clock") }
    }

    /// Seconds since 1970 that a clock can show; others are none.
    private func moment(_ name: String) -> Timestamp? {
        guard let seconds = claims[name]?.number, seconds > 0, seconds < 1e11 else { return nil }
        return Timestamp(milliseconds: Int64(seconds) * 1000)
    }
}
