/// One Entra tenant: its app registration and the tokens given out.
struct Directory: Sendable {
    /// Something a token can be asked for.
    enum Audience: String, CaseIterable, Sendable {
        case fabric = "https://api.fabric.microsoft.com"
        case powerBI = "https://analysis.windows.net/powerbi/api"
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
    var tokenLifetime: Double
    var tokens: [String: Token] = [:]

    init(seed: EmulatorSeed, tokenLifetime: Double) {
        tenantID = seed.tenantID
        clientID = seed.clientID
        clientSecret = seed.clientSecret
        self.tokenLifetime = tokenLifetime
    }

    /// Whether `request` gets a token, and for what.
    ///
    /// The checks come in the order in which Entra was seen to make them: tenant, parameters, app, scope, secret.
    func decide(_ request: TokenRequest) -> Result<Audience, TokenRefusal> {
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
            return .failure(request.hasAssertion ? .assertionNotRegistered(clientID: client) : .missingCredential)
        }
        guard secret == clientSecret else { return .failure(.wrongSecret(clientID: client)) }
        return isSecretExpired ? .failure(.expiredSecret(clientID: client)) : .success(audience)
    }

    func admission(of call: Call, at now: Instant) -> Admission {
        guard let header = call.header("authorization"), header.lowercased().hasPrefix("bearer "),
            let token = tokens[header.dropFirst(7).trimmed]
        else { return .unknown }
        return now < token.expires ? .admitted : .expired
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
            // Both spellings, with and without the last slash, are in use.
            let name = resource.hasSuffix("/") ? String(resource.dropLast()) : resource
            return Audience(rawValue: name).map { .success($0) } ?? .failure(.unknownResource(resource))
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
