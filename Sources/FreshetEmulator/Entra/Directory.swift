/// One Entra tenant: its app registration and the tokens given out.
struct Directory: Sendable {
    /// Something a token can be asked for.
    enum Audience: String, CaseIterable, Sendable {
        case fabric = "https://api.fabric.microsoft.com"
        case keyVault = "https://vault.azure.net"
        case powerBI = "https://analysis.windows.net/powerbi/api"

        /// Both spellings, with and without the last slash, are in use.
        init?(resource: String) {
            self.init(rawValue: resource.hasSuffix("/") ? String(resource.dropLast()) : resource)
        }
    }

    struct Token: Sendable {
        var audience: Audience
        var expires: Instant
    }

    /// What the bearer of a token may do.
    enum Admission: Hashable, Sendable {
        case admitted, expired, unknown
    }

    var tenantID: String
    var clientID: String
    var clientSecret: String
    var isSecretExpired = false
    /// In PEM, all of them readable.
    var certificates: [String]
    var federatedCredentials: [EmulatorSeed.FederatedCredential]
    /// The `jti` of every assertion taken, until it expires.
    private var usedAssertions: [String: Instant] = [:]
    var tokenLifetime: Double
    var tokens: [String: Token] = [:]

    init(seed: EmulatorSeed, tokenLifetime: Double) {
        tenantID = seed.tenantID
        clientID = seed.clientID
        clientSecret = seed.clientSecret
        certificates = seed.certificates
        federatedCredentials = seed.federatedCredentials
        self.tokenLifetime = tokenLifetime
    }

    /// Whether `request` gets a token, and for what.
    ///
    /// The checks come in the order in which Entra was seen to make them: tenant, parameters, app, scope, secret.
    /// An assertion is dated by `wall`, the machine's time.
    mutating func decide(_ request: TokenRequest, wall: Instant) -> Result<Audience, TokenRefusal> {
        if ["common", "organizations", "consumers"].contains(request.tenant) {
            return .failure(.applicationNotMultiTenant(clientID: request.clientID ?? "", tenant: request.tenant))
        }
        guard request.tenant.lowercased() == tenantID.lowercased() else {
            return .failure(.unknownTenant(request.tenant))
        }
        guard let grant = request.grantType else { return .failure(.missingParameter("grant_type")) }
        guard grant == "client_credentials" else { return .failure(.unsupportedGrant(grant)) }
        guard let client = request.clientID else { return .failure(.missingParameter("client_id")) }
        guard client.lowercased() == clientID.lowercased() else {
            return .failure(.unknownClient(client, tenant: request.tenant))
        }
        let audience: Audience
        switch Directory.audience(of: request) {
        case .success(let found): audience = found
        case .failure(let refusal): return .failure(refusal)
        }
        guard let secret = request.clientSecret else {
            guard let assertion = request.assertion else { return .failure(.missingCredential) }
            return use(assertion, of: request, by: client, wall: wall).map { .failure($0) } ?? .success(audience)
        }
        guard secret == clientSecret else { return .failure(.wrongSecret(clientID: client)) }
        return isSecretExpired ? .failure(.expiredSecret(clientID: client)) : .success(audience)
    }

    /// Judges an assertion and takes note of it.
    ///
    /// - Returns: why it is refused, or nil.
    private mutating func use(
        _ text: String,
        of request: TokenRequest,
        by client: String,
        wall: Instant
    ) -> TokenRefusal? {
        guard let type = request.assertionType else { return .missingParameter("client_assertion_type") }
        guard type == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" else {
            return .malformedAssertion("client_assertion_type '\(type)' is not supported")
        }
        guard let token = JSONWebToken(text) else {
            return .malformedAssertion("the client_assertion is not a JSON Web Token")
        }
        let assertion = ClientAssertion(
            token: token,
            clientID: client,
            tenant: request.tenant,
            host: request.host,
            now: wall
        )
        // Whoever signs with a certificate of the app's own says so by naming the app as the issuer.
        guard token.issuer.lowercased() == client.lowercased() else {
            return assertion.flaw(federated: federatedCredentials)
        }
        let known = certificates.compactMap { Certificate(pem: Array($0.utf8)) }
        if let flaw = assertion.flaw(certificates: known) { return flaw }
        return reuse(of: token, at: wall)
    }

    /// Stricter than the service is known to be: its own documentation asks for a new `jti` each time.
    private mutating func reuse(of token: JSONWebToken, at wall: Instant) -> TokenRefusal? {
        guard let id = token.claims["jti"]?.string, !id.isEmpty else {
            return .malformedAssertion("the claim 'jti' is missing")
        }
        usedAssertions = usedAssertions.filter { wall < $0.value + 600 }
        guard usedAssertions[id] == nil else { return .reusedAssertion(id) }
        usedAssertions[id] = token.instant("exp") ?? wall
        return nil
    }

    func admission(
        of call: Call,
        at now: Instant,
        to audiences: Set<Audience> = [.fabric, .powerBI]
    ) -> Admission {
        guard let token = token(of: call), audiences.contains(token.audience) else { return .unknown }
        return now < token.expires ? .admitted : .expired
    }

    /// The token that a call bears, if it was given out here.
    func token(of call: Call) -> Token? {
        guard let header = call.header("authorization"), header.lowercased().hasPrefix("bearer ") else { return nil }
        return tokens[header.dropFirst(7).trimmed]
    }

    mutating func issue(for audience: Audience, at now: Instant, from identifiers: inout Identifiers) -> String {
        let token = identifiers.token()
        tokens[token] = Token(audience: audience, expires: now + tokenLifetime)
        return token
    }

    mutating func revokeTokens() { tokens = [:] }

    /// Makes every token given out so far an expired one.
    mutating func expireTokens(at now: Instant) {
        for token in tokens.keys { tokens[token]?.expires = now }
    }

    private static func audience(of request: TokenRequest) -> Result<Audience, TokenRefusal> {
        switch request.version {
        case .v1:
            guard let resource = request.target else { return .failure(.missingParameter("resource")) }
            return Audience(resource: resource).map { .success($0) } ?? .failure(.unknownResource(resource))
        case .v2:
            guard let scope = request.target else { return .failure(.missingParameter("scope")) }
            guard !scope.contains(" "), scope.hasSuffix("/.default") else { return .failure(.invalidScope(scope)) }
            let resource = String(scope.dropLast("/.default".count))
            return Audience(rawValue: resource).map { .success($0) } ?? .failure(.unknownResource(resource))
        }
    }
}

extension Substring {
    /// Without the spaces around it.
    var trimmed: String {
        let front = drop { $0 == " " }
        return String(front.reversed().drop { $0 == " " }.reversed())
    }
}
