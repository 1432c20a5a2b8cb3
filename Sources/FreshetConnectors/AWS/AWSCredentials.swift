internal import FreshetCore
internal import FreshetKit

/// The access key that requests to AWS are signed with: that of the settings, else the standard one of the environment.
struct AWSCredentials: Sendable {
    static let fields = [
        Field("access_key_id", .text, default: "${env:AWS_ACCESS_KEY_ID}", "The id of the access key."),
        Field("secret_access_key", .secret, default: "${secret:env/AWS_SECRET_ACCESS_KEY}", "The access key's secret."),
        Field("session_token", .secret, "The token of temporary keys; AWS_SESSION_TOKEN with the standard keys."),
    ]

    private let accessKeyID: String?
    private let secretAccessKey: String?
    private let sessionToken: String?

    init(from settings: Settings) throws(Diagnostic) {
        accessKeyID = try settings.text("access_key_id")
        secretAccessKey = try settings.text("secret_access_key")
        sessionToken = try settings.text("session_token")
        guard (accessKeyID == nil) == (secretAccessKey == nil) else {
            throw settings.missing(accessKeyID == nil ? "access_key_id" : "secret_access_key")
        }
    }

    /// Everything resolved as of now; the token is `nil` for keys that last.
    func signing(
        region: String,
        service: String,
        _ surroundings: Surroundings
    ) async throws(SecretError) -> (signing: AWSSigning, sessionToken: String?) {
        let secrets = surroundings.secrets
        let keyID = try await secrets.resolve(accessKeyID ?? "${env:AWS_ACCESS_KEY_ID}")
        let secret = try await secrets.resolve(secretAccessKey ?? "${secret:env/AWS_SECRET_ACCESS_KEY}")
        // A secret that is written down plainly is one all the same.
        surroundings.redactor.learn(secret)
        let signing = AWSSigning(accessKeyID: keyID, secretAccessKey: secret, region: region, service: service)
        return (signing, try await token(secrets))
    }

    private func token(_ secrets: any Secrets) async throws(SecretError) -> String? {
        if let sessionToken { return try await secrets.resolve(sessionToken) }
        guard accessKeyID == nil else { return nil }
        do throws(SecretError) {
            return try await secrets.resolve("${secret:env/AWS_SESSION_TOKEN}")
        } catch .notSet {
            // Long-lived keys have none.
            return nil
        }
    }
}
