internal import FreshetCore
package import FreshetKit

/// HashiCorp Vault or OpenBao, its key-value engine of version 2.
///
/// - SeeAlso: "KV secrets engine - version 2 (API)" (developer.hashicorp.com; openbao.org).
package struct VaultBackend: SecretBackend {
    package static let name = "vault"
    package static let summary = "HashiCorp Vault or OpenBao: the key-value engine, version 2."
    package static let hasVersions = true
    package static let fields = [
        Field("address", .text, required: true, "The server, such as https://vault.example.com:8200."),
        Field("mount", .text, default: "secret", "Where the key-value engine is mounted."),
        Field("namespace", .text, "The namespace, where the server has several."),
        Field("token", .secret, "Sign in by this token."),
        Field("app_role", .object(VaultLogin.appRole), "Sign in by AppRole; its token is renewed."),
    ]
    package static let examples = [
        """
        kind: vault
        address: https://vault.example.com:8200
        mount: kv
        token: ${secret:file/vault_token}
        """,
        """
        kind: vault
        address: https://bao.example.com
        namespace: analytics
        app_role: {role_id: "${env:VAULT_ROLE_ID}", secret_id: "${secret:systemd/vault_secret_id}"}
        cache: 1m
        """,
    ]

    private let mount: String
    private let server: VaultServer
    private let login: VaultLogin
    private let surroundings: Surroundings

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        self.surroundings = surroundings
        mount = try settings.text("mount") ?? "secret"
        server = VaultServer(
            address: try settings.requiredText("address"),
            namespace: try settings.text("namespace"),
            surroundings: surroundings
        )
        login = try VaultLogin(from: settings, server)
    }

    package func fetch(_ reference: SecretReference) async throws(SecretError) -> SecretValue {
        let call = BackendCall(backend: reference.backend, surroundings: surroundings)
        let mount = try await surroundings.secrets.resolve(self.mount)
        var path = "\(mount)/data/\(PercentEncoding.encode(reference.path, keepingSlashes: true))"
        if let version = reference.version { path += "?version=" + PercentEncoding.encode(version) }
        var token = try await login.token(call)
        var response = try await call.send(try await server.request("GET", path, token: token))
        // Vault says so of a token that has ended too; only a login of its own can be renewed.
        if response.status == 403, await login.drop(token) {
            token = try await login.token(call)
            response = try await call.send(try await server.request("GET", path, token: token))
        }
        return try value(response, reference, call)
    }

    private func value(
        _ response: HTTPResponse,
        _ reference: SecretReference,
        _ call: BackendCall
    ) throws(SecretError) -> SecretValue {
        let data = BackendCall.object(response)["data"]
        let metadata = data?["metadata"]
        guard response.status == 200, let secret = data?["data"], secret.object != nil else {
            let isDeleted = metadata?["deletion_time"]?.text?.isEmpty == false
            let words: String? =
                switch response.status {
                case 403: "permission denied; check the token, and that its policy allows to read the path"
                case 404 where isDeleted: "that version of '\(reference.path)' is deleted"
                case 404: "there is no secret '\(reference.path)'; check the path and mount"
                case 503: "the server is sealed or in maintenance"
                default: nil
                }
            throw call.refusal(response, words, said: VaultServer.message(response))
        }
        return SecretValue(
            secret.serialized(),
            isObject: true,
            changedAt: metadata?["created_time"]?.text.flatMap { Timestamp(iso8601: $0) },
            expiresAt: metadata?["deletion_time"]?.text.flatMap { Timestamp(iso8601: $0) }
        )
    }
}

/// Where a Vault is.
struct VaultServer: Sendable {
    var address: String
    var namespace: String?
    var surroundings: Surroundings

    func request(
        _ method: String,
        _ path: String,
        token: String? = nil,
        body: JSONValue? = nil
    ) async throws(SecretError) -> HTTPRequest {
        let root = try await surroundings.secrets.resolve(address).withoutTrailingSlashes
        // Asked for by the server's agents, so that a page of another site cannot make them forward a request.
        var headers: HTTPHeaders = ["X-Vault-Request": "true"]
        if let token { headers["X-Vault-Token"] = token }
        if let namespace { headers["X-Vault-Namespace"] = try await surroundings.secrets.resolve(namespace) }
        if body != nil { headers["Content-Type"] = "application/json" }
        return HTTPRequest(
            method,
            "\(root)/v1/\(path)",
            headers: headers,
            body: body.map { Array($0.serialized().utf8) }
        )
    }

    static func message(_ response: HTTPResponse) -> String? {
        let errors = BackendCall.object(response)["errors"]?.list?.compactMap(\.text) ?? []
        return errors.first?.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
