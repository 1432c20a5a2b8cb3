/// A JSON Web Token in compact form (RFC 7519), read but not yet believed.
struct JSONWebToken: Sendable {
    var header: [String: JSON]
    var claims: [String: JSON]
    /// The bytes that the signature covers: header and claims as sent.
    var signed: [UInt8]
    var signature: [UInt8]

    /// Nil when `text` is not three parts in base64url, the first two of them JSON objects.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3,
            let header = Base64.decodedURL(parts[0]).flatMap({ JSON(bytes: $0)?.members }),
            let claims = Base64.decodedURL(parts[1]).flatMap({ JSON(bytes: $0)?.members }),
            let signature = Base64.decodedURL(parts[2])
        else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signed = Array("\(parts[0]).\(parts[1])".utf8)
    }

    var issuer: String { claims["iss"]?.string ?? "" }
    var subject: String { claims["sub"]?.string ?? "" }

    /// One or several; RFC 7519 §4.1.3 allows both.
    var audiences: [String] {
        claims["aud"]?.string.map { [$0] } ?? claims["aud"]?.elements?.compactMap(\.string) ?? []
    }

    /// An instant among the claims, such as `exp`: seconds since 1970, with a fraction if its maker likes (RFC 7519 §2).
    func instant(_ name: String) -> Instant? {
        switch claims[name] {
        case .int(let seconds): Instant(seconds: Double(seconds))
        case .double(let seconds): Instant(seconds: seconds)
        default: nil
        }
    }
}
