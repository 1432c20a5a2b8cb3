private import FoundationEssentials
internal import FreshetCore
internal import FreshetKit

/// A statement by which an application that has a certificate names itself (RFC 7523, section 3), good for ten minutes.
///
/// - SeeAlso: "Microsoft identity platform application authentication certificate credentials" (learn.microsoft.com).
struct ClientAssertion {
    /// The address of the token endpoint.
    var audience: String
    var clientID: String
    /// A new one for each request.
    var id: String
    var issuedAt: Timestamp

    private static let life: Int64 = 600

    /// - Returns: a JSON Web Token, signed with PS256 (RFC 7518, section 3.5).
    func signed(by certificate: SigningCertificate) throws(CertificateError) -> String {
        let now = issuedAt.milliseconds / 1000
        let header: JSONValue = [
            "alg": "PS256", "typ": "JWT", "x5t#S256": .text(Base64URL.encode(try certificate.thumbprint())),
        ]
        let claims: JSONValue = [
            "aud": .text(audience), "iss": .text(clientID), "sub": .text(clientID), "jti": .text(id),
            "nbf": .integer(now), "iat": .integer(now), "exp": .integer(now + Self.life),
        ]
        let message = [header, claims].map { Base64URL.encode(Array($0.serialized().utf8)) }.joined(separator: ".")
        return message + "." + Base64URL.encode(try certificate.signature(of: Array(message.utf8)))
    }
}

/// Base64 for URLs, without padding (RFC 4648, section 5; RFC 7515, section 2).
enum Base64URL {
    static func encode(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let plain = String(text).replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        return Data(base64Encoded: plain + padding).map { Array($0) }
    }
}
