import Testing

@testable import FreshetEmulator

@Suite struct InstantTests {
    @Test func `E18: every format of the three services`() {
        let instant = Instant(microseconds: 1_710_919_363_830_900)
        #expect(instant.zoned == "2024-03-20T07:22:43.83Z")
        #expect(instant.bare == "2024-03-20T07:22:43.83")
        #expect(instant.ticks == "2024-03-20T07:22:43.8309000Z")
        #expect(instant.bareTicks == "2024-03-20T07:22:43.8309000")
        #expect(instant.listed == "2024-03-20T07:22:43.830Z")
        #expect(instant.spaced == "2024-03-20 07:22:43Z")
        #expect(instant.http == "Wed, 20 Mar 2024 07:22:43 GMT")
        #expect(Instant(http: instant.http)?.epoch == 1_710_919_363)
        #expect(Instant(amz: "20240320T072243Z")?.epoch == 1_710_919_363)
        #expect(Instant(iso: instant.ticks) == instant && Instant(iso: instant.bare)?.epoch == instant.epoch)
        #expect(Instant(iso: "2024-03-20") == nil && Instant(iso: "2024-03-20T07:22:43.x") == nil)
        #expect(Instant(seconds: 1_709_164_800).zoned == "2024-02-29T00:00:00Z")
    }

    @Test func `E18: history names its zone, details and operations do not, and the digits differ`() throws {
        let fixture = Fixture()
        fixture.wait(0.125)
        let id = fixture.start()
        let entry = try #require(fixture.history().first?["startTime"]?.string)
        #expect(entry.hasSuffix(".125Z"))
        let details = try #require(fixture.details(id)?.json?["startTime"]?.string)
        #expect(details + "Z" == entry)
    }
}
