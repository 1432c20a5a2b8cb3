import FreshetKit
import RawServer
import Synchronization
import Testing

@testable import FreshetConnectors

/// A server that checks each request as strictly as Amazon's.
private final class StrictServer: Sendable {
    private let mistakes = Mutex<[String]>([])
    private let targets = Mutex<[String]>([])
    private let server = Mutex<RawServer?>(nil)
    var url: String { server.withLock { $0!.url } }
    var seen: [String] { targets.withLock { $0 } }

    init(answer: @escaping @Sendable (RawConnection.Request, RawConnection) -> Void) {
        let verifier = SignatureVerifier(secret: "SECRET/with+signs")
        let server = RawServer { [self] connection in
            while let request = connection.read() {
                targets.withLock { $0.append(request.line) }
                if let mistake = verifier.mistake(in: request) {
                    mistakes.withLock { $0.append("\(request.line): \(mistake)") }
                }
                answer(request, connection)
            }
        }
        self.server.withLock { $0 = server }
    }

    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        server.withLock { $0!.stop() }
        #expect(mistakes.withLock { $0 } == [], sourceLocation: sourceLocation)
        #expect(!seen.isEmpty, sourceLocation: sourceLocation)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct `Requests to S3 are signed as Amazon verifies them` {
    private let server = StrictServer { request, connection in
        let list = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
        connection.answer(request.line.hasPrefix("GET") ? list : "", headers: "ETag: \"1\"\r\n")
    }

    private func connection(token: String? = nil, bucket: String = "bucket") throws -> S3Connection {
        var fields: [(String, ConfigValue.Content)] = [
            ("bucket", .text(bucket)), ("region", "eu-central-1"), ("endpoint", .text(server.url)),
            ("access_key_id", "${env:KEY}"), ("secret_access_key", "${secret:env/SECRET}"),
        ]
        if let token { fields.append(("session_token", .text(token))) }
        let origin = Origin(file: "test.yaml")
        let entries = fields.map { ConfigValue.Entry(key: $0, keyOrigin: origin, value: ConfigValue($1, at: origin)) }
        return try S3Connection(
            from: Settings(ConfigValue(.object(entries), at: origin)),
            in: surroundings(variables: ["KEY": "AKID", "SECRET": "SECRET/with+signs"])
        )
    }

    static let nastyKeys = [
        "plain", "a b", "a+b", "a&b=c", "é/ü 名", "it's", "(x)!*~", "..%2F", "year=2024/month=01/x.json", "a//b",
        "/lead",
        "trail/", "../up", "./here", "a?b#c", "100%", "a;b,c:d@e$f", "\"quoted\"", "tab\there", "back\\slash", "%41",
    ]

    @Test(arguments: nastyKeys)
    func `for any key`(key: String) async throws {
        let connection = try connection()
        _ = try await connection.object(key)
        _ = try await connection.download(key, ifNoneMatch: "\"x\"")
        try await connection.upload(key, Array("body of \(key)".utf8))
        server.check()
        let path = "/bucket/\(PercentEncoding.encode(key, keepingSlashes: true))"
        #expect(server.seen.map { $0.split(separator: " ")[1] } == [path[...], path[...], path[...]])
    }

    @Test(arguments: nastyKeys)
    func `for any prefix of a list`(prefix: String) async throws {
        _ = try await connection().list(prefix)
        server.check()
    }

    @Test(arguments: nastyKeys)
    func `for a list that begins behind a key, and for one of versions with its valueless flag`(key: String)
        async throws
    {
        let connection = try connection()
        _ = try await connection.pages(ArtifactQuery(prefix: "p", after: key))
        _ = try await connection.pages(ArtifactQuery(prefix: key, after: key, withVersions: true))
        server.check()
        // A flag without '=' is what libcurl 7.88 signs wrongly.
        #expect(server.seen.last?.contains("&versions= ") == true)
    }

    @Test func `with the header by which the requester pays`() async throws {
        let connection = try S3Connection(
            from: settings([
                "bucket": "bucket", "region": "eu-central-1", "endpoint": .text(server.url), "requester_pays": true,
                "access_key_id": "AKID", "secret_access_key": "SECRET/with+signs",
            ]),
            in: surroundings()
        )
        _ = try await connection.object("k")
        _ = try await connection.list("p")
        server.check()
    }

    @Test func `with a session token, and with an empty and a large body`() async throws {
        let connection = try connection(token: "token/with+and=signs==")
        try await connection.upload("empty", [])
        try await connection.upload("large", [UInt8](repeating: 1, count: 2 << 20))
        _ = try await connection.object("x")
        server.check()
    }
}

struct `Percent-encoding` {
    @Test(arguments: `Requests to S3 are signed as Amazon verifies them`.nastyKeys)
    func `can be undone`(text: String) {
        #expect(PercentEncoding.decode(PercentEncoding.encode(text)) == text)
    }

    @Test func `sorts a query by its encoded names`() {
        #expect(
            PercentEncoding.query([("b", ""), ("a-z", "1"), ("a", "x y"), ("é", "1")]) == "%C3%A9=1&a=x%20y&a-z=1&b="
        )
    }

    @Test func `leaves what is not an escape`() { #expect(PercentEncoding.decode("100% a%zz%4") == "100% a%zz%4") }
}
