internal import FreshetCore
internal import FreshetEntra
package import FreshetKit

/// Azure Key Vault, with the same ways to sign in as Power BI.
///
/// - SeeAlso: "Get Secret" of the Key Vault REST API, version 7.4 (learn.microsoft.com).
package struct KeyVaultBackend: SecretBackend {
    package static let name = "azure_key_vault"
    package static let summary = "Azure Key Vault; with a managed identity there is no secret to keep at all."
    package static let hasVersions = true
    package static let fields: [Field] =
        [
            Field("vault_url", .text, required: true, "The vault, such as https://retail.vault.azure.net."),
            Field(
                "scope",
                .text,
                default: EntraCloud.public.keyVaultScope,
                "What to ask access to; that of the cloud unless it is stated."
            ),
        ] + EntraAccess.fields
    package static let examples = [
        """
        kind: azure_key_vault
        vault_url: https://retail.vault.azure.net
        managed_identity: system
        """,
        """
        kind: azure_key_vault
        vault_url: https://retail.vault.usgovcloudapi.net
        cloud: us_gov_high
        tenant_id: contoso.onmicrosoft.us
        client_id: ${env:VAULT_CLIENT_ID}
        certificate: ${secret:systemd/vault.pem}
        """,
    ]
    private static let version = "7.4"

    private let url: String
    private let tokens: TokenCache
    private let surroundings: Surroundings

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        self.surroundings = surroundings
        url = try settings.requiredText("vault_url")
        let access = try EntraAccess(from: settings, in: surroundings)
        tokens = access.tokens(scope: try settings.text("scope") ?? access.cloud.keyVaultScope)
    }

    package func fetch(_ reference: SecretReference) async throws(SecretError) -> SecretValue {
        let call = BackendCall(backend: reference.backend, surroundings: surroundings)
        let root = try await surroundings.secrets.resolve(url).withoutTrailingSlashes
        var path = "secrets/" + PercentEncoding.encode(reference.path)
        if let version = reference.version { path += "/" + PercentEncoding.encode(version) }
        let address = "\(root)/\(path)?api-version=\(Self.version)"
        var token = try await self.token(call)
        var response = try await call.send(request(address, token))
        if response.status == 401 {
            await tokens.drop(token)
            token = try await self.token(call)
            response = try await call.send(request(address, token))
        }
        let answer = BackendCall.object(response)
        guard response.status == 200, let value = answer["value"]?.text else {
            throw call.refusal(response, words(response, reference), said: answer["error"]?["message"]?.text?.firstLine)
        }
        let attributes = answer["attributes"]
        return SecretValue(
            value,
            changedAt: Self.time(attributes?["updated"] ?? attributes?["created"]),
            expiresAt: Self.time(attributes?["exp"])
        )
    }

    private func request(_ address: String, _ token: String) -> HTTPRequest {
        HTTPRequest("GET", address, headers: ["Authorization": "Bearer \(token)", "Accept": "application/json"])
    }

    private func token(_ call: BackendCall) async throws(SecretError) -> String {
        do throws(EntraError) {
            return try await tokens.get()
        } catch {
            throw .unavailable(
                backend: call.backend,
                reason: surroundings.redactor.redact(error.description),
                isTransient: error.isTransient
            )
        }
    }

    private func words(_ response: HTTPResponse, _ reference: SecretReference) -> String? {
        switch response.status {
        case 401: "the vault does not take the token; check tenant_id, cloud and scope"
        case 403: "access denied; give the identity the role Key Vault Secrets User, and check the vault's firewall"
        case 404: "there is no secret '\(reference.path)', or not that version of it"
        default: nil
        }
    }

    private static func time(_ value: JSONValue?) -> Timestamp? {
        value?.number.map { Timestamp(seconds: $0) }
    }
}

extension EntraCloud {
    /// - SeeAlso: "Azure Key Vault basic concepts", national clouds (learn.microsoft.com); the community cloud of the US
    ///   government uses the public Azure.
    fileprivate var keyVaultScope: String {
        switch self {
        case .public, .usGov: "https://vault.azure.net/.default"
        case .usGovHigh, .usGovDoD: "https://vault.usgovcloudapi.net/.default"
        case .china: "https://vault.azure.cn/.default"
        }
    }
}

extension String {
    fileprivate var firstLine: String { String(prefix { !$0.isNewline }) }
}
