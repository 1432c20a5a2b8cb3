import FreshetCore
import Testing

@Suite struct `A version` {
    @Test func `is compared byte for byte, not as a text is read`() {
        let (composed, decomposed) = (DataVersion("caf\u{E9}"), DataVersion("cafe\u{301}"))
        #expect(composed.fingerprint == decomposed.fingerprint)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, DataVersion("caf\u{E9}")]).count == 2)
    }
}

@Suite struct `A moment` {
    @Test(arguments: [1.7e18, 1e300, .infinity]) func `after the year 9999 is its end`(seconds: Double) {
        #expect(Timestamp(seconds: seconds).iso8601 == "9999-12-31T23:59:59Z")
    }

    @Test(arguments: [-1.7e18, -.infinity]) func `before the year 1 is its beginning`(seconds: Double) {
        #expect(Timestamp(seconds: seconds).iso8601 == "0001-01-01T00:00:00Z")
    }

    @Test func `that is no number is none that traps`() { #expect(Timestamp(seconds: .nan).milliseconds == 0) }
}
