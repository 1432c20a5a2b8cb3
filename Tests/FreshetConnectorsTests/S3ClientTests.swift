import FreshetCore
import FreshetKit
import RawServer
import Synchronization
import Testing

@testable import FreshetConnectors

/// A transport that answers from a list and keeps what it was asked.
private final class Script: HTTPTransport {
    private let answers: Mutex<[HTTPResponse]>
    private let requests = Mutex<[HTTPRequest]>([])
    var asked: [HTTPRequest] { requests.withLock { $0 } }

    init(_ answers: HTTPResponse...) { self.answers = Mutex(answers) }

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        requests.withLock { $0.append(request) }
        let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        guard let answer else { throw HTTPError(.cannotConnect, mayHaveArrived: false, message: "nobody there") }
        return answer
    }
}

private func answer(_ status: Int, _ headers: HTTPHeaders = [:], _ body: String = "") -> HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
}

struct `An S3 client` {
    private let keys: [String: String] = ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hush-hush"]

    private func connection(
        _ script: Script,
        _ fields: KeyValuePairs<String, ConfigValue.Content> = ["bucket": "lake"],
        variables: [String: String]? = nil
    ) throws -> S3Connection {
        let surroundings = try surroundings(variables: variables ?? keys, transport: script)
        return try S3Connection(from: settings(fields), in: surroundings)
    }

    @Test func `puts the bucket into the host at Amazon and into the path elsewhere`() async throws {
        let cases: [(KeyValuePairs<String, ConfigValue.Content>, String)] = [
            (["bucket": "lake"], "https://lake.s3.us-east-1.amazonaws.com/k"),
            (["bucket": "lake", "region": "cn-north-1"], "https://lake.s3.cn-north-1.amazonaws.com.cn/k"),
            (["bucket": "a.b"], "https://s3.us-east-1.amazonaws.com/a.b/k"),
            (["bucket": "lake", "path_style": true], "https://s3.us-east-1.amazonaws.com/lake/k"),
            (["bucket": "lake", "endpoint": "http://h:9000/"], "http://h:9000/lake/k"),
            (["bucket": "lake", "endpoint": "http://h:9000", "path_style": false], "http://lake.h:9000/k"),
        ]
        for (fields, url) in cases {
            let script = Script(answer(200, ["ETag": "\"1\""]))
            _ = try await connection(script, fields).object("k")
            #expect(script.asked.first?.url == url)
        }
    }

    @Test func `resolves its keys at each use`() async throws {
        let secrets = Mutex("first")
        let script = Script(answer(200, ["ETag": "\"1\""]), answer(200, ["ETag": "\"1\""]))
        var surroundings = try surroundings(transport: script)
        surroundings.secrets = ProcessSecrets(root: "", redactor: surroundings.redactor) { name in
            name == "AWS_SESSION_TOKEN" ? nil : secrets.withLock { $0 }
        }
        let connection = try S3Connection(from: settings(["bucket": "lake"]), in: surroundings)
        _ = try await connection.object("k")
        secrets.withLock { $0 = "second" }
        _ = try await connection.object("k")
        #expect(script.asked.map { $0.signing?.secretAccessKey } == ["first", "second"])
        #expect(surroundings.redactor.redact("first second") == "[redacted] [redacted]")
    }

    @Test func `takes the session token of the standard keys only with them`() async throws {
        let script = Script(answer(200, ["ETag": "\"1\""]), answer(200, ["ETag": "\"1\""]))
        var variables = keys
        variables["AWS_SESSION_TOKEN"] = "token"
        _ = try await connection(script, variables: variables).object("k")
        _ = try await connection(
            script,
            ["bucket": "lake", "access_key_id": "A", "secret_access_key": "hush"],
            variables: variables
        ).object("k")
        #expect(script.asked.map { $0.headers["x-amz-security-token"] } == ["token", nil])
    }

    @Test func `says which variable is missing`() async throws {
        let error = await #expect(throws: S3Error.self) { try await connection(Script(), variables: [:]).object("k") }
        #expect(error == .noCredentials(.notSet(variable: "AWS_ACCESS_KEY_ID")))
    }

