package import FreshetCore
package import FreshetKit

/// A bucket of Amazon S3, or of another server that speaks its protocol.
package struct S3Connection: ArtifactStore {
    package static let name = "s3"
    package static let summary = "A bucket of Amazon S3, or of another server that speaks its protocol."
    package static let etagStrength = Strength.exact
    package static let fields =
        [
            Field("bucket", .text, required: true, "The bucket's name."),
            Field("region", .text, default: "us-east-1", "The region that requests are signed for."),
            Field(
                "endpoint",
                .text,
                "Another server than Amazon's, with scheme and port, such as http://127.0.0.1:9000."
            ),
            Field(
                "path_style",
                .boolean,
                default: "true with an endpoint, else false",
                "Whether the bucket's name stands in the path instead of the host."
            ),
        ] + AWSCredentials.fields
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
    private let credentials: AWSCredentials

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        self.surroundings = surroundings
        bucket = try settings.requiredText("bucket")
        region = try settings.text("region") ?? "us-east-1"
        endpoint = try settings.text("endpoint")
        pathStyle = try settings.boolean("path_style")
        credentials = try AWSCredentials(from: settings)
    }

    /// Where the bucket is and who asks, with every reference resolved as of now.
    func access() async throws(S3Error) -> S3Access {
        do throws(SecretError) {
            let secrets = surroundings.secrets
            let region = try await secrets.resolve(region)
            let (signing, token) = try await credentials.signing(region: region, service: "s3", surroundings)
            var endpoint: String?
            if let stated = self.endpoint { endpoint = try await secrets.resolve(stated) }
            return S3Access(
                bucket: try await secrets.resolve(bucket),
                endpoint: endpoint,
                pathStyle: pathStyle,
                signing: signing,
                sessionToken: token
            )
        } catch {
            throw .noCredentials(error)
        }
    }
}
