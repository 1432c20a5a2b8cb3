import Foundation
import FreshetKit
import RawServer
import Synchronization
import Testing

@testable import FreshetCurl

@Suite(.timeLimit(.minutes(1)))
struct `Failures say whether the request may have arrived` {
    private func error(
        _ request: HTTPRequest,
        on transport: CurlTransport? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> HTTPError {
        let transport = try transport ?? plainTransport()
        return try #require(
            await #expect(throws: HTTPError.self, sourceLocation: sourceLocation) { try await transport.send(request) }
        )
    }

    @Test func `nobody listens`() async throws {
        let server = RawServer { _ in }
        server.stop()
        let error = try await error(HTTPRequest("GET", "\(server.url)/path?token=hush"))
        #expect(error.reason == .cannotConnect)
        #expect(!error.mayHaveArrived)
        #expect(error.message.hasPrefix(server.url + ": "))
        #expect(!error.message.contains("hush") && !error.message.contains("path"))
    }

    @Test func `a name that does not exist`() async throws {
        let error = try await error(HTTPRequest("GET", "http://nobody.invalid/?token=hush"))
        #expect(error.reason == .cannotResolve)
        #expect(!error.mayHaveArrived)
        #expect(!error.message.contains("hush"))
    }

    @Test(arguments: [
        "ftp://h/x", "http://user:hush@127.0.0.1:1/x", "http://127.0.0.1:99999999/", "hush", "http://a b/",
    ])
    func `a bad URL is not quoted`(url: String) async throws {
        let error = try await error(HTTPRequest("GET", url))
        #expect(error.reason == .badURL)
        #expect(!error.mayHaveArrived)
        #expect(!error.message.contains("hush"))
    }

    @Test(arguments: ["http://169.254.169.254/x", "http://169.254.169.254:80/x", "HTTP://[FD00:EC2::254]/"])
    func `the machine's own identity is not to be had by an address`(url: String) {
        // Asked of the check itself: nothing may be sent there from a test.
        let mistake = HTTPRequest("GET", url).mistake
        #expect(mistake?.reason == .badURL)
        #expect(mistake?.message.contains("managed_identity") == true)
        #expect(HTTPRequest("GET", url, isDirect: true).mistake == nil)
    }

    @Test func `a connection that is dropped before the answer`() async throws {
        let server = RawServer { _ = $0.read() }
        defer { server.stop() }
        let error = try await error(HTTPRequest("POST", server.url, onFreshConnection: true))
        #expect(error.reason == .connectionLost)
        #expect(error.mayHaveArrived)
    }

    @Test func `a connection that is dropped in the middle of the body`() async throws {
        let server = RawServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        }
        defer { server.stop() }
        let error = try await error(HTTPRequest("GET", server.url))
        #expect(error.reason == .connectionLost)
        #expect(error.mayHaveArrived)
    }

    @Test func `an answer that does not come in time`() async throws {
        let release = DispatchSemaphore(value: 0)
        let server = RawServer { connection in
            _ = connection.read()
            release.wait()
        }
        defer {
            release.signal()
            server.stop()
        }
        let error = try await error(HTTPRequest("GET", server.url, timeout: .milliseconds(100)))
        #expect(error.reason == .timedOut)
        #expect(error.mayHaveArrived)
    }

    @Test func `a handshake that fails`() async throws {
        let server = RawServer { connection in
            connection.answer("this is not TLS")
        }
        defer { server.stop() }
        let error = try await error(HTTPRequest("GET", "https://127.0.0.1:\(server.port)/"))
        #expect(error.reason == .tls)
        #expect(!error.mayHaveArrived)
    }

    @Test func `a missing file of authorities`() async throws {
        let server = RawServer { _ = $0.read() }
        defer { server.stop() }
        let transport = try plainTransport { $0.caFile = "/nowhere/ca.pem" }
        let error = try await error(HTTPRequest("GET", "https://127.0.0.1:\(server.port)/"), on: transport)
        #expect(error.reason == .tls)
        #expect(!error.mayHaveArrived)
    }

    @Test func `a body beyond the limit ends the transfer`() async throws {
        let wrote = Mutex(0)
        let ended = DispatchSemaphore(value: 0)
        let server = RawServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "10000\r\n" + String(repeating: "x", count: 65536) + "\r\n"
            while connection.write(chunk) { wrote.withLock { $0 += 65536 } }
            ended.signal()
        }
        defer { server.stop() }
        let error = try await error(HTTPRequest("GET", server.url, maxBodySize: 1 << 20))
        #expect(error.reason == .tooLarge)
        #expect(error.mayHaveArrived)
        await withCheckedContinuation { done in
            Thread.detachNewThread {
                ended.wait()
                done.resume()
            }
        }
        #expect(wrote.withLock { $0 } < 64 << 20)
    }

    @Test func `a body of exactly the limit is taken`() async throws {
        let server = RawServer { connection in
            _ = connection.read()
            connection.answer("1234")
        }
        defer { server.stop() }
        let response = try await plainTransport().send(HTTPRequest("GET", server.url, maxBodySize: 4))
        #expect(response.body.count == 4)
    }

    @Test func `a head without end ends the transfer`() async throws {
        let server = RawServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 200 OK\r\n")
            while connection.write("X-Filler: \(String(repeating: "y", count: 1000))\r\n") {}
        }
        defer { server.stop() }
        let error = try await error(HTTPRequest("GET", server.url))
        #expect(error.reason == .tooLarge)
    }

    @Test(arguments: ["a\r\nX-Evil: 1", "a\nb", "a\0b"])
    func `a line break in a header is refused`(value: String) async throws {
        let error = try await error(HTTPRequest("GET", "http://127.0.0.1:1/", headers: ["X-Test": value]))
        #expect(!error.mayHaveArrived)
        #expect(error.message.contains("X-Test"))
    }
}

