/// A signed token in place of a secret, and what there is to judge it by.
///
/// - SeeAlso: https://learn.microsoft.com/entra/identity-platform/certificate-credentials and
///   https://learn.microsoft.com/entra/workload-id/workload-identity-federation
struct ClientAssertion {
    var token: JSONWebToken
    var clientID: String
    var tenant: String
    /// The host that the request was sent to, with its port.
    var host: String
    /// The machine's time, not the emulator's: whoever signs knows no other.
    var now: Instant

    /// Clocks may differ by five minutes, as Microsoft's token libraries have it.
    private static let skew: Double = 300

    /// What is wrong with one that the app signed itself; nil when nothing is.
    func flaw(certificates: [Certificate]) -> TokenRefusal? {
        guard let algorithm = token.header["alg"]?.string.flatMap({ Certificate.Algorithm(rawValue: $0) }) else {
            return .malformedAssertion("the algorithm is neither PS256 nor RS256")
        }
        let signers = certificates.filter { names($0) }
        guard !signers.isEmpty else {
            return .assertionNotRegistered(thumbprint: shownThumbprint, clientID: clientID)
        }
        guard signers.contains(where: { $0.verifies(token.signature, of: token.signed, by: algorithm) }) else {
            return .wrongAssertionSignature(thumbprint: shownThumbprint)
        }
        guard token.subject.lowercased() == clientID.lowercased() else {
            return .malformedAssertion("the claims 'iss' and 'sub' are not both the client_id")
        }
        guard token.audiences.contains(where: isOwnAddress) else { return .assertionForSomebodyElse }
        return untimely
    }

    /// What is wrong with one of another identity provider; nil when nothing is.
    ///
    /// The signature is not looked at: that provider's keys are out of reach here.
    func flaw(federated: [EmulatorSeed.FederatedCredential]) -> TokenRefusal? {
        guard !federated.isEmpty else {
            return .noFederatedCredential(
                issuer: token.issuer,
                subject: token.subject,
                audience: token.audiences.first ?? ""
            )
        }
        let ofIssuer = federated.filter { $0.issuer == token.issuer }
        guard !ofIssuer.isEmpty else { return .federatedIssuer(token.issuer) }
        let ofSubject = ofIssuer.filter { $0.subject == token.subject }
        guard !ofSubject.isEmpty else {
            let differsInCase = ofIssuer.contains { $0.subject.lowercased() == token.subject.lowercased() }
            return .federatedSubject(token.subject, differsInCase: differsInCase)
        }
        guard ofSubject.contains(where: { token.audiences.contains($0.audience) }) else {
            return .federatedAudience(token.audiences.first ?? "")
        }
        return untimely
    }

    private var untimely: TokenRefusal? {
        let start = token.instant("nbf") ?? token.instant("iat") ?? Instant(seconds: 0)
        let end = token.instant("exp") ?? Instant(seconds: 0)
        if now + Self.skew >= start, now < end + Self.skew { return nil }
        return .untimelyAssertion(now: now, start: start, end: end)
    }

    /// Whether the header names the certificate: by SHA-256, or by SHA-1 as older clients do.
    private func names(_ certificate: Certificate) -> Bool {
        let digest = token.header["x5t#S256"] != nil ? Digest.sha256 : Digest.sha1
        return thumbprint == digest(certificate.der)
    }

    /// MSAL pads the text, which base64url does not.
    private var thumbprint: [UInt8]? {
        (token.header["x5t#S256"] ?? token.header["x5t"])?.string.flatMap { Base64.decodedURL($0) }
    }

    /// In hexadecimal, as the service shows it.
    private var shownThumbprint: String { Digest.hex(thumbprint ?? []).uppercased() }

    /// The token endpoint in either version, or the issuer; under Microsoft's name or the emulator's own.
    private func isOwnAddress(_ audience: String) -> Bool {
        let paths = ["/oauth2/v2.0/token", "/oauth2/token", "/v2.0", "/"]
        let roots = ["https://login.microsoftonline.com", "https://\(host)", "http://\(host)"]
        return roots.contains { root in
            paths.contains { "\(root)/\(tenant)\($0)".lowercased() == audience.lowercased() }
        }
    }
}
