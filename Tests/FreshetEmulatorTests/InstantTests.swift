import Testing

@testable import FreshetEmulator

@Suite struct InstantTests {
    @Test func `every format of the three services`() {
        let instant = Instant(microseconds: 1_710_919_363_830_900)
        #expect(instant.zoned == "2024-03-20T07:22:43.83Z")
        #expect(instant.bare == "2024-03-20T07:22:43.83")
        #expect(instant.listed == "2024-03-20T07:22:43.830Z")
        #expect(instant.spaced == "2024-03-20 07:22:43Z")
        #expect(instant.http == "Wed, 20 Mar 2024 07:22:43 GMT")
        #expect(Instant(http: instant.http)?.epoch == 1_710_919_363)
        #expect(Instant(amz: "20240320T072243Z")?.epoch == 1_710_919_363)
        #expect(Instant(seconds: 1_709_164_800).zoned == "2024-02-29T00:00:00Z")
    }
}
