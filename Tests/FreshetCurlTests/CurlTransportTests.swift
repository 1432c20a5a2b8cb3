import Foundation
import FreshetCurl
import FreshetKit
import RawServer
import Synchronization
import Testing

/// A transport that no proxy of the surroundings bends.
func plainTransport(_ change: (inout CurlTransport.Options) -> Void = { _ in }) throws -> CurlTransport {
    var options = CurlTransport.Options()
    options.proxy = .none
    change(&options)
    return try CurlTransport(options)
}

@Suite(.timeLimit(.minutes(1)))
struct `What goes out and comes in` {
    @Test func `a request arrives as it was written and its answer comes back whole`() async throws {
        let seen = Mutex<RawConnection.Request?>(nil)
        let server = RawServer { connection in
            guard let request = connection.read() else { return }
            seen.withLock { $0 = request }
            connection.answer("made", status: "201 Created", headers: "X-One:  a b \r\nx-two: ü\r\n")
        }
        defer { server.stop() }
        let request = HTTPRequest(
            "PUT",
            server.url + "/a/../b%2F?q=1%20",
            headers: ["X-Test": "yes", "X-Empty": ""],
            body: Array("hello".utf8)
        )
        let response = try await plainTransport().send(request)
        #expect(response.status == 201)
        #expect(response.body == Array("made".utf8))
        #expect(response.headers["x-one"] == "a b")
        #expect(response.headers["X-Two"] == "ü")
        let got = try #require(seen.withLock { $0 })
        #expect(got.line == "PUT /a/../b%2F?q=1%20 HTTP/1.1")
        #expect(got.body == Array("hello".utf8))
        #expect(got.field("X-Test") == "yes")
        #expect(got.field("X-Empty") == "")
        #expect(got.field("Expect") == nil)
        #expect(got.field("Content-Type") == nil)
    }

    @Test func `a large body is sent without waiting for 100 Continue`() async throws {
        let server = RawServer { connection in
            while let request = connection.read() {
                connection.answer("\(request.body.count) \(request.field("Expect") ?? "-")")
            }
        }
        defer { server.stop() }
        let request = HTTPRequest("POST", server.url, body: [UInt8](repeating: 7, count: 3 << 20))
        let response = try await plainTransport().send(request)
        #expect(String(decoding: response.body, as: UTF8.self) == "\(3 << 20) -")
    }

    @Test(arguments: ["POST", "PUT", "PATCH"])
    func `a method that means a body says that there is none`(method: String) async throws {
        let server = RawServer { $0.answer($0.read()?.field("Content-Length") ?? "none") }
        defer { server.stop() }
        let response = try await plainTransport().send(HTTPRequest(method, server.url))
        #expect(String(decoding: response.body, as: UTF8.self) == "0")
    }

    @Test(arguments: ["GET", "DELETE"])
    func `a method without body sends none`(method: String) async throws {
        let server = RawServer { connection in
            let request = connection.read()
            connection.answer("\(request?.line ?? "") \(request?.field("Content-Length") ?? "none")")
        }
        defer { server.stop() }
        let response = try await plainTransport().send(HTTPRequest(method, server.url + "/x"))
        #expect(String(decoding: response.body, as: UTF8.self) == "\(method) /x HTTP/1.1 none")
    }

    @Test func `HEAD waits for no body`() async throws {
        let server = RawServer { connection in
            while connection.read() != nil { connection.write("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n") }
        }
        defer { server.stop() }
        let response = try await plainTransport().send(HTTPRequest("HEAD", server.url, maxBodySize: 10))
        #expect(response.status == 200)
        #expect(response.headers["content-length"] == "999999999")
        #expect(response.body.isEmpty)
    }

    @Test func `204 and 304 end with their head`() async throws {
        let server = RawServer { connection in
            while let request = connection.read() {
                connection.write(
                    "HTTP/1.1 \(request.line.contains("none") ? "204 No Content" : "304 Not Modified")\r\n\r\n"
                )
            }
        }
        defer { server.stop() }
        let transport = try plainTransport()
        #expect(try await transport.send(HTTPRequest("GET", server.url + "/none")).status == 204)
        #expect(try await transport.send(HTTPRequest("GET", server.url + "/same")).status == 304)
        #expect(server.connections == 1)
    }

