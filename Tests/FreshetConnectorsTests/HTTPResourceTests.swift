import FreshetCore
import FreshetCurl
import FreshetKit
import RawServer
import Synchronization
import Testing

@testable import FreshetConnectors

/// A server whose answers a test gives as they are; keeps what it was asked.
private final class Site: Sendable {
    typealias Answer = @Sendable (RawConnection.Request, RawConnection) -> Void
    private let server: RawServer
    var url: String { server.url }

    init(_ answer: @escaping Answer) {
        let box = Box()
        server = RawServer { connection in
            while let request = connection.read() {
                box.heads.withLock { $0.append(request) }
                answer(request, connection)
            }
        }
        self.box = box
    }

    private let box: Box
    private final class Box: Sendable { let heads = Mutex<[RawConnection.Request]>([]) }
    var requests: [RawConnection.Request] { box.heads.withLock { $0 } }
    deinit { server.stop() }
}

@Suite(.timeLimit(.minutes(1)))
struct `A resource of HTTP` {
    private func look(
        _ site: Site,
        _ fields: KeyValuePairs<String, ConfigValue.Content> = [:],
        connection more: KeyValuePairs<String, ConfigValue.Content> = ["allow_private": true],
        from cursor: String? = nil
    ) async throws -> (observation: Observation, cursor: String?) {
        let surroundings = try surroundings(variables: ["TOKEN": "hush-hush"])
        let origin = Origin(file: "t")
        let all = settings(["base_url": .text(site.url)]).value.entries + settings(more).value.entries
        let connection = try HTTPConnection(
            from: Settings(ConfigValue(.object(all), at: origin)),
            in: surroundings
        )
        let stated = settings(["connection": "api"]).value.entries + settings(fields).value.entries
        let probe = try HTTPResourceProbe(from: Settings(ConfigValue(.object(stated), at: origin)))
        return try await probe.observe("x", from: cursor, in: context(["api": connection], surroundings))
    }

    @Test func `goes by a strong tag, and asks for the body only when that is another`() async throws {
        let tag = Mutex("\"1\"")
        let site = Site { request, connection in
            let tag = tag.withLock { $0 }
            if request.field("If-None-Match") == tag {
                connection.answer("", status: "304 Not Modified")
            } else {
                connection.answer("body", headers: "ETag: \(tag)\r\n")
            }
        }
        let first = try await look(site, ["path": "/rates"])
        let second = try await look(site, ["path": "/rates"], from: first.cursor)
        tag.withLock { $0 = "\"2\"" }
        let third = try await look(site, ["path": "/rates"], from: second.cursor)
        #expect(first.observation.version == .known("etag=\"1\""))
        #expect(second.observation.version == first.observation.version)
        #expect(third.observation.version == .known("etag=\"2\""))
        #expect(site.requests.map { $0.field("If-None-Match") } == [nil, "\"1\"", "\"1\""])
        #expect(second.observation.strength == .exact)
        #expect(second.observation.query == "GET \(site.url)/rates")
    }

    @Test func `goes by all of the body where the tag is weak or missing`() async throws {
        for headers in ["ETag: W/\"1\"\r\n", "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n", ""] {
            let body = Mutex("one")
            let site = Site { request, connection in connection.answer(body.withLock { $0 }, headers: headers) }
            let first = try await look(site)
            body.withLock { $0 = "two" }
            let second = try await look(site, from: first.cursor)
            #expect(first.observation.signal == "body_hash")
            #expect(first.observation.version != second.observation.version)
            #expect(site.requests.last?.field("If-None-Match") == nil)
            #expect(site.requests.last?.field("If-Modified-Since") == nil)
        }
    }

