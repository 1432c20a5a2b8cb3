import Testing

@testable import FreshetEmulator

/// What only a real connection shows.
@Suite struct SocketTests {
    /// Runs an emulator for as long as `body` takes, and expects it to end when cancelled.
    static func withEmulator(
        _ options: EmulatorOptions = EmulatorOptions(),
        _ body: (EmulatorReadiness, Int) async throws -> Void
    ) async throws {
        let (ready, announce) = AsyncStream.makeStream(of: EmulatorReadiness.self)
        let running = Task { try await Emulator.run(options) { announce.yield($0) } }
        var readiness: EmulatorReadiness?
        for await value in ready {
            readiness = value
            break
        }
        let found = try #require(readiness)
        let port = try #require(found.url.split(separator: ":").last.flatMap { Int($0) })
        try await body(found, port)
        running.cancel()
        try await running.value
    }

    static func request(_ line: String, _ headers: [String] = [], body: String = "") -> String {
        let lines = ["\(line) HTTP/1.1", "Host: emulator", "Content-Length: \(body.utf8.count)", "Connection: close"]
        return (lines + headers + ["", body]).joined(separator: "\r\n")
    }

    static func fault(_ body: String) -> String { request("POST /_emulator/faults", body: body) }

    @Test func `a dropped request gets nothing at all`() async throws {
        try await SocketTests.withEmulator { ready, port in
            for moment in ["before", "after"] {
                let fault = SocketTests.fault(#"{"match":{"kind":"groups"},"action":{"drop":"\#(moment)"}}"#)
                #expect(try await Wire.exchange(fault, port: port).hasPrefix("HTTP/1.1 201"))
                #expect(try await Wire.exchange(SocketTests.request("GET /v1.0/myorg/groups"), port: port).isEmpty)
            }
            let answer = try await Wire.exchange(SocketTests.request("GET /v1.0/myorg/groups"), port: port)
            #expect(answer.hasPrefix("HTTP/1.1 401"))
        }
    }

    @Test func `a truncated answer ends before its length`() async throws {
        try await SocketTests.withEmulator { ready, port in
            let fault = SocketTests.fault(
                #"{"match":{"kind":"groups"},"action":{"truncate":true,"status":200,"body":"0123456789"}}"#
            )
            _ = try await Wire.exchange(fault, port: port)
            let answer = try await Wire.exchange(SocketTests.request("GET /v1.0/myorg/groups"), port: port)
            #expect(answer.lowercased().contains("content-length: 10\r\n") && answer.hasSuffix("\r\n\r\n01234"))
        }
    }

    @Test func `the target is verified as sent, and 100-continue is answered`() async throws {
        try await SocketTests.withEmulator { ready, port in
            let wall = MachineClock.wall
            let stamp = wall.zoned.prefix(19).replacing("-", with: "").replacing(":", with: "") + "Z"
            var call = Call(
                "PUT",
                "/dbt-artifacts/a%20b/%C3%A9+%28%29",
                headers: [
                    ("host", "emulator"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), ("x-amz-date", String(stamp)),
                ],
                body: Array("hello".utf8)
            )
            func signed(_ signature: String) -> String {
                let scope = "\(stamp.prefix(8))/\(ready.s3.region)/s3/aws4_request"
                let names = "host;x-amz-content-sha256;x-amz-date"
                return "AWS4-HMAC-SHA256 Credential=\(ready.s3.accessKeyID)/\(scope), SignedHeaders=\(names), "
                    + "Signature=\(signature)"
            }
            call.headers.append(("authorization", signed("0")))
            let expected = try SignatureV4(call).expectedSignature(call, secret: ready.s3.secretAccessKey)
            for (signature, status) in [(expected, "200"), ("0", "403")] {
                let headers = [
                    "x-amz-content-sha256: UNSIGNED-PAYLOAD", "x-amz-date: \(stamp)", "Expect: 100-continue",
                    "Authorization: \(signed(signature))",
                ]
                let request = SocketTests.request("PUT \(call.target)", headers, body: "hello")
                let answer = try await Wire.exchange(request, port: port)
                #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 \(status) "))
            }
        }
    }

    @Test func `cancelling ends open connections and answers under way`() async throws {
        try await SocketTests.withEmulator { ready, port in
            let fault = SocketTests.fault(#"{"match":{"kind":"groups"},"action":{"delay":600}}"#)
            _ = try await Wire.exchange(fault, port: port)
            // Both outlive this closure; withEmulator then waits for the emulator to end in spite of them.
            for path in ["/v1.0/myorg/groups", "/_emulator/clock"] {
                Task { try await Wire.exchange("GET \(path) HTTP/1.1\r\nHost: emulator\r\n\r\n", port: port) }
            }
            try await Task.sleep(for: .milliseconds(300))
        }
    }
}