    @Test func `asks for the other half of a key`() {
        let error = #expect(throws: Diagnostic.self) {
            try connection(Script(), ["bucket": "lake", "access_key_id": "A"])
        }
        #expect(error?.message.contains("secret_access_key") == true)
    }

    @Test func `tells a missing object from a missing bucket`() async throws {
        #expect(try await connection(Script(answer(404), answer(200))).object("k") == nil)
        #expect(try await connection(Script(answer(404), answer(403))).object("k") == nil)
        await #expect(throws: S3Error.noBucket("lake")) {
            try await connection(Script(answer(404), answer(404))).object("k")
        }
        let noKey = answer(404, [:], "<Error><Code>NoSuchKey</Code></Error>")
        guard case .missing = try await connection(Script(noKey)).download("k") else {
            Issue.record("not missing")
            return
        }
        await #expect(throws: S3Error.noBucket("lake")) {
            try await connection(Script(answer(404, [:], "<Error><Code>NoSuchBucket</Code></Error>"))).download("k")
        }
    }

    @Test func `gives S3's own code and words`() async throws {
        let body = "<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce &amp; wait</Message></Error>"
        let error = await #expect(throws: S3Error.self) { try await connection(Script(answer(503, [:], body))).list() }
        #expect(error == .refused(status: 503, code: "SlowDown", message: "Reduce & wait"))
        #expect(error?.isTransient == true)
    }

    @Test func `names the region in which the bucket lies`() async throws {
        let script = Script(answer(301, ["x-amz-bucket-region": "eu-west-1"]))
        await #expect(throws: S3Error.otherRegion("eu-west-1", stated: "us-east-1")) {
            try await connection(script).object("k")
        }
        let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-2</Region></Error>"
        await #expect(throws: S3Error.otherRegion("eu-west-2", stated: "us-east-1")) {
            try await connection(Script(answer(400, [:], body))).list()
        }
    }

    @Test func `reads a list page by page`() async throws {
        func page(_ keys: [String], next: String?) -> HTTPResponse {
            let contents = keys.map { "<Contents><Key>\($0)</Key><Size>1</Size><ETag>&quot;e&quot;</ETag></Contents>" }
            let end = next.map { "<IsTruncated>true</IsTruncated><NextContinuationToken>\($0)</NextContinuationToken>" }
            return answer(
                200,
                [:],
                "<ListBucketResult xmlns='x'><EncodingType>url</EncodingType>\(contents.joined())\(end ?? "")"
                    + "</ListBucketResult>"
            )
        }
        let script = Script(page(["a%2Bb", "c+d"], next: "t/1=="), page(["%C3%A9"], next: nil))
        let objects = try await connection(script).list("p/")
        #expect(objects.map(\.key) == ["a+b", "c d", "é"])
        #expect(objects.map(\.etag) == ["\"e\"", "\"e\"", "\"e\""])
        #expect(
            script.asked.map { $0.url.split(separator: "?")[1] } == [
                "encoding-type=url&list-type=2&max-keys=1000&prefix=p%2F",
                "continuation-token=t%2F1%3D%3D&encoding-type=url&list-type=2&max-keys=1000&prefix=p%2F",
            ]
        )
    }

    @Test(arguments: [
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>", "<html></html>", "{}",
        "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
    ])
    func `refuses a list that it cannot read`(body: String) async {
        let error = await #expect(throws: S3Error.self) { try await connection(Script(answer(200, [:], body))).list() }
        guard case .unreadable? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a probe sees a change in the tag, the size or the version`() async throws {
        var versions: Set<VersionState> = []
        for headers: HTTPHeaders in [
            ["ETag": "\"1\"", "Content-Length": "5"], ["ETag": "\"2\"", "Content-Length": "5"],
            ["ETag": "\"1\"", "Content-Length": "6"],
            ["ETag": "\"1\"", "Content-Length": "5", "x-amz-version-id": "v"],
            ["ETag": "\"1\"", "Content-Length": "5"],
        ] {
            let script = Script(answer(200, headers))
            let connection = try connection(script)
            let probe = try S3ObjectProbe(from: settings(["connection": "lake", "object": "k"]))
            let observation = try await probe.observe("x", in: context(["lake": connection], connection.surroundings))
            versions.insert(observation.version)
            #expect(observation.signal == "etag")
            #expect(observation.strength == .exact)
        }
        #expect(versions.count == 4)
    }

    @Test func `a probe takes an object that is gone for missing, and throws what it cannot tell`() async throws {
        let probe = try S3ObjectProbe(from: settings(["connection": "lake", "object": "k"]))
        let gone = try connection(Script(answer(404), answer(200)))
        let observation = try await probe.observe("x", in: context(["lake": gone], gone.surroundings))
        #expect(observation.version == .missing)
        #expect(observation.message?.contains("'k'") == true)
        let down = try connection(Script())
        await #expect(throws: S3Error.self) {
            try await probe.observe("x", in: context(["lake": down], down.surroundings))
        }
    }
}
