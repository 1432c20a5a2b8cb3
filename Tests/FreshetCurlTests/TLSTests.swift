import Foundation
import FreshetCurl
import FreshetEmulator
import FreshetKit
import Testing

@Suite(.timeLimit(.minutes(1)))
struct `Certificates are verified, always` {
    @Test(arguments: ["127.0.0.1", "localhost"])
    func `an authority that a request trusts vouches for the server`(host: String) async throws {
        try await withEmulator { url, caFile in
            let url = url.replacing("127.0.0.1", with: host) + "/_emulator/clock"
            let response = try await plainTransport().send(HTTPRequest("GET", url, caFile: caFile))
            #expect(response.status == 200)
            let transport = try plainTransport { $0.caFile = caFile }
            #expect(try await transport.send(HTTPRequest("GET", url)).status == 200)
        }
    }

    @Test func `an authority that nobody named is not trusted`() async throws {
        try await withEmulator { url, _ in try await expectRefusal(HTTPRequest("GET", url)) }
    }

    @Test func `another authority is not trusted, also after the right one was`() async throws {
        try await withEmulator { url, caFile in
            try await withEmulator { _, other in
                let transport = try plainTransport()
                let request = HTTPRequest("GET", url + "/_emulator/clock", caFile: caFile)
                #expect(try await transport.send(request).status == 200)
                // The kept connection was made under the other's trust: it must not be used.
                try await expectRefusal(HTTPRequest("GET", url, caFile: other), on: transport)
            }
        }
    }

    @Test func `a certificate for another host is refused`() async throws {
        try await withEmulator(on: "127.0.0.2") { url, caFile in
            let error = try await expectRefusal(HTTPRequest("GET", url, caFile: caFile))
            #expect(error.message.contains("127.0.0.2"))
        }
    }

    @discardableResult
    private func expectRefusal(_ request: HTTPRequest, on transport: CurlTransport? = nil) async throws -> HTTPError {
        let transport = try transport ?? plainTransport()
        let error = try #require(await #expect(throws: HTTPError.self) { try await transport.send(request) })
        #expect(error.reason == .tls)
        #expect(!error.mayHaveArrived)
        return error
    }

    /// Runs an emulator for as long as `body` takes; hands over its HTTPS address and its authority.
    private func withEmulator(
        on host: String = "127.0.0.1",
        _ body: (_ url: String, _ caFile: String) async throws -> Void
    ) async throws {
        var options = EmulatorOptions()
        options.host = host
        options.tls = EmulatorOptions.TLS()
        let chosen = options
        let (ready, announce) = AsyncStream.makeStream(of: EmulatorReadiness.self)
        let running = Task {
            defer { announce.finish() }
            try await Emulator.run(chosen) { announce.yield($0) }
        }
        var first: EmulatorReadiness?
        for await readiness in ready {
            first = readiness
            break
        }
        let readiness = try #require(first)
        try await body(try #require(readiness.httpsURL), try #require(readiness.caFile))
        running.cancel()
        try await running.value
        #expect(!FileManager.default.fileExists(atPath: readiness.caFile ?? ""))
    }
}
