import FreshetCurl
import FreshetKit
import RawServer
import Testing

/// The guard at the address that libcurl is about to connect to.
@Suite(.timeLimit(.minutes(1)))
struct `A guarded request` {
    private func request(_ url: String, _ egress: Egress?) -> HTTPRequest {
        HTTPRequest("GET", url, isDirect: true, egress: egress)
    }

    @Test(arguments: ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"])
    func `does not even knock at this machine, however it is spelt`(host: String) async throws {
        let server = RawServer { connection in if connection.read() != nil { connection.answer("inside") } }
        defer { server.stop() }
        let error = await #expect(throws: HTTPError.self) {
            try await plainTransport().send(request("http://\(host):\(server.port)/", Egress()))
        }
        #expect(error?.reason == .forbiddenAddress)
        #expect(error?.mayHaveArrived == false)
        #expect(error?.message.contains("loopback") == true)
        #expect(server.connections == 0)
    }

    @Test(arguments: ["169.254.169.254", "100.100.100.200", "[::ffff:169.254.169.254]"])
    func `is told that nothing allows the metadata service of a cloud`(host: String) async throws {
        let range = try #require(AddressRange(parsing: "0.0.0.0/0"))
        for egress in [Egress(), Egress(allowsPrivate: true, allowed: [range])] {
            let error = await #expect(throws: HTTPError.self) {
                try await plainTransport().send(request("http://\(host)/", egress))
            }
            #expect(error?.reason == .forbiddenAddress)
            #expect(error?.message.hasSuffix("which is never asked; no setting allows it") == true)
        }
    }

    @Test(arguments: ["127.0.0.1", "169.254.1.1", "192.0.2.1"])
    func `is told how another address is allowed`(host: String) async throws {
        let error = await #expect(throws: HTTPError.self) {
            try await plainTransport().send(request("http://\(host):1/", Egress()))
        }
        #expect(error?.message.hasSuffix("if it is meant, allow it at the connection") == true)
    }

    @Test func `goes where it is allowed to`() async throws {
        let server = RawServer { connection in while connection.read() != nil { connection.answer("inside") } }
        defer { server.stop() }
        let transport = try plainTransport()
        let range = try #require(AddressRange(parsing: "127.0.0.0/8"))
        for egress in [Egress(allowsPrivate: true), Egress(allowed: [range])] {
            let response = try await transport.send(request(server.url, egress))
            #expect(String(decoding: response.body, as: UTF8.self) == "inside")
        }
    }

    @Test func `does not go out on a connection that an unguarded one has left open`() async throws {
        let server = RawServer { connection in while connection.read() != nil { connection.answer("inside") } }
        defer { server.stop() }
        let transport = try plainTransport()
        _ = try await transport.send(request(server.url, nil))
        let error = await #expect(throws: HTTPError.self) {
            try await transport.send(request(server.url, Egress()))
        }
        #expect(error?.reason == .forbiddenAddress)
        _ = try await transport.send(request(server.url, nil))
    }
}
