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
            Field(
                "region",
                .text,
                default: "${env:AWS_REGION}, else the profile's, else us-east-1",
                "The region that requests are signed for."
            ),
            Field(
                "endpoint",
                .text,
                default: "${env:AWS_ENDPOINT_URL_S3}, else ${env:AWS_ENDPOINT_URL}, else Amazon's",
                "Another server than Amazon's, with scheme and port, such as http://127.0.0.1:9000."
            ),
            Field(
                "requester_pays",
                .boolean,
                default: "false",
                "Whether to say that the costs of requests are borne by who asks, as such buckets demand."
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
        """
        kind: s3
        bucket: partner-data
        region: eu-west-1
        role_arn: arn:aws:iam::123456789012:role/reader
        external_id: retail
        requester_pays: true
        """,
    ]

    let surroundings: Surroundings
    private let bucket: String
    private let region: String?
    private let requesterPays: Bool
    private let endpoint: String?
    private let pathStyle: Bool?
    let credentials: AWSCredentials

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        self.surroundings = surroundings
        bucket = try settings.requiredText("bucket")
        region = try settings.text("region")
        requesterPays = try settings.boolean("requester_pays") ?? false
        endpoint = try AWSEndpoint.setting(in: settings)
        pathStyle = try settings.boolean("path_style")
        credentials = try AWSCredentials(from: settings)
    }

    /// Where the bucket is and who asks, with every reference resolved as of now.
    func access() async throws(S3Error) -> S3Access {
        do throws(AWSKeyError) {
            let region = try await signingRegion()
            return S3Access(
                bucket: try await bucketName(),
                endpoint: try await resolve(endpoint) ?? AWSEndpoint.stated(for: "s3", surroundings),
                pathStyle: pathStyle,
                region: region,
                key: try await credentials.key(region: region, surroundings),
                requesterPays: requesterPays
            )
        } catch {
            throw .noCredentials(error)
        }
    }

    /// The bucket's name as of now.
    func bucketName() async throws(AWSKeyError) -> String { try await resolve(bucket) ?? "" }

    func signingRegion() async throws(AWSKeyError) -> String {
        if let stated = try await resolve(region) { return stated }
        return try await credentials.region(surroundings) ?? "us-east-1"
    }

    private func resolve(_ text: String?) async throws(AWSKeyError) -> String? {
        guard let text else { return nil }
        do throws(SecretError) {
            return try await surroundings.secrets.resolve(text)
        } catch {
            throw .reference(error)
        }
    }
}
