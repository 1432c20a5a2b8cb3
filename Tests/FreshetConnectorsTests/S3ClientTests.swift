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

/// Gives one value until it is told to forget it, and another one from then on.
private final class RotatingSecrets: Secrets {
    private let values: (String, String)
    private let texts = Mutex<[String]>([])
    var forgotten: [String] { texts.withLock { $0 } }

    init(first: String, second: String) { values = (first, second) }

    func resolve(_ text: String) async throws(SecretError) -> String {
        text.hasPrefix("${secret:") ? (forgotten.isEmpty ? values.0 : values.1) : text
    }

    func forget(_ text: String) async { texts.withLock { $0.append(text) } }
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
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].contains(name) ? secrets.withLock { $0 } : nil
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

    @Test func `says where it looked for keys, and what is missing of them`() async throws {
        let error = await #expect(throws: S3Error.self) { try await connection(Script(), variables: [:]).object("k") }
        #expect(error == .noCredentials(.nowhere))
        #expect(error?.description.contains("AWS_ACCESS_KEY_ID") == true)
        let half = await #expect(throws: S3Error.self) {
            try await connection(Script(), variables: ["AWS_ACCESS_KEY_ID": "AKID"]).object("k")
        }
        #expect(half == .noCredentials(.reference(.notSet(variable: "AWS_SECRET_ACCESS_KEY"))))
    }

    @Test func `asks the endpoint and signs for the region of the environment`() async throws {
        let script = Script(answer(200, ["ETag": "\"1\""]), answer(200, ["ETag": "\"1\""]))
        var variables = keys
        variables["AWS_ENDPOINT_URL_S3"] = "http://h:1"
        variables["AWS_ENDPOINT_URL"] = "http://other:1"
        variables["AWS_REGION"] = "eu-north-1"
        _ = try await connection(script, variables: variables).object("k")
        variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
        _ = try await connection(script, variables: variables).object("k")
        #expect(script.asked.map(\.url) == ["http://h:1/lake/k", "https://lake.s3.eu-north-1.amazonaws.com/k"])
        #expect(script.asked.map { $0.signing?.region } == ["eu-north-1", "eu-north-1"])
    }

    @Test(arguments: [
        "http://127.0.0.1:9000", "https://[::1]:9000/", "HTTPS://minio.test", "https://gateway.test/s3",
        "${env:LAKE_ENDPOINT}", "http://${env:LAKE_HOST}:9000",
    ])
    func `takes an endpoint that names a server`(endpoint: String) throws {
        _ = try connection(Script(), ["bucket": "lake", "endpoint": .text(endpoint)])
    }

    @Test(arguments: [
        "", "minio:9000", "127.0.0.1", "ftp://minio.test", "http:/minio", "http://", "http://:9000",
        "http://minio:port",
        "http://minio:0", "http://minio:65536", "http://me:secret@minio", "http://minio/?a=b", "http://my minio",
        "s3://lake", "http://[]", "htttp://minio.test",
    ])
    func `says at once that an endpoint names no server`(endpoint: String) throws {
        let error = #expect(throws: Diagnostic.self) {
            try connection(Script(), ["bucket": "lake", "endpoint": .text(endpoint)])
        }
        #expect(error?.description.contains("'endpoint' is not the address of a server") == true)
    }

    @Test func `says that the requester pays`() async throws {
        let script = Script(answer(200, ["ETag": "\"1\""]))
        _ = try await connection(script, ["bucket": "lake", "requester_pays": true]).object("k")
        #expect(script.asked.first?.headers["x-amz-request-payer"] == "requester")
    }

    @Test(arguments: ["InvalidAccessKeyId", "ExpiredToken", "SignatureDoesNotMatch"])
    func `takes newer keys when those it has are refused, without a restart`(code: String) async throws {
        let refusal = answer(code == "ExpiredToken" ? 400 : 403, [:], "<Error><Code>\(code)</Code></Error>")
        // The answer to HEAD says nothing; the one to GET says why.
        let script = Script(answer(refusal.status), refusal, answer(200, ["ETag": "\"1\""]))
        var surroundings = try surroundings(transport: script)
        let backend = RotatingSecrets(first: "first", second: "second")
        surroundings.secrets = backend
        let connection = try S3Connection(
            from: settings(["bucket": "lake", "access_key_id": "A", "secret_access_key": "${secret:keys/s}"]),
            in: surroundings
        )
        #expect(try await connection.object("k") != nil)
        #expect(script.asked.map(\.method) == ["HEAD", "GET", "HEAD"])
        #expect(script.asked.map { $0.signing?.secretAccessKey } == ["first", "first", "second"])
        #expect(backend.forgotten == ["A", "${secret:keys/s}"])
    }

    @Test func `does not ask again with keys that are still the same, nor when the policy forbids`() async throws {
        let refusal = answer(403, [:], "<Error><Code>InvalidAccessKeyId</Code></Error>")
        let script = Script(refusal)
        await #expect(throws: S3Error.self) { try await connection(script).list() }
        #expect(script.asked.count == 1)
        let denial = Script(answer(403, [:], "<Error><Code>AccessDenied</Code></Error>"))
        await #expect(throws: S3Error.self) { try await connection(denial).list() }
        #expect(denial.asked.count == 1)
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

    @Test func `reads the present versions of a list page by page, without what is deleted`() async throws {
        func page(_ inside: String) -> HTTPResponse {
            answer(200, [:], "<ListVersionsResult><EncodingType>url</EncodingType>\(inside)</ListVersionsResult>")
        }
        func version(_ key: String, _ id: String, isLatest: Bool) -> String {
            "<Version><Key>\(key)</Key><VersionId>\(id)</VersionId><IsLatest>\(isLatest)</IsLatest>"
                + "<Size>1</Size><ETag>e</ETag></Version>"
        }
        let script = Script(
            page(
                version("a%20b", "2", isLatest: true) + version("a%20b", "1", isLatest: false)
                    + "<DeleteMarker><Key>gone</Key><IsLatest>true</IsLatest></DeleteMarker><IsTruncated>true</IsTruncated>"
                    + "<NextKeyMarker>a%20b</NextKeyMarker><NextVersionIdMarker>1</NextVersionIdMarker>"
            ),
            page(version("c", "9", isLatest: true))
        )
        let listing = try await connection(script).pages(ArtifactQuery(withVersions: true))
        #expect(listing.entries.map(\.key) == ["a b", "c"])
        #expect(listing.entries.map(\.versionID) == ["2", "9"])
        #expect(listing.requests == 2)
        #expect(
            script.asked.map { $0.url.split(separator: "?")[1] } == [
                "encoding-type=url&max-keys=1000&prefix=&versions=",
                "encoding-type=url&key-marker=a%20b&max-keys=1000&prefix=&version-id-marker=1&versions=",
            ]
        )
    }

    @Test func `does not list more than it may`() async throws {
        let contents = "<Contents><Key>a</Key><Size>1</Size><ETag>e</ETag></Contents>"
        let script = Script(answer(200, [:], "<ListBucketResult>\(contents)\(contents)</ListBucketResult>"))
        await #expect(throws: S3Error.tooMany(prefix: "p", limit: 1)) {
            try await connection(script).pages(ArtifactQuery(prefix: "p", limit: 1))
        }
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
