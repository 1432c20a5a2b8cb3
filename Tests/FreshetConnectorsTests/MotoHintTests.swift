import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetConnectors

/// Buckets, queues and roles of a server that somebody else wrote.
@Suite(.enabled(if: Moto.isAvailable), .timeLimit(.minutes(2)))
struct `Against a stranger's AWS` {
    private let moto: Moto
    private let surroundings: Surroundings

    init() throws {
        moto = try Moto()
        surroundings = try FreshetConnectorsTests.surroundings(
            variables: [
                "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hush-hush", "AWS_ENDPOINT_URL": moto.url,
                "AWS_REGION": "us-east-1",
            ]
        )
    }

    private func bucket(_ fields: KeyValuePairs<String, ConfigValue.Content> = [:]) async throws -> S3Connection {
        let all = settings(["bucket": "lake"]).value.entries + settings(fields).value.entries
        let value = ConfigValue(.object(all), at: Origin(file: "t"))
        let connection = try S3Connection(from: Settings(value), in: surroundings)
        let made = try await surroundings.transport.send(try await connection.access().request("PUT"))
        #expect(made.status == 200)
        return connection
    }

    private func ask(_ connection: S3Connection, _ flag: String, _ body: String) async throws {
        let access = try await connection.access()
        let request = access.request("PUT", query: [(flag, "")], body: Array(body.utf8))
        let response = try await surroundings.transport.send(request)
        #expect(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
    }

    /// One action of SQS, for what only a test does.
    private func queue(_ action: String, _ body: JSONValue) async throws -> JSONValue {
        let request = HTTPRequest(
            "POST",
            moto.url + "/",
            headers: [
                "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.\(action)",
                "Authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/sqs/aws4_request, "
                    + "SignedHeaders=host, Signature=0",
            ],
            body: Array(body.serialized().utf8)
        )
        let response = try await surroundings.transport.send(request)
        #expect(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
        return try JSONValue(parsing: response.body)
    }

    @Test func `a prefix tells its versions, its new, overwritten and deleted objects`() async throws {
        let connection = try await bucket()
        try await ask(
            connection,
            "versioning",
            "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
        )
        for key in ["raw/a.csv", "raw/b c+é.csv", "raw/deep/d.csv", "other.csv"] {
            try await connection.upload(key, [1])
        }
        let context = context(["lake": connection], surroundings)
        let probe = try S3PrefixProbe(from: settings(["connection": "lake", "glob": "raw/**/*.csv", "versions": true]))
        let first = try await probe.observe("x", from: nil, in: context)
        #expect(first.observation.values["objects"] == .integer(3))
        // The same bytes, and another version all the same.
        try await connection.upload("raw/a.csv", [1])
        try await connection.upload("raw/new.csv", [1])
        let access = try await connection.access()
        _ = try await surroundings.transport.send(access.request("DELETE", key: "raw/deep/d.csv"))
        let second = try await probe.observe("x", from: first.cursor, in: context)
        #expect(second.observation.version != first.observation.version)
        #expect(second.observation.values["overwritten_keys"] == .text("raw/a.csv"))
        #expect(second.observation.values["new_keys"] == .text("raw/new.csv"))
        #expect(second.observation.values["deleted_keys"] == .text("raw/deep/d.csv"))
        let plain = try S3PrefixProbe(from: settings(["connection": "lake", "prefix": "raw/"]))
        #expect(try await plain.observe("x", in: context).values["objects"] == .integer(3))
    }

    @Test func `a listing goes on over its pages, from behind a key, and over those of versions`() async throws {
        let connection = try await bucket()
        for number in 10..<25 { try await connection.upload("k/\(number)", [UInt8(number)]) }
        let all = try await connection.pages(ArtifactQuery(prefix: "k/"), pageSize: 4)
        #expect(all.entries.map(\.key) == (10..<25).map { "k/\($0)" })
        #expect(all.requests == 4)
        let rest = try await connection.pages(ArtifactQuery(prefix: "k/", after: "k/20"), pageSize: 3)
        #expect(rest.entries.map(\.key) == (21..<25).map { "k/\($0)" })
        let versions = try await connection.pages(ArtifactQuery(prefix: "k/", withVersions: true), pageSize: 4)
        #expect(versions.entries.map(\.key) == all.entries.map(\.key))
    }

