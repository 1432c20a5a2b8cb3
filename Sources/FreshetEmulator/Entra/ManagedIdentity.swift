/// The two places where a workload in Azure gets tokens without any credential.
enum IdentityRoute: Hashable, Sendable {
    /// `IDENTITY_ENDPOINT` of App Service and Container Apps.
    case appService
    /// The instance metadata service of virtual machines.
    case instanceMetadata
}

extension World {
    /// Answers as the platform does, for the one identity there is: the app's.
    ///
    /// - SeeAlso: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token and
    ///   https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
    mutating func answerIdentity(_ route: IdentityRoute, _ call: Call, at now: Instant) -> Reply {
        do throws(IdentityRefusal) {
            try checkCaller(route, call)
            guard let resource = call.queryValue("resource") else {
                throw IdentityRefusal("Required resource is missing")
            }
            let sought = call.queryValue("client_id") ?? call.queryValue("object_id") ?? call.queryValue("msi_res_id")
            guard sought == nil || sought?.lowercased() == directory.clientID.lowercased() else {
                throw IdentityRefusal("Identity not found")
            }
            guard let audience = Directory.Audience(resource: resource) else {
                let message =
                    "AADSTS500011: The resource principal named \(resource) was not found in the tenant named "
                    + "\(directory.tenantID)."
                throw IdentityRefusal(error: "invalid_resource", message)
            }
            return grant(audience, of: resource, for: route, at: now)
        } catch {
            return error.reply
        }
    }

    private func checkCaller(_ route: IdentityRoute, _ call: Call) throws(IdentityRefusal) {
        switch route {
        case .appService:
            guard call.header("x-identity-header") == options.seed.identityHeader else {
                throw IdentityRefusal(status: 401, error: "unauthorized", "The X-IDENTITY-HEADER is missing or wrong")
            }
            guard call.queryValue("api-version") == "2019-08-01" else { throw IdentityRefusal("Unknown api-version") }
        case .instanceMetadata:
            guard call.header("metadata")?.lowercased() == "true" else {
                throw IdentityRefusal("Required metadata header not specified")
            }
            guard let version = call.queryValue("api-version"), version >= "2018-02-01" else {
                throw IdentityRefusal("Required api-version is missing or older than 2018-02-01")
            }
        }
    }

    private mutating func grant(
        _ audience: Directory.Audience,
        of resource: String,
        for route: IdentityRoute,
        at now: Instant
    ) -> Reply {
        let token = directory.issue(for: audience, at: now, from: &identifiers)
        let lifetime = Int(directory.tokenLifetime)
        // All numbers are strings, in both.
        var body: [String: JSON] = [
            "access_token": .string(token), "client_id": .string(directory.clientID), "resource": .string(resource),
            "expires_on": .string(String((now + directory.tokenLifetime).epoch)), "token_type": "Bearer",
        ]
        if route == .instanceMetadata {
            body["expires_in"] = .string(String(max(1, lifetime - 1)))
            body["ext_expires_in"] = .string(String(max(1, lifetime - 1)))
            body["not_before"] = .string(String(now.epoch - 300))
        }
        return Reply(200, json: .object(body))
    }
}

/// Why a managed identity gets no token.
private struct IdentityRefusal: Error {
    var status: Int
    var error: String
    var description: String

    init(status: Int = 400, error: String = "invalid_request", _ description: String) {
        self.status = status
        self.error = error
        self.description = description
    }

    var reply: Reply {
        Reply(status, json: ["error": .string(error), "error_description": .string(description)])
    }
}
