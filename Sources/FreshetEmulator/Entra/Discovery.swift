/// Where a sign-in library learns the addresses of a tenant.
enum DiscoveryRoute: Hashable, Sendable {
    /// Which names the cloud has.
    case instance
    case tenant(String, TokenRequest.Version)
}

extension World {
    /// Answers what MSAL asks before the first token.
    ///
    /// - SeeAlso: OpenID Connect Discovery 1.0 §4.2
    func answerDiscovery(_ route: DiscoveryRoute, _ call: Call) -> Reply {
        let origin = call.origin
        switch route {
        case .instance:
            let host = JSON.string(call.header("host") ?? "localhost")
            return Reply(
                200,
                json: [
                    "api-version": "1.1",
                    "metadata": [["aliases": [host], "preferred_cache": host, "preferred_network": host]],
                    "tenant_discovery_endpoint":
                        .string("\(origin)/\(directory.tenantID)/v2.0/.well-known/openid-configuration"),
                ]
            )
        case .tenant(let tenant, let version):
            guard tenant.lowercased() == directory.tenantID.lowercased() else {
                let description = "AADSTS90002: Tenant '\(tenant)' not found."
                return Reply(400, json: ["error": "invalid_tenant", "error_description": .string(description)])
            }
            let (root, part) = ("\(origin)/\(tenant)", version == .v2 ? "/v2.0" : "")
            return Reply(
                200,
                json: [
                    "authorization_endpoint": .string("\(root)/oauth2\(part)/authorize"),
                    "device_authorization_endpoint": .string("\(root)/oauth2\(part)/devicecode"),
                    "issuer": .string(version == .v2 ? "\(root)/v2.0" : "https://sts.windows.net/\(tenant)/"),
                    "jwks_uri": .string("\(root)/discovery\(part)/keys"), "tenant_region_scope": "EU",
                    "token_endpoint": .string("\(root)/oauth2\(part)/token"),
                    "token_endpoint_auth_methods_supported": [
                        "client_secret_post", "private_key_jwt", "client_secret_basic",
                    ],
                ]
            )
        }
    }
}