    @Test func `chunks are put together, and an interim answer's fields are dropped`() async throws {
        let server = RawServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 103 Early Hints\r\nLink: early\r\n\r\n")
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            connection.write("5\r\ndefgh\r\n0\r\n\r\n")
        }
        defer { server.stop() }
        let response = try await plainTransport().send(HTTPRequest("GET", server.url))
        #expect(String(decoding: response.body, as: UTF8.self) == "abcdefgh")
        #expect(response.headers["link"] == nil)
    }

    @Test func `a redirect is an answer and is not followed`() async throws {
        let server = RawServer { connection in
            while connection.read() != nil {
                connection.answer("", status: "302 Found", headers: "Location: /other\r\n")
            }
        }
        defer { server.stop() }
        let response = try await plainTransport().send(HTTPRequest("GET", server.url))
        #expect(response.status == 302)
        #expect(response.headers["location"] == "/other")
    }

    @Test func `a direct request goes past the proxy`() async throws {
        let server = RawServer { $0.answer($0.read()?.line ?? "") }
        defer { server.stop() }
        let transport = try plainTransport { $0.proxy = .url("http://127.0.0.1:1") }
        let response = try await transport.send(HTTPRequest("GET", server.url + "/x", isDirect: true))
        #expect(String(decoding: response.body, as: UTF8.self) == "GET /x HTTP/1.1")
        await #expect(throws: HTTPError.self) { try await transport.send(HTTPRequest("GET", server.url + "/x")) }
    }

    @Test func `a Unix socket takes the place of the host`() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("fr-\(UUID().uuidString.prefix(8))")
            .path
        let server = RawServer(unixSocket: path) { $0.answer($0.read()?.field("Host") ?? "") }
        defer { server.stop() }
        var request = HTTPRequest("GET", "http://freshet/ping")
        request.unixSocket = path
        let response = try await plainTransport { $0.proxy = .url("http://127.0.0.1:1") }.send(request)
        #expect(String(decoding: response.body, as: UTF8.self) == "freshet")
    }
}

@Suite(.timeLimit(.minutes(1)))
struct `Connections` {
    @Test func `a kept connection serves the next request`() async throws {
        let server = RawServer { connection in while connection.read() != nil { connection.answer("ok") } }
        defer { server.stop() }
        let transport = try plainTransport()
        for _ in 1...5 { _ = try await transport.send(HTTPRequest("GET", server.url)) }
        #expect(server.connections == 1)
    }

    @Test func `a fresh connection is neither taken from the kept ones nor kept`() async throws {
        let server = RawServer { connection in while connection.read() != nil { connection.answer("ok") } }
        defer { server.stop() }
        let transport = try plainTransport()
        for isFresh in [false, true, true, false] {
            _ = try await transport.send(HTTPRequest("POST", server.url, onFreshConnection: isFresh))
        }
        #expect(server.connections == 3)
    }

    @Test func `a request on a fresh connection that is dropped is sent once`() async throws {
        let received = Mutex(0)
        let server = RawServer { connection in
            while connection.read() != nil {
                let count = received.withLock { count in
                    count += 1
                    return count
                }
                guard count == 1 else { return }
                connection.answer("ok")
            }
        }
        defer { server.stop() }
        let transport = try plainTransport()
        _ = try await transport.send(HTTPRequest("POST", server.url))
        let error = await #expect(throws: HTTPError.self) {
            try await transport.send(HTTPRequest("POST", server.url, onFreshConnection: true))
        }
        #expect(error?.reason == .connectionLost)
        #expect(error?.mayHaveArrived == true)
        #expect(received.withLock { $0 } == 2)
    }

    @Test func `two hundred requests share the allowed connections`() async throws {
        let server = RawServer { connection in
            while let request = connection.read() { connection.answer(request.line) }
        }
        defer { server.stop() }
        let transport = try plainTransport { $0.connectionsPerHost = 8 }
        let url = server.url
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let response = try await transport.send(HTTPRequest("GET", "\(url)/\(number)"))
                    return String(decoding: response.body, as: UTF8.self)
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(answers == Set((0..<200).map { "GET /\($0) HTTP/1.1" }))
        #expect(server.connections <= 8)
    }

    @Test func `a request that waits for a connection keeps its own time limit`() async throws {
        let release = DispatchSemaphore(value: 0)
        let server = RawServer { connection in
            _ = connection.read()
            release.wait()
            connection.answer("late")
        }
        defer { server.stop() }
        let transport = try plainTransport { $0.connectionsPerHost = 1 }
        let url = server.url
        let slow = Task { try await transport.send(HTTPRequest("GET", url)) }
        while server.connections == 0 { await Task.yield() }
        let error = await #expect(throws: HTTPError.self) {
            try await transport.send(HTTPRequest("GET", url, timeout: .milliseconds(150)))
        }
        #expect(error?.reason == .timedOut)
        #expect(error?.mayHaveArrived == false)
        release.signal()
        #expect(try await slow.value.status == 200)
    }

    @Test func `a request that waits longer for a connection than connecting may take is still served`() async throws {
        let release = DispatchSemaphore(value: 0)
        let server = RawServer { connection in
            while let request = connection.read() {
                if request.line.contains("slow") { release.wait() }
                connection.answer("ok")
            }
        }
        defer { server.stop() }
        let transport = try plainTransport {
            $0.connectionsPerHost = 1
            $0.connectTimeout = .milliseconds(100)
        }
        let url = server.url
        let slow = Task { try await transport.send(HTTPRequest("GET", url + "/slow")) }
        while server.connections == 0 { await Task.yield() }
        let waiting = Task { try await transport.send(HTTPRequest("GET", url + "/quick")) }
        // A request elsewhere that runs into its own limit is the clock here: longer than connecting may take.
        let silent = RawServer { connection in while connection.read() != nil {} }
        defer { silent.stop() }
        _ = try? await transport.send(HTTPRequest("GET", silent.url, timeout: .milliseconds(300)))
        release.signal()
        #expect(try await slow.value.status == 200)
        #expect(try await waiting.value.status == 200)
    }
}
