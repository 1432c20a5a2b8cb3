import FreshetCurl
import FreshetKit
import RawServer
import Synchronization
import Testing

/// What the signature covers; that it is right is seen by whoever speaks to a service.
@Suite(.timeLimit(.minutes(1)))
struct `A signed request` {
    @Test(
        arguments: ["GET", "HEAD", "DELETE", "POST", "PUT"],
        [nil, [], Array("hello".utf8)] as [[UInt8]?]
    )
    func `signs no header that it does not send`(method: String, body: [UInt8]?) async throws {
        let seen = Mutex<[RawConnection.Request]>([])
        let server = RawServer { connection in
            while let request = connection.read() {
                seen.withLock { $0.append(request) }
                connection.answer("")
            }
        }
        defer { server.stop() }
        let transport = try plainTransport()
        let some: [HTTPHeaders] = [[:], ["Content-Type": "text/plain", "X-Amz-Meta-One": "1", "X-Empty": ""]]
        for more in some {
            var headers = more
            headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
            let request = HTTPRequest(
                method,
                server.url + "/k?a=b",
                headers: headers,
                body: body,
                signing: AWSSigning(
                    accessKeyID: "AKID",
                    secretAccessKey: "hush",
                    region: "eu-central-1",
                    service: "s3"
                )
            )
            _ = try await transport.send(request)
        }
        let requests = seen.withLock { $0 }
        #expect(requests.count == 2)
        for request in requests {
            let authorization = try #require(request.field("Authorization"))
            let list = try #require(authorization.firstMatch(of: /SignedHeaders=([^,]+),/)).1
            let signed = list.split(separator: ";").map(String.init)
            #expect(signed.contains("host") && signed.contains("x-amz-content-sha256"))
            for name in signed { #expect(request.field(name) != nil, "\(name) is signed, and not sent") }
        }
    }
}
