package import FreshetCore
package import FreshetKit

/// A bucket of Amazon S3, or of another server that speaks its protocol.
package struct S3Connection: ArtifactStore {
    package static let name = "s3"
    package static let summary = "A bucket of Amazon S3, or of another server that speaks its protocol."
    package static let etagStrength = Strength.exact
    package static let fields = [
        Field("bucket", .text, required: true, "The bucket's name."),
        Field("region", .text, default: "us-east-1", "The region that requests are signed for."),
        Field("endpoint", .text, "Another server than Amazon's, with scheme and port, such as http://127.0.0.1:9000."),
        Field(
            "path_style",
            .boolean,
            default: "true with an endpoint, else false",
            "Whether the bucket's name stands in the path instead of the host."
        ),
        Field("access_key_id", .text, default: "${env:AWS_ACCESS_KEY_ID}", "The id of the access key."),
        Field("secret_access_key", .secret, default: "${secret:env/AWS_SECRET_ACCESS_KEY}", "The access key's secret."),
        Field("session_token", .secret, "The token of temporary keys; AWS_SESSION_TOKEN with the standard keys."),
    ]
    package static let examples = [
        """
        kind: s3
        bucket: dbt-artifacts
        region: eu-central-1
        """,
        """
        kind: s3
        bucket: lake
        endpoint: http://127.0.0.1:9000
        access_key_id: ${env:LAKE_KEY}
        secret_access_key: ${secret:env/LAKE_SECRET}
        """,
    ]

    let surroundings: Surroundings
    private let bucket: String
    private let region: String
    private let endpoint: String?
    private let pathStyle: Bool?
    private let accessKeyID: String?
    private let secretAccessKey: String?
    private let sessionToken: String?

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        self.surroundings = surroundings
        bucket = try settings.requiredText("bucket")
        region = try settings.text("region") ?? "us-east-1"
        endpoint = try settings.text("endpoint")
        pathStyle = try settings.boolean("path_style")
        accessKeyID = try settings.text("access_key_id")
        secretAccessKey = try settings.text("secret_access_key")
        sessionToken = try settings.text("session_token")
        guard (accessKeyID == nil) == (secretAccessKey == nil) else {
            throw settings.missing(accessKeyID == nil ? "access_key_id" : "secret_access_key")
        }
    }

    /// Where the bucket is and who asks, with every reference resolved as of now.
    func access() async throws(S3Error) -> S3Access {
        do throws(SecretError) {
            let secrets = surroundings.secrets
            let keyID = try await secrets.resolve(accessKeyID ?? "${env:AWS_ACCESS_KEY_ID}")
            let secret = try await secrets.resolve(secretAccessKey ?? "${secret:env/AWS_SECRET_ACCESS_KEY}")
            // A secret that is written down plainly is one all the same.
            surroundings.redactor.learn(secret)
            let region = try await secrets.resolve(region)
            var endpoint: String?
            if let stated = self.endpoint { endpoint = try await secrets.resolve(stated) }
            return S3Access(
                bucket: try await secrets.resolve(bucket),
                endpoint: endpoint,
                pathStyle: pathStyle,
                signing: AWSSigning(accessKeyID: keyID, secretAccessKey: secret, region: region, service: "s3"),
                sessionToken: try await token()
            )
        } catch {
            throw .noCredentials(error)
        }
    }

    private func token() async throws(SecretError) -> String? {
        if let sessionToken { return try await surroundings.secrets.resolve(sessionToken) }
        guard accessKeyID == nil else { return nil }
        do throws(SecretError) {
            return try await surroundings.secrets.resolve("${secret:env/AWS_SESSION_TOKEN}")
        } catch .notSet {
            // Long-lived keys have none.
            return nil
        }
    }
}
