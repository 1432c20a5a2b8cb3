internal import FreshetCore
internal import FreshetKit

/// Signs in as the identity that Azure gave to the machine or the app it runs on; there is no secret at all.
///
/// On a machine the endpoint is the instance metadata service; App Service and Container Apps name theirs in
/// `IDENTITY_ENDPOINT` and its key in `IDENTITY_HEADER`.
///
/// - SeeAlso: "How to use managed identities on an Azure VM to acquire an access token", "How to use managed identities
///   for App Service and Azure Functions" (learn.microsoft.com).
struct ManagedIdentity: EntraCredential {
    /// Which of the identities, where there are several.
    enum Identity: Hashable, Sendable {
        case system
        case clientID(String)
        case objectID(String)
        case resourceID(String)
    }

    static let machineEndpoint = "http://169.254.169.254"
    /// The service asks to be asked again in this manner.
    private static let pauses: [Duration] = [.seconds(1), .seconds(2), .seconds(4), .seconds(8)]

    var identity: Identity
    /// Stated by the project; `nil` for the platform's own.
    var endpoint: String?
    var surroundings: Surroundings

    func obtain(_ scope: String) async -> Result<Token, EntraError> {
        let request: HTTPRequest
        do throws(SecretError) { request = try await self.request(scope) } catch { return .failure(.secret(error)) }
        var pauses = Self.pauses[...]
        while true {
            let askedAt = surroundings.clock.now
            let response: HTTPResponse
            do { response = try await surroundings.transport.send(request) } catch {
                return .failure(.noIdentity(error))
            }
            let answer = TokenAnswer(response.body)
            if response.status == 200, let token = answer?.token(askedAt: askedAt) {
                surroundings.redactor.learn(token.text)
                return .success(token)
            }
            let isBusy = [404, 410, 429].contains(response.status) || response.status >= 500
            guard isBusy, let pause = pauses.popFirst() else {
                let unreadable = EntraError.unreadable(status: response.status, retryAfter: response.retryAfter)
                return .failure(answer?.refusal(response, surroundings.redactor) ?? unreadable)
            }
            let asked = min(response.retryAfter ?? .zero, .seconds(30))
            // Cancelled: whoever waited does not any more.
            do { try await surroundings.clock.sleep(for: max(pause, asked)) } catch { return .failure(.cancelled) }
        }
    }

    private func request(_ scope: String) async throws(SecretError) -> HTTPRequest {
        let resource = scope.hasSuffix("/.default") ? String(scope.dropLast("/.default".count)) : scope
        let secrets = surroundings.secrets
        if endpoint == nil, let url = secrets.variable("IDENTITY_ENDPOINT"),
            let key = secrets.variable("IDENTITY_HEADER")
        {
            surroundings.redactor.learn(key)
            let names = (client: "client_id", object: "principal_id", resource: "mi_res_id")
            let query = [("api-version", "2019-08-01"), ("resource", resource)] + (try await parameters(names))
            return request("\(url)?\(FormEncoding.encode(query))", ["X-IDENTITY-HEADER": key])
        }
        let root = try await secrets.resolve(endpoint ?? Self.machineEndpoint).withoutTrailingSlash
        let names = (client: "client_id", object: "object_id", resource: "msi_res_id")
        let query = [("api-version", "2018-02-01"), ("resource", resource)] + (try await parameters(names))
        return request("\(root)/metadata/identity/oauth2/token?\(FormEncoding.encode(query))", ["Metadata": "true"])
    }

    private func parameters(
        _ names: (client: String, object: String, resource: String)
    ) async throws(SecretError) -> [(name: String, value: String)] {
        let secrets = surroundings.secrets
        switch identity {
        case .system: return []
        case .clientID(let id): return [(names.client, try await secrets.resolve(id))]
        case .objectID(let id): return [(names.object, try await secrets.resolve(id))]
        case .resourceID(let id): return [(names.resource, try await secrets.resolve(id))]
        }
    }

    private func request(_ url: String, _ headers: HTTPHeaders) -> HTTPRequest {
        HTTPRequest("GET", url, headers: headers, timeout: .seconds(10), isDirect: true, maxBodySize: 1 << 20)
    }
}
