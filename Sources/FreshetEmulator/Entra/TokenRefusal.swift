/// Why Entra gives no token.
///
/// Codes, HTTP statuses and wording are those of recorded answers (facts `powerbi.md` §3.2).
enum TokenRefusal: Error, Hashable, Sendable {
    case applicationNotMultiTenant(clientID: String, tenant: String)
    case assertionForSomebodyElse
    case assertionNotRegistered(thumbprint: String, clientID: String)
    case expiredSecret(clientID: String)
    case federatedAudience(String)
    case federatedIssuer(String)
    case federatedSubject(String, differsInCase: Bool)
    case invalidScope(String)
    case malformedAssertion(String)
    case missingCredential
    case missingParameter(String)
    case noFederatedCredential(issuer: String, subject: String, audience: String)
    case reusedAssertion(String)
    case unknownClient(String, tenant: String)
    case unknownResource(String)
    case unknownTenant(String)
    case unsupportedGrant(String)
    case untimelyAssertion(now: Instant, start: Instant, end: Instant)
    case wrongAssertionSignature(thumbprint: String)
    case wrongSecret(clientID: String)

    /// The number after `AADSTS`.
    var code: Int {
        switch self {
        case .applicationNotMultiTenant: 50194
        case .assertionForSomebodyElse: 700023
        case .assertionNotRegistered, .wrongAssertionSignature: 700027
        case .expiredSecret: 7_000_222
        case .federatedAudience: 700212
        case .federatedIssuer: 700211
        case .federatedSubject(_, let differsInCase): differsInCase ? 7_002_138 : 700213
        case .invalidScope: 70011
        case .malformedAssertion: 50027
        case .missingCredential: 7_000_216
        case .missingParameter: 900144
        case .noFederatedCredential: 70021
        case .reusedAssertion: 50013
        case .unknownClient: 700016
        case .unknownResource: 500011
        case .unknownTenant: 90002
        case .unsupportedGrant: 70003
        case .untimelyAssertion: 700024
        case .wrongSecret: 7_000_215
        }
    }

    /// The error code of RFC 6749 §5.2.
    var error: String {
        switch self {
        case .assertionForSomebodyElse, .assertionNotRegistered, .expiredSecret, .federatedAudience, .federatedIssuer,
            .federatedSubject, .malformedAssertion, .missingCredential, .reusedAssertion, .untimelyAssertion,
            .wrongAssertionSignature, .wrongSecret:
            "invalid_client"
        case .applicationNotMultiTenant, .missingParameter, .noFederatedCredential, .unknownTenant: "invalid_request"
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
        case .assertionForSomebodyElse:
            "Client assertion audience claim does not match Realm issuer. Review the documentation at "
                + "https://learn.microsoft.com/entra/identity-platform/certificate-credentials ."
        case .assertionNotRegistered(let thumbprint, let clientID):
            "The certificate with identifier used to sign the client assertion is not registered on application. "
                + "[Reason - The key was not found., Thumbprint of key used by client: '\(thumbprint)', Client ID "
                + "'\(clientID)']."
        case .expiredSecret(let clientID):
            "The provided client secret keys for app '\(clientID)' are expired. Visit the Azure portal to create new "
                + "keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for "
                + "added security: https://aka.ms/certCreds."
        case .federatedAudience(let audience): TokenRefusal.noFederatedMatch("audience", audience)
        case .federatedIssuer(let issuer): TokenRefusal.noFederatedMatch("issuer", issuer)
        case .federatedSubject(let subject, let differsInCase):
            TokenRefusal.noFederatedMatch("subject", subject, differsInCase: differsInCase)
        case .invalidScope(let scope):
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter "
                + "'scope' is not valid. The scope \(scope) is not valid."
        case .malformedAssertion(let reason): "JWT token is invalid or malformed: \(reason)."
        case .missingCredential:
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."
        case .missingParameter(let name):
            "The request body must contain the following parameter: '\(name)'."
        case .noFederatedCredential(let issuer, let subject, let audience):
            "No matching federated identity record found for presented assertion. Assertion Issuer: '\(issuer)'. "
                + "Assertion Subject: '\(subject)'. Assertion Audience: '\(audience)'."
        case .reusedAssertion(let id): "Assertion is invalid: its 'jti' \(id) has been used before."
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
        case .untimelyAssertion(let now, let start, let end):
            "Client assertion is not within its valid time range. Current time: \(now.zoned), assertion valid from "
                + "\(start.zoned), expiry time of assertion \(end.zoned). Review the documentation at "
                + "https://learn.microsoft.com/entra/identity-platform/certificate-credentials ."
        case .wrongAssertionSignature(let thumbprint):
            "Client assertion failed signature validation. [Reason - The provided signature value did not match the "
                + "expected signature value., Thumbprint of key used by client: '\(thumbprint)']."
        case .wrongSecret(let clientID):
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
                + "not the client secret ID, for a secret added to app '\(clientID)'."
        }
    }

    private static func noFederatedMatch(_ what: String, _ value: String, differsInCase: Bool = false) -> String {
        let hint =
            differsInCase
            ? " The \(what) matches with case-insensitive comparison, but not with case-sensitive comparison." : ""
        return "No matching federated identity record found for presented assertion \(what) '\(value)'.\(hint) Check "
            + "your federated identity credential Subject, Audience and Issuer against the presented assertion. "
            + "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
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
