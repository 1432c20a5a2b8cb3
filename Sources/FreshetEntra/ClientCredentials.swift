internal import FreshetCore
internal import FreshetKit

/// Signs in as an application at its tenant (RFC 6749, 4.4; RFC 7523, 2.2; Microsoft identity platform v2.0).
struct ClientCredentials: EntraCredential {
    var tenantID: String
    var clientID: String
    var proof: ClientProof
    var authorityURL: String
    var surroundings: Surroundings

    func obtain(_ scope: String) async -> Result<Token, EntraError> {
        do throws(EntraError) {
            let first = try await attempt(scope)
            guard case .failure(.refused(let refusal)) = first.result, refusal.isAboutCredential else {
                return first.result
            }
            // The credential may have been changed since it was read; the same one again would only be refused again.
            for text in [tenantID, clientID] + proof.texts { await surroundings.secrets.forget(text) }
            let material = try await proof.read(surroundings)
            return material == first.material ? first.result : try await attempt(scope).result
        } catch {
            return .failure(error)
        }
    }

    private func attempt(
        _ scope: String
    ) async throws(EntraError) -> (result: Result<Token, EntraError>, material: ClientProof.Material) {
        let material = try await proof.read(surroundings)
        let client: String
        let url: String
        do throws(SecretError) {
            client = try await surroundings.secrets.resolve(clientID)
            let authority = try await surroundings.secrets.resolve(authorityURL).withoutTrailingSlash
            let tenant = FormEncoding.encode(try await surroundings.secrets.resolve(tenantID))
            url = "\(authority)/\(tenant)/oauth2/v2.0/token"
        } catch {
            throw .secret(error)
        }
        let shown = try material.fields(clientID: client, audience: url, surroundings)
        let fields = [("client_id", client)] + shown + [("grant_type", "client_credentials"), ("scope", scope)]
        return (await answer(to: request(url, fields)), material)
    }

    private func request(_ url: String, _ fields: [(name: String, value: String)]) -> HTTPRequest {
        HTTPRequest(
            "POST",
            url,
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
            body: Array(FormEncoding.encode(fields).utf8),
            timeout: .seconds(20),
            maxBodySize: 1 << 20
        )
    }

    private func answer(to request: HTTPRequest) async -> Result<Token, EntraError> {
        let askedAt = surroundings.clock.now
        let response: HTTPResponse
        do {
            response = try await surroundings.transport.send(request)
        } catch {
            return .failure(.unreachable(error))
        }
        let answer = TokenAnswer(response.body)
        if response.status == 200, let token = answer?.token(askedAt: askedAt) {
            surroundings.redactor.learn(token.text)
            return .success(token)
        }
        let unreadable = EntraError.unreadable(status: response.status, retryAfter: response.retryAfter)
        return .failure(answer?.refusal(response, surroundings.redactor) ?? unreadable)
    }
}
