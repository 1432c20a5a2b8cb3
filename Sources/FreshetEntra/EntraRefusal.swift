/// A token endpoint's no.
package struct EntraRefusal: Hashable, Sendable, CustomStringConvertible {
    package var status: Int
    /// Such as `invalid_client` (RFC 6749, section 5.2).
    package var error: String
    /// The number after `AADSTS`, where the answer names one.
    package var code: Int?
    /// The service's own words; redacted.
    package var message: String
    /// How long to leave it alone.
    package var retryAfter: Duration?

    package init(status: Int, error: String, code: Int?, message: String, retryAfter: Duration? = nil) {
        self.status = status
        self.error = error
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// Whether asking again later may help without a person.
    var isTransient: Bool {
        status == 429 || status >= 500 || error == "temporarily_unavailable" || [50_196, 90_055].contains(code)
    }

    /// Whether what was shown is wrong, so that a newer one may be right.
    var isAboutCredential: Bool { error == "invalid_client" }

    package var description: String {
        if let code, let mend = Self.mends[code] { return "sign-in refused: \(mend) (AADSTS\(code))" }
        return "sign-in refused: \(message.isEmpty ? error : message) (status \(status))"
    }

    private static let noTrust =
        "the application trusts no token of this issuer, subject and audience; compare all three with its federated "
        + "credential, letter by letter and in the same case; a new one takes some minutes"
    private static let ownTenant = "tenant_id has to be the tenant's own id or domain"
    private static let oneScope =
        "the scope is not valid; it has to name one resource and end in /.default, as in "
        + "https://analysis.windows.net/powerbi/api/.default"
    private static let incomplete = "a credential is missing; check client_id and the way to sign in"
    private static let isDisabled = "the application is disabled in the tenant; enable its enterprise application"
    private static let isForbidden =
        "a Conditional Access policy forbids it; ask the tenant's administrator to exempt the application or this address"

    /// What went wrong and what a person can do about it, by number.
    ///
    /// The numbers serve only to word it: Microsoft reserves the right to change them.
    ///
    /// - SeeAlso: "Microsoft Entra authentication and authorization error codes" (learn.microsoft.com).
    static let mends: [Int: String] = [
        50_012: "the client secret is wrong; use the secret's value, not its id, and one of this application",
        50_194: ownTenant,
        50_196: "the sign-in service was asked too often in a row; wait some minutes",
        53_003: isForbidden,
        70_001: isDisabled,
        70_011: oneScope,
        70_021: noTrust,
        90_002: "there is no such tenant; check tenant_id and, for a national cloud, cloud or authority_url",
        90_055: "the sign-in service is busy; it is asked again",
        90_124: ownTenant,
        90_130: ownTenant,
        500_011: "the tenant does not know the resource; check scope, and that Power BI is used in this tenant",
        530_032: isForbidden,
        530_034: isForbidden,
        530_035: isForbidden,
        700_016: "the tenant does not know this application; check client_id and tenant_id",
        700_022: oneScope,
        700_023: oneScope,
        700_024: "the assertion is not valid at this time; set the machine's clock right, or renew the federated token",
        700_025: "the application is a public client; make it a confidential one",
        700_027: "the certificate is not one of the application's; upload its public part there, or use the one that "
            + "is registered",
        700_211: noTrust,
        700_213: noTrust,
        900_144: incomplete,
        7_000_112: isDisabled,
        7_000_215: "the client secret is wrong; use the secret's value, not its id, and one of this application",
        7_000_216: incomplete,
        7_000_218: incomplete,
        7_000_222: "the client secret has expired; create a new one for the application",
        7_002_137: noTrust,
        7_002_138: noTrust,
        9_001_023: ownTenant,
    ]
}
