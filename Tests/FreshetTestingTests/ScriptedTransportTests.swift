import FreshetKit
import FreshetTesting
import Testing

struct ScriptedTransportTests {
    @Test func `each step answers one request, whatever their order`() async throws {
        let transport = ScriptedTransport([
            .expect("GET", "/a", status: 200, body: "first"),
            .expect("GET", "/a", status: 304),
            .expect("POST", "/b", status: 202, headers: ["Location": "x"]),
        ])
        #expect(try await transport.send(HTTPRequest("POST", "http://h/b")).headers["location"] == "x")
        #expect(try await transport.send(HTTPRequest("GET", "http://h/a")).body == Array("first".utf8))
        #expect(transport.unused == ["GET /a"])
        #expect(try await transport.send(HTTPRequest("GET", "http://h/a")).status == 304)
        #expect(transport.requests.map(\.method) == ["POST", "GET", "GET"])
        #expect(transport.unused.isEmpty && transport.surprises.isEmpty)
    }

    @Test func `a scripted error is thrown`() async {
        let lost = HTTPError(.connectionLost, mayHaveArrived: true, message: "gone")
        let transport = ScriptedTransport([.expect("GET", "/", answer: .failure(lost))])
        await #expect(throws: lost) { try await transport.send(HTTPRequest("GET", "http://h/")) }
    }

    @Test func `a request that is not in the script is an error that names it`() async {
        let transport = ScriptedTransport([.expect("GET", "/a", status: 200, isRepeated: true)])
        await #expect(throws: HTTPError.self) { try await transport.send(HTTPRequest("PUT", "http://h/a")) }
        #expect(transport.surprises == ["PUT http://h/a"])
        #expect(transport.unused.isEmpty)
    }
}