    @Test func `a bucket's events come by a queue, stay until they are taken out, and come again`() async throws {
        let connection = try await bucket()
        let made = try await queue("CreateQueue", ["QueueName": "events"])
        let url = try #require(made["QueueUrl"]?.text)
        try await ask(
            connection,
            "notification",
            """
            <NotificationConfiguration><QueueConfiguration><Id>1</Id>\
            <Queue>arn:aws:sqs:us-east-1:123456789012:events</Queue><Event>s3:ObjectCreated:*</Event>\
            </QueueConfiguration></NotificationConfiguration>
            """
        )
        try await connection.upload("raw/a b+é.csv", [1])
        _ = try await queue("SendMessage", ["QueueUrl": .text(url), "MessageBody": "hello"])
        let source = try SQSHintSource(
            from: settings(["queue_url": .text(url), "endpoint": .text(moto.url), "visibility_timeout": "5m"])
        )
        let context = context(["lake": connection], surroundings)
        var messages: [HintMessage] = []
        while true {
            let some = try await source.receive(waiting: .zero, in: context)
            if some.isEmpty { break }
            messages += some
        }
        let hints = messages.flatMap(\.hints)
        #expect(hints.map(\.subject) == [.object(bucket: "lake", key: "raw/a b+é.csv")])
        #expect(messages.count { if case .malformed = $0.content { true } else { false } } == 1)
        #expect(messages.allSatisfy { $0.receives == 1 })

        // What is not taken out comes again, and says how often it came.
        let malformed = try #require(messages.first { if case .malformed = $0.content { true } else { false } })
        _ = try await queue(
            "ChangeMessageVisibility",
            ["QueueUrl": .text(url), "ReceiptHandle": .text(malformed.receipt), "VisibilityTimeout": 0]
        )
        let again = try await source.receive(waiting: .seconds(2), in: context)
        #expect(again.map(\.receives) == [2])
        try await source.acknowledge(messages.filter { $0 != malformed } + again, in: context)
        let left = try await queue(
            "GetQueueAttributes",
            ["QueueUrl": .text(url), "AttributeNames": ["All"]]
        )
        #expect(left["Attributes"]?["ApproximateNumberOfMessages"]?.text == "0")
        #expect(left["Attributes"]?["ApproximateNumberOfMessagesNotVisible"]?.text == "0")
    }

    @Test func `a queue that is not there is said to be`() async throws {
        let source = try SQSHintSource(from: settings(["queue_url": .text(moto.url + "/123456789012/nobody")]))
        let error = await #expect(throws: SQSError.self) {
            try await source.receive(waiting: .zero, in: context([:], surroundings))
        }
        #expect(error?.description.contains("there is no such queue") == true, "\(String(describing: error))")
    }

    @Test func `roles are taken on, by keys and by the token of a platform`() async throws {
        let connection = try await bucket(["role_arn": "arn:aws:iam::123456789012:role/reader"])
        #expect(try await connection.access().key.sessionToken != nil)
        #expect(try await connection.object("none") == nil)
        let file = try temporaryFolder() + "/token"
        try Data("a.b.c".utf8).write(to: URL(filePath: file))
        let platform = try FreshetConnectorsTests.surroundings(
            variables: [
                "AWS_WEB_IDENTITY_TOKEN_FILE": file, "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/pod",
                "AWS_ENDPOINT_URL": moto.url,
            ]
        )
        let other = try S3Connection(from: settings(["bucket": "lake"]), in: platform)
        let key = try await other.access().key
        #expect(key.sessionToken != nil && key.expiresAt != nil)
        #expect(try await other.object("none") == nil)
    }
}
