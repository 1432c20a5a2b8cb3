/// Why Entra gives no token.
///
/// Codes, HTTP statuses and wording are those of recorded answers (facts `powerbi.md` §3.2).
enum TokenRefusal: Error, Hashable, Sendable {
    case applicationNotMultiTenant(clientID: String, tenant: String)
    case assertionNotRegistered(clientID: String)
    case expiredSecret(clientID: String)
    case invalidScope(String)
    case missingCredential
    case missingParameter(String)
    case unknownClient(String, tenant: String)
    case unknownResource(String)
    case unknownTenant(String)
    case unsupportedGrant(String)
    case wrongSecret(clientID: String)

    /// The number after `AADSTS`.
    var code: Int {
        switch self {
        case .applicationNotMultiTenant: 50194
        case .assertionNotRegistered: 700027
        case .expiredSecret: 7_000_222
        case .invalidScope: 70011
        case .missingCredential: 7_000_216
        case .missingParameter: 900144
        case .unknownClient: 700016
        case .unknownResource: 500011
        case .unknownTenant: 90002
        case .unsupportedGrant: 70003
        case .wrongSecret: 7_000_215
        }
    }

    /// The error code of RFC 6749 §5.2.
    var error: String {
        switch self {
        case .assertionNotRegistered, .expiredSecret, .missingCredential, .wrongSecret: "invalid_client"
        case .applicationNotMultiTenant, .missingParameter, .unknownTenant: "invalid_request"
        case .invalidScope: "invalid_scope"
        case .unknownClient: "unauthorized_client"
        case .unknownResource: "invalid_resource"
        case .unsupportedGrant: "unsupported_grant_type"
        }
    }

    var status: Int { error == "invalid_client" ? 401 : 400 }

    var message: String {
        switch self {
        case .applicationNotMultiTenant(let clientID, let tenant):
            "Application '\(clientID)' is not configured as a multi-tenant application. Usage of the /\(tenant) "
                + "endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific "
                + "endpoint or configure the application to be multi-tenant."
        case .assertionNotRegistered(let clientID):
            "The certificate with identifier used to sign the client assertion is not registered on application. "
                + "Client ID '\(clientID)'."
        case .expiredSecret(let clientID):
            "The provided client secret keys for app '\(clientID)' are expired. Visit the Azure portal to create new "
                + "keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for "
                + "added security: https://aka.ms/certCreds."
        case .invalidScope(let scope):
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter "
                + "'scope' is not valid. The scope \(scope) is not valid."
        case .missingCredential:
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."
        case .missingParameter(let name):
            "The request body must contain the following parameter: '\(name)'."
        case .unknownClient(let clientID, let tenant):
            "Application with identifier '\(clientID)' was not found in the directory '\(tenant)'. This can happen if "
                + "the application has not been installed by the administrator of the tenant or consented to by any "
                + "user in the tenant. You may have sent your authentication request to the wrong tenant."
        case .unknownResource(let resource):
            "The resource principal named \(resource) was not found in the tenant. This can happen if the application "
                + "has not been installed by the administrator of the tenant or consented to by any user in the tenant."
        case .unknownTenant(let tenant):
            "Tenant '\(tenant)' not found. Check to make sure you have the correct tenant ID and are signing into the "
                + "correct cloud. Check with your subscription administrator, this may happen if there are no active "
                + "subscriptions for the tenant."
        case .unsupportedGrant(let grant):
            "The app requested an unsupported grant type '\(grant)'."
        case .wrongSecret(let clientID):
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
                + "not the client secret ID, for a secret added to app '\(clientID)'."
        }
    }

    func reply(at now: Instant, trace: String, correlation: String) -> Reply {
        let description =
            "AADSTS\(code): \(message) Trace ID: \(trace) Correlation ID: \(correlation) Timestamp: \(now.spaced)"
        return Reply(
            status,
            json: [
                "correlation_id": .string(correlation),
                "error": .string(error),
                "error_codes": [.int(code)],
                "error_description": .string(description),
                "error_uri": .string("https://login.microsoftonline.com/error?code=\(code)"),
                "timestamp": .string(now.spaced),
                "trace_id": .string(trace),
            ],
            headers: [("cache-control", "no-store, no-cache"), ("x-ms-request-id", trace)]
        )
    }
}
