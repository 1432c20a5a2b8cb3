import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

/// What Amazon's own library makes of our signatures: moto verifies them by botocore.
@Suite(.enabled(if: Moto.isAvailable), .timeLimit(.minutes(2)))
struct `Signatures that a stranger verifies` {
    private let moto: Moto

    init() throws { moto = try Moto(openActions: 3) }

    /// One action of IAM while nobody has to sign: the first three.
    private func iam(_ query: String) async throws -> XMLTree {
        let request = HTTPRequest(
            "POST",
            moto.url + "/",
            headers: [
                "Content-Type": "application/x-www-form-urlencoded",
                "Authorization": "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/iam/aws4_request, "
                    + "SignedHeaders=host, Signature=0",
            ],
            body: Array("\(query)&Version=2010-05-08&UserName=u".utf8)
        )
        let response = try await surroundings().transport.send(request)
        #expect(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
        return try XMLTree(parsing: response.body)
    }

    private func user() async throws -> (id: String, secret: String) {
        _ = try await iam("Action=CreateUser")
        let key = try await iam("Action=CreateAccessKey")["CreateAccessKeyResult"]?["AccessKey"]
        let statement = #"{"Effect":"Allow","Action":"*","Resource":"*"}"#
        let policy = PercentEncoding.encode(#"{"Version":"2012-10-17","Statement":[\#(statement)]}"#)
        _ = try await iam("Action=PutUserPolicy&PolicyName=p&PolicyDocument=\(policy)")
        return (try #require(key?["AccessKeyId"]?.text), try #require(key?["SecretAccessKey"]?.text))
    }

    private func connection(_ id: String, _ secret: String) throws -> S3Connection {
        try S3Connection(
            from: settings([
                "bucket": "lake", "endpoint": .text(moto.url), "access_key_id": .text(id),
                "secret_access_key": .text(secret),
            ]),
            in: surroundings()
        )
    }

    @Test func `are right for every request that is made of a bucket, a queue and a role`() async throws {
        let (id, secret) = try await user()
        let connection = try connection(id, secret)
        let made = try await connection.send(try await connection.access().request("PUT"))
        #expect(made.status == 200, "\(String(decoding: made.body, as: UTF8.self))")
        let keys = ["a b+c&d=e.csv", "raw/year=2024/x.json", "x", "é/ü (1)!*~'.csv"]
        for key in keys {
            let etag = try await connection.upload(key, Array(key.utf8))
            #expect(try await connection.object(key)?.etag == etag, "\(key)")
            guard case .unchanged = try await connection.download(key, ifNoneMatch: etag) else {
                Issue.record("\(key) was sent again")
                continue
            }
        }
        #expect(try await connection.pages(ArtifactQuery(), pageSize: 2).entries.count == keys.count)
        #expect(try await connection.pages(ArtifactQuery(prefix: "raw/year="), pageSize: 2).entries.count == 1)
        #expect(try await connection.pages(ArtifactQuery(after: "x"), pageSize: 2).entries.count == 1)
        #expect(try await connection.pages(ArtifactQuery(withVersions: true), pageSize: 3).entries.count == keys.count)

        let context = context(["lake": connection], try surroundings())
        let queue = try SQSHintSource(
            from: settings([
                "queue_url": .text(moto.url + "/123456789012/nobody"), "region": "us-east-1",
                "access_key_id": .text(id), "secret_access_key": .text(secret),
            ])
        )
        // That the queue is not there is said only to whom is trusted.
        let error = await #expect(throws: SQSError.self) { try await queue.receive(waiting: .zero, in: context) }
        #expect(error?.description.contains("there is no such queue") == true, "\(String(describing: error))")
    }

    @Test func `are refused when the secret is another, or nobody has the key`() async throws {
        let (id, secret) = try await user()
        for (id, secret, code) in [
            (id, secret + "x", "SignatureDoesNotMatch"), ("AKIANOBODY", "x", "InvalidAccessKeyId"),
        ] {
            let connection = try connection(id, secret)
            let error = await #expect(throws: S3Error.self) { try await connection.list() }
            guard case .refused(403, let found, _)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(found == code)
            #expect(error?.description.contains("S3 does not take these keys") == true)
        }
    }
}
