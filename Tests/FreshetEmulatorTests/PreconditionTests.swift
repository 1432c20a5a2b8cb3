import Testing

@testable import FreshetEmulator

@Suite struct PreconditionTests {
    static let object = StoredObject(
        content: Array("hello".utf8),
        modified: Instant(seconds: 1_000_000.5),
        versionID: nil,
        headers: []
    )

    @Test(arguments: [
        (["if-none-match": "\"5d41402abc4b2a76b9719d911017c592\""], Precondition.Verdict.notModified),
        (["if-none-match": "*"], .notModified),
        (["if-none-match": "\"0\""], .proceed),
        (["if-match": "\"0\""], .failed(header: "If-Match")),
        (["if-match": "\"0\", \"5d41402abc4b2a76b9719d911017c592\""], .proceed),
        (["if-modified-since": "Mon, 12 Jan 1970 13:46:40 GMT"], .notModified),
        (["if-modified-since": "Mon, 12 Jan 1970 13:46:39 GMT"], .proceed),
        (["if-modified-since": "Mon, 12 Jan 1970 13:46:40 GMT", "if-none-match": "\"0\""], .proceed),
        (["if-unmodified-since": "Mon, 12 Jan 1970 13:46:39 GMT"], .failed(header: "If-Unmodified-Since")),
    ])
    func `conditions are judged as RFC 9110 says`(headers: [String: String], verdict: Precondition.Verdict) {
        let call = Call("GET", "/", headers: headers.map { ($0.key, $0.value) })
        #expect(Precondition.judge(call, against: PreconditionTests.object) == verdict)
    }

    @Test(arguments: [
        ("bytes=0-1", ByteRange(first: 0, last: 1)), ("bytes=3-99", ByteRange(first: 3, last: 4)),
        ("bytes=2-", ByteRange(first: 2, last: 4)), ("bytes=-2", ByteRange(first: 3, last: 4)),
        ("bytes=-9", ByteRange(first: 0, last: 4)), ("bytes=3-1", nil), ("bytes=0-1,3-4", nil), ("lines=1-2", nil),
    ])
    func `ranges are cut to the object`(header: String, range: ByteRange?) throws {
        #expect(try ByteRange.read(header, size: 5) == range)
    }

    @Test(arguments: ["bytes=5-", "bytes=7-9", "bytes=-0"])
    func `a range beyond the end is refused`(header: String) {
        #expect(throws: S3Error.invalidRange) { try ByteRange.read(header, size: 5) }
    }
}
