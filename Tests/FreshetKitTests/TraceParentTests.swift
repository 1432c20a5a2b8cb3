import FreshetKit
import Testing

@Suite struct `A traceparent` {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let span = "00f067aa0ba902b7"

    @Test func `is read as the specification's example`() throws {
        let text = "00-\(Self.trace)-\(Self.span)-01"
        let parent = try #require(TraceParent(text))
        #expect([parent.trace, parent.span, parent.flags] == [Self.trace, Self.span, "01"])
        #expect(parent.description == text)
    }

    @Test(arguments: ["", "-", "-what the future may bring"])
    func `of a later version is read as far as the first goes`(rest: String) throws {
        let parent = try #require(TraceParent("cc-\(Self.trace)-\(Self.span)-09\(rest)"))
        #expect(parent.description == "00-\(Self.trace)-\(Self.span)-09")
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-", "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-0g",
        "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01-more", "00-\(trace)-\(span)-01 ", " 00-\(trace)-\(span)-01",
        "cc-\(trace)-\(span)-01.more", "ff-\(trace)-\(span)-01", "0-\(trace)-\(span)-01", "0x-\(trace)-\(span)-01",
        "00-\(trace.uppercased())-\(span)-01", "00-\(trace)-\(span.uppercased())-01", "00_\(trace)-\(span)-01",
        "00-\(String(repeating: "0", count: 32))-\(span)-01", "00-\(trace)-\(String(repeating: "0", count: 16))-01",
        "00-\(trace.dropLast())-\(span)-01", "00-\(trace)a-\(span)-01", "00-\(trace)-\(span.dropLast())-001",
        "00-\(trace.dropLast())é-\(span)-01", "00-\(trace)-\(span)-01, 00-\(trace)-\(span)-01",
    ])
    func `that is malformed is none`(text: String) {
        #expect(TraceParent(text) == nil)
    }
}
