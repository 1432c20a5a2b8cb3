private import FoundationEssentials
internal import FreshetCore
package import FreshetKit

/// AWS Secrets Manager.
///
/// - SeeAlso: "GetSecretValue" of the Secrets Manager API Reference (docs.aws.amazon.com).
package struct SecretsManagerBackend: SecretBackend {
    package static let name = "aws_secrets_manager"
    package static let summary = "AWS Secrets Manager, in one region."
    package static let hasVersions = true
    package static let fields =
        [
            Field("region", .text, required: true, "The region, such as eu-central-1."),
            Field("endpoint_url", .text, "Another server than Amazon's, with scheme and port."),
        ] + AWSCredentials.fields
    package static let examples = [
        """
        kind: aws_secrets_manager
        region: eu-central-1
        """,
        """
        kind: aws_secrets_manager
        region: us-east-1
        endpoint_url: http://127.0.0.1:5000
        access_key_id: ${env:VAULT_KEY}
        secret_access_key: ${secret:file/vault_key_secret}
        """,
    ]

    private let region: String
    private let endpoint: String?
    private let credentials: AWSCredentials
    private let surroundings: Surroundings

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        self.surroundings = surroundings
        region = try settings.requiredText("region")
        endpoint = try settings.text("endpoint_url")
        credentials = try AWSCredentials(from: settings)
    }

    package func fetch(_ reference: SecretReference) async throws(SecretError) -> SecretValue {
        let call = BackendCall(backend: reference.backend, surroundings: surroundings)
        let first = try await key(call)
        var response = try await call.send(try await request(reference, first))
        var answer = BackendCall.object(response)
        if response.status != 200, Self.keyTroubles.contains(Self.type(of: answer)) {
            await credentials.refused(surroundings)
            let newer = try await key(call)
            if newer != first {
                response = try await call.send(try await request(reference, newer))
                answer = BackendCall.object(response)
            }
        }
        guard response.status == 200 else { throw refusal(response, answer, reference, call) }
        let changedAt = answer["CreatedDate"]?.number.map { Timestamp(seconds: $0) }
        if let text = answer["SecretString"]?.text { return SecretValue(text, changedAt: changedAt) }
        guard let data = answer["SecretBinary"]?.text.flatMap({ Data(base64Encoded: $0) }),
            let text = String(validating: data, as: UTF8.self)
        else { throw call.refusal("the value of '\(reference.path)' is not text") }
        return SecretValue(text, changedAt: changedAt)
    }

    /// What says that the keys themselves are wrong or old, not what they may do.
    private static let keyTroubles: Set<String> = [
        "ExpiredTokenException", "InvalidClientTokenId", "InvalidSignatureException", "UnrecognizedClientException",
    ]

    private func key(_ call: BackendCall) async throws(SecretError) -> AWSKey {
        let region = try await surroundings.secrets.resolve(self.region)
        do throws(AWSKeyError) {
            return try await credentials.key(region: region, surroundings)
        } catch {
            if case .reference(let error) = error { throw error }
            let reason = "no credentials for it: \(error)"
            throw .unavailable(backend: call.backend, reason: reason, isTransient: error.isTransient)
        }
    }

    /// Some servers put a namespace and '#' before the name.
    private static func type(of answer: JSONValue) -> String {
        answer["__type"]?.text.map { String($0.split(separator: "#").last ?? "") } ?? ""
    }

    private func request(_ reference: SecretReference, _ key: AWSKey) async throws(SecretError) -> HTTPRequest {
        let secrets = surroundings.secrets
        let region = try await secrets.resolve(self.region)
        let known = AWSEndpoint.stated(for: "secrets manager", surroundings)
        var server = known ?? AWSEndpoint.url("secretsmanager", region)
        if let endpoint { server = try await secrets.resolve(endpoint).withoutTrailingSlashes }
        var members: [String: JSONValue] = ["SecretId": .text(reference.path)]
        if let version = reference.version {
            // Ids of versions have 32 to 64 characters; what is shorter is a label such as AWSPREVIOUS.
            members[version.utf8.count >= 32 ? "VersionId" : "VersionStage"] = .text(version)
        }
        let body = Array(JSONValue.object(members).serialized().utf8)
        var headers: HTTPHeaders = [
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.GetSecretValue",
            "x-amz-content-sha256": SHA256.hexadecimal(of: body),
        ]
        if let token = key.sessionToken { headers["x-amz-security-token"] = token }
        let signing = key.signing(region: region, service: "secretsmanager")
        return HTTPRequest("POST", server + "/", headers: headers, body: body, signing: signing)
    }

    private func refusal(
        _ response: HTTPResponse,
        _ answer: JSONValue,
        _ reference: SecretReference,
        _ call: BackendCall
    ) -> SecretError {
        let type = Self.type(of: answer)
        let said = answer["message"]?.text ?? answer["Message"]?.text
        let words: String?
        switch type {
        case "AccessDeniedException":
            words = "access denied; allow secretsmanager:GetSecretValue, and kms:Decrypt where the key is your own"
        case "DecryptionFailure": words = "its key cannot decrypt it; allow kms:Decrypt"
        case "ExpiredTokenException": words = "the session token has expired; renew the keys"
        case "IncompleteSignature", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch",
            "UnrecognizedClientException":
            words = "the access key is not valid; check access_key_id, secret_access_key and the machine's clock"
        case "ResourceNotFoundException":
            words = "there is no secret '\(reference.path)' in this region, or not that version of it"
        case "InternalServiceError", "ThrottlingException":
            return .unavailable(
                backend: call.backend,
                reason: "the service is busy (\(type))",
                isTransient: true
            )
        default: words = type.isEmpty ? nil : type
        }
        return call.refusal(response, words, said: said)
    }
}