@Suite(.timeLimit(.minutes(1)))
struct `Ending early` {
    @Test func `cancelling the task ends the request at once`() async throws {
        let arrived = DispatchSemaphore(value: 0)
        let release = DispatchSemaphore(value: 0)
        let server = RawServer { connection in
            _ = connection.read()
            arrived.signal()
            release.wait()
        }
        defer {
            release.signal()
            server.stop()
        }
        let transport = try plainTransport()
        let url = server.url
        let task = Task { try await transport.send(HTTPRequest("GET", url)) }
        await arrived.waitOffPool()
        task.cancel()
        let error = await #expect(throws: HTTPError.self) { try await task.value }
        #expect(error?.reason == .cancelled)
        #expect(error?.mayHaveArrived == true)
    }

    @Test func `a task that was cancelled before sends nothing`() async throws {
        let server = RawServer { _ = $0.read() }
        defer { server.stop() }
        let transport = try plainTransport()
        let url = server.url
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await transport.send(HTTPRequest("GET", url))
        }
        let error = await #expect(throws: HTTPError.self) { try await task.value }
        #expect(error?.reason == .cancelled)
        #expect(error?.mayHaveArrived == false)
        #expect(server.connections == 0)
    }

    @Test func `cancellations at any moment resume each caller exactly once`() async throws {
        let server = RawServer { connection in while connection.read() != nil { connection.answer("ok") } }
        defer { server.stop() }
        let transport = try plainTransport()
        let url = server.url
        var ended = 0
        for round in 0..<300 {
            let task = Task { try await transport.send(HTTPRequest("GET", url)) }
            for _ in 0..<(round % 7) { await Task.yield() }
            task.cancel()
            switch await task.result {
            case .success(let response): #expect(response.status == 200)
            case .failure(let error): #expect((error as? HTTPError)?.reason == .cancelled)
            }
            ended += 1
        }
        #expect(ended == 300)
        #expect(try await transport.send(HTTPRequest("GET", url)).status == 200)
    }

    @Test func `stopping resumes everyone, and later requests are refused`() async throws {
        let arrived = DispatchSemaphore(value: 0)
        let release = DispatchSemaphore(value: 0)
        let server = RawServer { connection in
            _ = connection.read()
            arrived.signal()
            release.wait()
        }
        defer {
            for _ in 0..<20 { release.signal() }
            server.stop()
        }
        let transport = try plainTransport { $0.connectionsPerHost = 4 }
        let url = server.url
        let tasks = (0..<20).map { _ in Task { try await transport.send(HTTPRequest("GET", url)) } }
        for _ in 0..<4 { await arrived.waitOffPool() }
        transport.stop()
        for task in tasks {
            let error = await #expect(throws: HTTPError.self) { try await task.value }
            #expect(error?.reason == .cancelled)
        }
        let late = await #expect(throws: HTTPError.self) { try await transport.send(HTTPRequest("GET", url)) }
        #expect(late?.reason == .cancelled)
        #expect(late?.mayHaveArrived == false)
    }

    @Test func `waiting for an answer costs no processor time`() async throws {
        let release = DispatchSemaphore(value: 0)
        let arrived = DispatchSemaphore(value: 0)
        let server = RawServer { connection in
            _ = connection.read()
            arrived.signal()
            release.wait()
            connection.answer("ok")
        }
        defer { server.stop() }
        let transport = try plainTransport()
        let url = server.url
        let task = Task { try await transport.send(HTTPRequest("GET", url)) }
        await arrived.waitOffPool()
        let before = cpuMillisecondsOfThreads(named: "curl")
        // A second request with a limit of its own is the clock here.
        _ = try? await plainTransport().send(HTTPRequest("GET", url, timeout: .milliseconds(500)))
        let spent = cpuMillisecondsOfThreads(named: "curl") - before
        #expect(spent <= 100, "\(spent) ms of 500 ms")
        release.signal()
        release.signal()
        #expect(try await task.value.status == 200)
    }
}

/// User and system time of the process's threads of that name, in milliseconds (proc(5), fields 14 and 15).
private func cpuMillisecondsOfThreads(named name: String) -> Int {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return threads.reduce(0) { sum, thread in
        guard let line = try? String(contentsOfFile: "/proc/self/task/\(thread)/stat", encoding: .utf8),
            line.contains("(\(name))"), let end = line.lastIndex(of: ")")
        else { return sum }
        let fields = line[line.index(end, offsetBy: 2)...].split(separator: " ")
        return sum + (Int(fields[11]) ?? 0) * 10 + (Int(fields[12]) ?? 0) * 10
    }
}

extension DispatchSemaphore {
    func waitOffPool() async {
        await withCheckedContinuation { done in
            Thread.detachNewThread {
                self.wait()
                done.resume()
            }
        }
    }
}