    @Test func `goes by a value in it, whatever else changes`() async throws {
        let body = Mutex(#"{"a":{"b/c":[1,{"id":7}]},"now":1}"#)
        let site = Site { _, connection in connection.answer(body.withLock { $0 }) }
        let fields: KeyValuePairs<String, ConfigValue.Content> = ["pointer": "/a/b~1c/1"]
        let first = try await look(site, fields)
        body.withLock { $0 = #"{"now":2,"a":{"b/c":[1,{"id":7}]}}"# }
        let second = try await look(site, fields)
        body.withLock { $0 = #"{"now":2,"a":{"b/c":[1,{"id":8}]}}"# }
        let third = try await look(site, fields)
        #expect(first.observation.version == second.observation.version)
        #expect(second.observation.version != third.observation.version)
        #expect(third.observation.values["json_pointer"] == .text(#"{"id":8}"#))
        #expect(third.observation.strength == .probable)
        body.withLock { $0 = #"{"a":{}}"# }
        let gone = try await look(site, fields)
        #expect(gone.observation.version == .unknown)
        #expect(gone.observation.message?.contains("nothing at /a/b~1c/1") == true)
    }

    @Test func `is asked for its head alone where that is enough, and whole where that is not known`() async throws {
        let site = Site { request, connection in
            if request.line.hasPrefix("HEAD"), request.line.contains("/old") {
                connection.answer("", status: "405 Method Not Allowed")
            } else {
                connection.answer("", headers: "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n")
            }
        }
        let seen = try await look(site, ["path": "new", "signal": "last_modified"])
        let old = try await look(site, ["path": "old", "signal": "last_modified"], from: seen.cursor)
        #expect(seen.observation.version == old.observation.version)
        #expect(seen.observation.strength == .probable)
        #expect(site.requests.map { $0.line.prefix { $0 != " " } } == ["HEAD", "HEAD", "GET"])
        let none = try await look(site, ["path": "new", "signal": "etag"])
        #expect(none.observation.version == .unknown)
    }

    @Test func `is missing, refused or too large`() async throws {
        let site = Site { request, connection in
            switch request.line.split(separator: " ")[1] {
            case "/404": connection.answer("", status: "404 Not Found")
            case "/410": connection.answer("", status: "410 Gone")
            case "/500": connection.answer("", status: "500 Oops")
            case "/401": connection.answer("", status: "401 Unauthorized")
            default: connection.answer(String(repeating: "x", count: 1 << 20 + 1))
            }
        }
        for path in ["/404", "/410"] {
            #expect(try await look(site, ["path": .text(path)]).observation.version == .missing)
        }
        await #expect(throws: HTTPResourceError.refused(status: 500, url: site.url + "/500")) {
            try await look(site, ["path": "/500"])
        }
        let refused = await #expect(throws: HTTPResourceError.self) { try await look(site, ["path": "/401"]) }
        #expect(refused?.description.contains("check the connection's headers") == true)
        let large = await #expect(throws: HTTPResourceError.self) {
            try await look(site, ["path": "/large", "max_size": .integer(1)])
        }
        guard case .noAnswer(let error)? = large else { return }
        #expect(error.reason == .tooLarge)
    }

    @Test func `does not lie inside, unless that is allowed, by no name and no redirect`() async throws {
        let inside = Site { _, connection in connection.answer("inside", headers: "ETag: \"1\"\r\n") }
        let refused = await #expect(throws: HTTPResourceError.self) { try await look(inside, connection: [:]) }
        #expect(refused?.description.contains("the address is loopback") == true)
        #expect(inside.requests.isEmpty)
        let allowed = try await look(inside, connection: ["allow": texts("127.0.0.0/8")])
        #expect(allowed.observation.version != .unknown)

        // The first server may be asked; the one that it leads to may not.
        let outside = Site { _, connection in
            connection.answer("", status: "302 Found", headers: "Location: http://[::1]:1/x\r\n")
        }
        let led = await #expect(throws: HTTPResourceError.self) {
            try await look(outside, connection: ["allow": texts("127.0.0.1")])
        }
        #expect(led?.description.contains("the address is loopback") == true)
        let metadata = Site { _, connection in
            connection.answer("", status: "302 Found", headers: "Location: http://169.254.169.254/latest\r\n")
        }
        await #expect(throws: HTTPResourceError.self) { try await look(metadata) }
    }

    @Test func `keeps its headers from another host`() async throws {
        let other = Site { request, connection in
            connection.answer("x", headers: "ETag: \"\(request.field("Authorization") ?? "none")\"\r\n")
        }
        let target = other.url
        let site = Site { request, connection in
            let location = request.line.contains("/a") ? "\(target)/b" : "/c"
            if request.line.contains("/c") {
                connection.answer("x", headers: "ETag: \"\(request.field("Authorization") ?? "none")\"\r\n")
            } else {
                connection.answer("", status: "302 Found", headers: "Location: \(location)\r\n")
            }
        }
        let headers = settings(["Authorization": "Bearer ${secret:env/TOKEN}"]).value.content
        let connection: KeyValuePairs<String, ConfigValue.Content> = ["allow_private": true, "headers": headers]
        let away = try await look(site, ["path": "/a"], connection: connection)
        #expect(away.observation.values["etag"] == .text("\"none\""))
        let home = try await look(site, ["path": "/here"], connection: connection)
        #expect(home.observation.values["etag"] == .text("\"Bearer hush-hush\""))
    }

    @Test(arguments: [nil, "etag", "last_modified"])
    func `is another when a redirect leads elsewhere, whatever tag that has`(signal: String?) async throws {
        let target = Mutex("/v1.csv")
        let site = Site { request, connection in
            let headers = "ETag: \"1\"\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
            let isAsked = (request.field("If-None-Match") ?? request.field("If-Modified-Since")) != nil
            if request.line.contains("/latest") {
                let location = "Location: \(target.withLock { $0 })\r\n"
                connection.answer("", status: "302 Found", headers: location)
            } else if isAsked {
                connection.answer("", status: "304 Not Modified")
            } else {
                connection.answer("", headers: headers)
            }
        }
        var fields: KeyValuePairs<String, ConfigValue.Content> = ["path": "/latest"]
        if let signal { fields = ["path": "/latest", "signal": .text(signal)] }
        let first = try await look(site, fields)
        let same = try await look(site, fields, from: first.cursor)
        let count = site.requests.count
        target.withLock { $0 = "/v2.csv" }
        let other = try await look(site, fields, from: same.cursor)
        #expect(same.observation.version == first.observation.version)
        #expect(other.observation.version != first.observation.version)
        // The tag of the one file is not shown to the other, nor to what leads to them.
        let asked = site.requests.map { $0.field("If-None-Match") ?? $0.field("If-Modified-Since") }
        #expect(asked.prefix(count).map { $0 != nil } == [false, false, false, true])
        #expect(asked.dropFirst(count).allSatisfy { $0 == nil })
    }

    @Test func `is the same when a store signs the link to it anew`() async throws {
        let query = Mutex("versionId=7&X-Amz-Date=1&X-Amz-Signature=a")
        let site = Site { request, connection in
            if request.line.contains("/latest") {
                connection.answer("", status: "302 Found", headers: "Location: /o?\(query.withLock { $0 })\r\n")
            } else {
                connection.answer("x", headers: "ETag: \"1\"\r\n")
            }
        }
        let first = try await look(site, ["path": "/latest"])
        query.withLock { $0 = "versionId=7&X-Amz-Date=2&X-Amz-Signature=b" }
        let second = try await look(site, ["path": "/latest"], from: first.cursor)
        query.withLock { $0 = "versionId=8&X-Amz-Date=2&X-Amz-Signature=c" }
        let third = try await look(site, ["path": "/latest"], from: second.cursor)
        #expect(first.observation.version == second.observation.version)
        #expect(second.observation.version != third.observation.version)
    }

    @Test func `is not taken for the same by whoever did not ask`() async throws {
        let site = Site { _, connection in connection.answer("", status: "304 Not Modified") }
        await #expect(throws: HTTPResourceError.refused(status: 304, url: site.url)) { try await look(site) }
    }

    @Test func `is another document when a redirect leads elsewhere`() async throws {
        let target = Mutex("/v1.json")
        let site = Site { request, connection in
            if request.line.contains("/manifest.json") {
                connection.answer("", status: "302 Found", headers: "Location: \(target.withLock { $0 })\r\n")
            } else if request.field("If-None-Match") == "\"1\"" {
                connection.answer("", status: "304 Not Modified")
            } else {
                connection.answer("{}", headers: "ETag: \"1\"\r\n")
            }
        }
        let store = try HTTPConnection(
            from: settings(["base_url": .text(site.url), "allow_private": true]),
            in: surroundings()
        )
        guard case .found(let head, _) = try await store.get("manifest.json", ifNoneMatch: nil) else {
            Issue.record("it is not found")
            return
        }
        guard case .unchanged = try await store.get("manifest.json", ifNoneMatch: head.etag) else {
            Issue.record("it is another")
            return
        }
        target.withLock { $0 = "/v2.json" }
        guard case .found(let other, _) = try await store.get("manifest.json", ifNoneMatch: head.etag) else {
            Issue.record("it is the same")
            return
        }
        #expect(other.etag != head.etag)
    }

    @Test func `is not followed round in a circle`() async throws {
        let site = Site { _, connection in connection.answer("", status: "302 Found", headers: "Location: /\r\n") }
        await #expect(throws: HTTPResourceError.redirected("more than three times")) { try await look(site) }
        #expect(site.requests.count == 4)
    }

    @Test(arguments: [
        ("http://h/a/b?q", "c", "http://h/a/c"), ("http://h/a/b", "/c", "http://h/c"), ("http://h", "c", "http://h/c"),
        ("https://h/a", "//g/x", "https://g/x"), ("http://h/a?x", "?y", "http://h/a?y"),
        ("http://h/a", "https://g#f", "https://g"),
    ])
    func `finds where a redirect leads`(url: String, location: String, expected: String) {
        #expect(HTTPConnection.resolve(location, against: url) == expected)
    }

    @Test(arguments: ["file:///etc/passwd", "gopher://h", "javascript:x", ""])
    func `is not led to anything else`(location: String) {
        #expect(HTTPConnection.resolve(location, against: "http://h/a") == nil)
    }

    @Test(arguments: ["a/b", "/a~", "/a~2"])
    func `is refused with a pointer that is none`(pointer: String) { #expect(JSONPointer(pointer) == nil) }

    @Test(arguments: [
        ("", #"{"a":1}"#), ("/a", "1"), ("/b/0", #""x""#), ("/c~0d", "true"), ("/", "5"),
    ])
    func `has values at pointers`(pointer: String, expected: String) throws {
        let document: JSONValue = pointer.isEmpty ? ["a": 1] : ["a": 1, "b": ["x"], "c~d": true, "": 5]
        #expect(try #require(JSONPointer(pointer)).value(in: document)?.serialized() == expected)
        #expect(try #require(JSONPointer("/b/01")).value(in: document) == nil)
    }
}
