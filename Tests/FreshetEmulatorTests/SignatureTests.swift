import Testing

@testable import FreshetEmulator

/// The examples of the Amazon S3 API reference, "Signature Calculations for the Authorization Header".
@Suite struct SignatureTests {
    static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    static let keys = ["AKIAIOSFODNN7EXAMPLE": secret]
    static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    static let scope = "20130524/us-east-1/s3/aws4_request"
    static let time = Instant(amz: "20130524T000000Z") ?? Instant(microseconds: 0)

    /// A call of the examples, signed with `signature` over `signed` headers.
    static func call(
        _ method: String,
        _ target: String,
        _ signed: [(name: String, value: String)],
        _ signature: String,
        body: [UInt8] = []
    ) -> Call {
        let headers =
            signed
            + [
                ("host", "examplebucket.s3.amazonaws.com"), ("x-amz-date", "20130524T000000Z"),
                signed.contains { $0.name == "x-amz-content-sha256" } ? nil : ("x-amz-content-sha256", empty),
            ].compactMap { $0 }
        let names = headers.map(\.name).sorted().joined(separator: ";")
        let credential = "Credential=AKIAIOSFODNN7EXAMPLE/\(scope)"
        let authorization = "AWS4-HMAC-SHA256 \(credential),SignedHeaders=\(names),Signature=\(signature)"
        return Call(method, target, headers: headers + [("authorization", authorization)], body: body)
    }

    static func verify(_ call: Call, at time: Instant = time) throws(S3Error) -> [UInt8] {
        try SignatureV4.verify(call, keys: keys, region: "us-east-1", at: time)
    }

    @Test(arguments: [
        ("/test.txt", ["range": "bytes=0-9"], "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        ("/?lifecycle", [:], "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("/?max-keys=2&prefix=J", [:], "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
        ("/?prefix=J&max-keys=2", [:], "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ])
    func `published GET examples verify`(target: String, headers: [String: String], signature: String) throws {
        let headers = headers.map { (name: $0.key, value: $0.value) }
        #expect(try SignatureTests.verify(SignatureTests.call("GET", target, headers, signature)).isEmpty)
    }

    @Test func `the published PUT example verifies, and its body is checked`() throws {
        let headers = [
            (name: "date", value: "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
        ]
        let signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        let body = Array("Welcome to Amazon S3.".utf8)
        var call = SignatureTests.call("PUT", "/test%24file.text", headers, signature, body: body)
        #expect(try SignatureTests.verify(call) == body)
        call.body = Array("Welcome to Amazon S4.".utf8)
        #expect(throws: S3Error.contentSHA256Mismatch) { try SignatureTests.verify(call) }
    }

    @Test func `the published presigned example verifies until it expires`() throws {
        let target =
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        let call = Call("GET", target, headers: [("host", "examplebucket.s3.amazonaws.com")])
        #expect(try SignatureTests.verify(call, at: SignatureTests.time + 86_399).isEmpty)
        #expect(throws: S3Error.accessDenied("Request has expired")) {
            try SignatureTests.verify(call, at: SignatureTests.time + 86_400)
        }
    }

    @Test func `the published chunked upload verifies, chunk by chunk`() throws {
        let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 66_560)
        let signatures = [
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ]
        let sizes = [65_536, 1_024, 0]
        let body = zip(sizes, signatures).flatMap { size, signature in
            let head = Array("\(String(size, radix: 16));chunk-signature=\(signature)\r\n".utf8)
            return head + letters.prefix(size) + Array("\r\n".utf8)
        }
        let headers = [
            (name: "content-encoding", value: "aws-chunked"), ("content-length", "66824"),
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), ("x-amz-decoded-content-length", "66560"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ]
        let seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
        var call = SignatureTests.call("PUT", "/examplebucket/chunkObject.txt", headers, seed, body: body)
        call.headers = call.headers.map { $0.name == "host" ? ("host", "s3.amazonaws.com") : $0 }
        #expect(try SignatureTests.verify(call) == letters)
        call.body[200] = UInt8(ascii: "b")
        #expect(throws: S3Error.self) { try SignatureTests.verify(call) }
    }

    @Test func `other refusals have their own codes`() throws {
        let good = SignatureTests.call(
            "GET",
            "/?lifecycle",
            [],
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        )
        #expect(throws: S3Error.requestTimeTooSkewed) {
            try SignatureTests.verify(good, at: SignatureTests.time + 901)
        }
        #expect(throws: S3Error.invalidAccessKeyID("AKIAIOSFODNN7EXAMPLE")) {
            try SignatureV4.verify(good, keys: [:], region: "us-east-1", at: SignatureTests.time)
        }
        var other = good
        other.headers.append(("x-amz-meta-a", "unsigned"))
        #expect(throws: S3Error.self) { try SignatureTests.verify(other) }
        #expect(throws: S3Error.accessDenied("Access Denied")) { try SignatureTests.verify(Call("GET", "/")) }
        other = good
        other.target = "/?policy"
        let error = #expect(throws: S3Error.self) { try SignatureTests.verify(other) }
        #expect(error?.code == "SignatureDoesNotMatch" && error?.status == 403)
    }
}
