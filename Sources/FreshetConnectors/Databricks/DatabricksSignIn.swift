private import FoundationEssentials
import FreshetCore
import FreshetEntra
import FreshetKit

/// How a workspace lets us in: by a token that somebody made, as a service principal of Databricks, or by Microsoft Entra.
struct DatabricksSignIn: Sendable {
    static let fields =
        [
            Field("token", .secret, altersWork: false, "Sign in by a personal access token."),
            Field(
                "client_id",
                .text,
                altersWork: false,
                "Sign in as a service principal of Databricks (OAuth), or with tenant_id as an application of Entra."
            ),
        ] + EntraAccess.fields.filter { !["client_id", "access_token"].contains($0.name) }

    /// Azure Databricks, as Entra knows it.
    ///
    /// - SeeAlso: Azure Databricks documentation, "Get Microsoft Entra ID tokens".
    private static let azureScope = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"

    private enum Way: Sendable {
        case token(String)
        case cached(TokenCache)
    }

    private let way: Way
    private let surroundings: Surroundings

    init(from settings: Settings, host: String, in surroundings: Surroundings) throws(Diagnostic) {
        self.surroundings = surroundings
        if let token = try settings.text("token") {
            if let second = ["client_id", "client_secret", "tenant_id", "managed_identity"].first(where: settings.has) {
                throw Diagnostic(
                    "'\(second)' is a second way to sign in, beside 'token'",
                    at: settings.origin(of: second),
                    hint: "keep one of the two"
                )
            }
            way = .token(token)
            return
        }
        let entra = ["tenant_id", "managed_identity", "certificate", "federated_token_file"]
        if entra.contains(where: settings.has) {
            way = .cached(try EntraAccess(from: settings, in: surroundings).tokens(scope: Self.azureScope))
            return
        }
        guard let secret = try settings.text("client_secret") else {
            throw Diagnostic(
                "how to sign in is not stated",
                at: settings.origin,
                hint: "add 'token', or 'client_id' and 'client_secret' of a service principal"
            )
        }
        let principal = ServicePrincipal(
            host: host,
            clientID: try settings.requiredText("client_id"),
            secret: secret,
            surroundings: surroundings
        )
        way = .cached(TokenCache(now: { surroundings.clock.now }) { await principal.obtain() })
    }

    func token() async throws(EntraError) -> String {
        switch way {
        case .cached(let cache): return try await cache.get()
        case .token(let text):
            do throws(SecretError) {
                return try await surroundings.secrets.resolve(text)
            } catch {
                throw .secret(error)
            }
        }
    }

    /// A token was refused: the next one is made or read anew.
    func drop(_ refused: String) async {
        switch way {
        case .cached(let cache): await cache.drop(refused)
        case .token(let text): await surroundings.secrets.forget(text)
        }
    }
}

/// A service principal that signs in at its workspace.
///
/// - SeeAlso: Databricks documentation, "OAuth machine-to-machine (M2M) authentication"; RFC 6749, 4.4.
private struct ServicePrincipal: Sendable {
    let host: String
    let clientID: String
    let secret: String
    let surroundings: Surroundings

    func obtain() async -> Result<Token, EntraError> {
        do throws(EntraError) {
            let shown = try await credentials()
            let first = await attempt(shown)
            guard case .failure(.refused(let refusal)) = first, [400, 401].contains(refusal.status) else {
                return first
            }
            // The secret may have been changed since it was read; the same one again would only be refused again.
            for text in [clientID, secret] { await surroundings.secrets.forget(text) }
            let renewed = try await credentials()
            return renewed == shown ? first : await attempt(renewed)
        } catch {
            return .failure(error)
        }
    }

    private struct Credentials: Equatable {
        var root: String
        var id: String
        var secret: String
    }

    private func credentials() async throws(EntraError) -> Credentials {
        do throws(SecretError) {
            let secrets = surroundings.secrets
            return Credentials(
                root: DatabricksClient.root(try await secrets.resolve(host)),
                id: try await secrets.resolve(clientID),
                secret: try await secrets.resolve(secret)
            )
        } catch {
            throw .secret(error)
        }
    }

    private func attempt(_ shown: Credentials) async -> Result<Token, EntraError> {
        let basic = Data("\(shown.id):\(shown.secret)".utf8).base64EncodedString()
        surroundings.redactor.learn(basic)
        let fields = [("grant_type", "client_credentials"), ("scope", "all-apis")]
        let request = HTTPRequest(
            "POST",
            "\(shown.root)/oidc/v1/token",
            headers: [
                "Authorization": "Basic \(basic)", "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            ],
            body: Array(FormEncoding.encode(fields).utf8),
            timeout: .seconds(20),
            maxBodySize: 1 << 20
        )
        let askedAt = surroundings.clock.now
        let response: HTTPResponse
        do {
            response = try await surroundings.transport.send(request)
        } catch {
            return .failure(.unreachable(error))
        }
        // What is no JSON is no answer of a workspace, and is told so with its status.
        let answer = try? JSONValue(parsing: response.body)
        if response.status == 200, let text = answer?["access_token"]?.text {
            surroundings.redactor.learn(text)
            let life = answer?["expires_in"]?.integer ?? 3600
            return .success(Token(text: text, obtainedAt: askedAt, expiresAt: askedAt + .seconds(life)))
        }
        let words = answer?["error_description"]?.text ?? answer?["message"]?.text ?? "the answer cannot be read"
        return .failure(
            .refused(
                EntraRefusal(
                    status: response.status,
                    error: answer?["error"]?.text ?? "unreadable",
                    code: nil,
                    message: surroundings.redactor.redact(words) + "; check host, client_id and client_secret",
                    retryAfter: response.headers["Retry-After"].flatMap { Int($0) }.map { .seconds(min($0, 3600)) }
                )
            )
        )
    }
}
