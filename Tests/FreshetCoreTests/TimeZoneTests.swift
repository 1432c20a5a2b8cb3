import Testing

@testable import FreshetCore

@Suite struct `A civil date` {
    @Test func `counts every day of eight centuries`() throws {
        var date = try #require(CivilDate(year: 1600, month: 1, day: 1))
        #expect(date.weekday == 6)
        for year in 1600..<2400 {
            for month in 1...12 {
                for day in 1...CivilDate.daysIn(month: month, of: year) {
                    #expect(date.components == (year, month, day))
                    #expect(CivilDate(year: year, month: month, day: day) == date)
                    date = date.adding(days: 1)
                }
            }
        }
        #expect(date.daysSinceEpoch == 157_054)
    }

    @Test func `knows its weekday before and after 1970`() throws {
        #expect(CivilDate(daysSinceEpoch: 0).weekday == 4)
        #expect(CivilDate(daysSinceEpoch: -1).weekday == 3)
        #expect(try #require(CivilDate(year: 2026, month: 2, day: 2)).weekday == 1)
        #expect(try #require(CivilDate(year: 2000, month: 2, day: 29)).weekday == 2)
    }

    @Test(arguments: [(2026, 2, 29), (1900, 2, 29), (2026, 13, 1), (2026, 0, 1), (2026, 4, 31), (2026, 1, 0)])
    func `is none where the calendar has no such day`(year: Int, month: Int, day: Int) {
        #expect(CivilDate(year: year, month: month, day: day) == nil)
    }

    @Test(arguments: [(-1, "-0001-01-01"), (0, "0000-01-01"), (2026, "2026-01-01"), (12_345, "+12345-01-01")])
    func `is written as in ISO 8601`(year: Int, text: String) {
        #expect(CivilDate(year: year, month: 1, day: 1)?.description == text)
    }
}

@Suite struct `A timestamp` {
    @Test(arguments: [
        ("2026-01-31T07:30:00Z", "2026-01-31T07:30:00Z"), ("2026-01-31t07:30:00z", "2026-01-31T07:30:00Z"),
        ("2026-01-31 07:30:00", "2026-01-31T07:30:00Z"), ("2026-01-31T07:30", "2026-01-31T07:30:00Z"),
        ("2026-01-31", "2026-01-31T00:00:00Z"), ("2026-01-31 07:30:00 UTC", "2026-01-31T07:30:00Z"),
        ("2026-01-31T07:30:00.25+01:00", "2026-01-31T06:30:00.250Z"),
        ("2026-01-31 07:30:00-0530", "2026-01-31T13:00:00Z"),
        ("2026-01-31 07:30:00+02", "2026-01-31T05:30:00Z"), ("2026-01-31 07:30:00 +02:00", "2026-01-31T05:30:00Z"),
        ("2026-01-31T07:30:00.123456789Z", "2026-01-31T07:30:00.123Z"),
        ("2026-01-31T07:30:00.Z", "2026-01-31T07:30:00Z"),
        ("2026-01-31T07:30:00,5", "2026-01-31T07:30:00.500Z"), ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00", "0001-01-01T00:00:00Z"), ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ("+12345-01-01", "+12345-01-01T00:00:00Z"), ("-0044-03-15T12:00:00Z", "-0044-03-15T12:00:00Z"),
        ("1893-03-31T12:00:00+00:53:28", "1893-03-31T11:06:32Z"),
    ]) func `is read in many forms and written in one`(text: String, written: String) throws {
        #expect(try Timestamp.at(text).iso8601 == written)
    }

    @Test(arguments: [
        "", "2026", "2026-1-31", "2026-02-30", "2026-01-31T", "2026-01-31T24:00:00", "2026-01-31T07:60",
        "2026-01-31T7:30", "2026-01-31T07:30:61Z", "2026-01-31T07:30:00.1234567890Z", "2026-01-31T07:30:00 CET",
        "2026-01-31T07:30:00+1", "2026-01-31T07:30:00Zx", "20260131T073000Z", "2026-01-31T07:30:00+24:00",
        "12026-01-31", "2026-01-31Z", "２０２６-01-31",
    ]) func `is nothing else`(text: String) { #expect(Timestamp(iso8601: text) == nil) }

    @Test(arguments: 0..<300) func `that is written reads back the same`(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let moment = Timestamp(
            milliseconds: Int64.random(in: -90_000_000_000_000...90_000_000_000_000, using: &generator)
        )
        let zone = try ZoneFiles.rules(["Europe/Berlin", "America/St_Johns", "UTC"].randomElement(using: &generator)!)
        #expect(try Timestamp.at(moment.iso8601) == moment)
        #expect(try Timestamp.at(moment.formatted(in: zone)) == moment)
    }

    @Test func `at either end of time can be written`() {
        #expect(Timestamp(milliseconds: .min).iso8601 == "-292275055-05-16T16:47:04.192Z")
        #expect(Timestamp(milliseconds: .max).iso8601 == "+292278994-08-17T07:12:55.807Z")
    }
}

@Suite struct `A time zone` {
    @Test(arguments: [
        ("Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59+01:00"),
        ("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"),
        ("Europe/Berlin", "2026-10-25T00:59:59Z", "2026-10-25T02:59:59+02:00"),
        ("Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00+01:00"),
        ("Europe/Berlin", "1890-01-01T00:00:00Z", "1890-01-01T00:53:28+00:53:28"),
        ("Europe/Berlin", "2099-07-01T00:00:00Z", "2099-07-01T02:00:00+02:00"),
        ("Europe/Berlin", "9999-12-31T12:00:00Z", "9999-12-31T13:00:00+01:00"),
        ("Europe/Dublin", "2026-01-01T12:00:00.5Z", "2026-01-01T12:00:00.500+00:00"),
        ("Europe/Dublin", "2060-07-01T12:00:00Z", "2060-07-01T13:00:00+01:00"),
        ("America/New_York", "2050-12-25T12:00:00Z", "2050-12-25T07:00:00-05:00"),
        ("Australia/Lord_Howe", "2026-01-01T00:00:00Z", "2026-01-01T11:00:00+11:00"),
        ("Australia/Lord_Howe", "2070-07-01T00:00:00Z", "2070-07-01T10:30:00+10:30"),
        ("America/St_Johns", "2026-01-01T00:00:00Z", "2025-12-31T20:30:00-03:30"),
        ("Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01T05:45:00+05:45"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00+14:00"),
        ("UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00"),
    ]) func `has the offsets of its clocks`(name: String, moment: String, shown: String) throws {
        #expect(try Timestamp.at(moment).formatted(in: ZoneFiles.rules(name)) == shown)
    }

    private func local(_ text: String) throws -> CivilDateTime { TimeZoneRules.utc.local(at: try .at(text)) }

    @Test(arguments: [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00Z"),
        ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00Z"),
        ("Europe/Berlin", "2060-03-28T02:59:59", "2060-03-28T01:00Z"),
        ("America/New_York", "2024-03-10T02:30", "2024-03-10T07:00Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30Z"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00Z"),
    ]) func `has no moment for what the clocks skip`(name: String, skipped: String, end: String) throws {
        let match = try ZoneFiles.rules(name).timestamps(forLocal: local(skipped))
        #expect(try match == .never(gapEnd: .at(end)))
        #expect(try match.first == .at(end))
    }

    @Test(arguments: [
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30Z", "2026-10-25T01:30Z"),
        ("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00Z", "2026-10-25T01:00Z"),
        ("Europe/Berlin", "2060-10-31T02:59:59", "2060-10-31T00:59:59Z", "2060-10-31T01:59:59Z"),
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45Z", "2026-04-04T15:15Z"),
        ("Europe/Dublin", "2026-10-25T01:30", "2026-10-25T00:30Z", "2026-10-25T01:30Z"),
    ]) func `has two moments for what the clocks repeat`(name: String, repeated: String, one: String, two: String)
        throws
    {
        let match = try ZoneFiles.rules(name).timestamps(forLocal: local(repeated))
        #expect(try match == .twice(earlier: .at(one), later: .at(two)))
        #expect(try match.first == .at(one))
    }

    @Test func `has one moment for any other time`() throws {
        let berlin = try ZoneFiles.rules("Europe/Berlin")
        #expect(try berlin.timestamps(forLocal: local("2026-10-25T03:00")) == .once(.at("2026-10-25T02:00Z")))
        #expect(try berlin.timestamps(forLocal: local("2026-03-29T03:00")) == .once(.at("2026-03-29T01:00Z")))
        #expect(try berlin.timestamps(forLocal: local("2026-03-29T01:59:59")) == .once(.at("2026-03-29T00:59:59Z")))
    }

    @Test func `knows when its clocks are changed next`() throws {
        let berlin = try ZoneFiles.rules("Europe/Berlin")
        #expect(try berlin.nextChange(after: .at("2026-01-01")) == .at("2026-03-29T01:00Z"))
        #expect(try berlin.nextChange(after: .at("2026-03-29T01:00Z")) == .at("2026-10-25T01:00Z"))
        #expect(try berlin.nextChange(after: .at("2080-01-01")) == .at("2080-03-31T01:00Z"))
        #expect(try ZoneFiles.rules("Asia/Tokyo").nextChange(after: .at("2026-01-01")) == nil)
        #expect(try TimeZoneRules.utc.nextChange(after: .at("2026-01-01")) == nil)
    }

    @Test func `of every name finds each moment again from what its clocks show`() throws {
        let names = try ZoneFiles.names
        #expect(names.count > 300)
        var generator = SeededGenerator(7)
        for name in names {
            let rules = try ZoneFiles.rules(name)
            for _ in 0..<100 {
                // From 1900 to 2100, both sides of what the file lists.
                let moment = Timestamp(
                    milliseconds: 1000 * Int64.random(in: -2_208_988_800...4_102_444_800, using: &generator)
                )
                switch rules.timestamps(forLocal: rules.local(at: moment)) {
                case .once(let found): #expect(found == moment, "\(name)")
                case .twice(let earlier, let later): #expect(earlier == moment || later == moment, "\(name)")
                case .never: Issue.record("\(name) shows a time that it skips, at \(moment.iso8601)")
                }
            }
        }
    }
}

@Suite struct `A compiled time zone` {
    /// What `zic -b slim` writes: hardly any transitions, and the rule.
    private func slim(_ rule: String, version: Character = "2", times: [(Int32, UInt8)] = []) -> [UInt8] {
        func header(_ times: Int, _ types: Int) -> [UInt8] {
            Array("TZif\(version)".utf8) + [UInt8](repeating: 0, count: 15) + [0, 0, 0].flatMap { bytes(Int32($0)) }
                + bytes(Int32(times)) + bytes(Int32(types)) + bytes(4)
        }
        func bytes(_ value: Int32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        let types = bytes(3600) + [0, 0] + bytes(7200) + [1, 0] + Array("LMT\0".utf8)
        let first = header(0, 1) + types.prefix(6) + types.suffix(4)
        let times64 = times.flatMap { [UInt8](repeating: $0.0 < 0 ? 0xFF : 0, count: 4) + bytes($0.0) }
        return first + header(times.count, 2) + times64 + times.map(\.1) + types + Array("\n\(rule)\n".utf8)
    }

    @Test func `may consist of its rule alone`() throws {
        let rules = try TimeZoneRules(tzif: slim("CET-1CEST,M3.5.0,M10.5.0/3"))
        let berlin = try ZoneFiles.rules("Europe/Berlin")
        for day in 0..<12_000 {
            let moment = Timestamp(milliseconds: 1_000_000_000_000 + Int64(day) * 86_400_000 * 2 / 3)
            #expect(rules.offset(at: moment) == berlin.offset(at: moment), "\(moment.iso8601)")
        }
    }

    @Test func `follows its transitions before its rule`() throws {
        let rules = try TimeZoneRules(tzif: slim("CET-1", times: [(-1000, 1), (1000, 0)]))
        #expect(rules.offset(at: Timestamp(milliseconds: -1_000_001)) == 3600)
        #expect(rules.offset(at: Timestamp(milliseconds: -1_000_000)) == 7200)
        #expect(rules.offset(at: Timestamp(milliseconds: 999_999)) == 7200)
        #expect(rules.offset(at: Timestamp(milliseconds: 1_000_000)) == 3600)
    }

    @Test func `of version 1 keeps its last offset`() throws {
        var bytes = try ZoneFiles.bytes("Europe/Berlin")
        bytes[4] = 0
        let rules = try TimeZoneRules(tzif: bytes)
        #expect(rules.offset(at: try .at("2026-07-01")) == 7200)
        #expect(rules.offset(at: try .at("2099-07-01")) == 3600)
    }

    @Test(arguments: [
        ("EST5EDT,0/0,J365/25", -4),  // daylight saving time all year round, RFC 9636 section 3.3.1
        ("XXX3EDT4,0/0,J365/23", -4),
        ("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", -2),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", 1),
        ("IST-2IDT,M3.4.4/26,M10.5.0", 3),
        ("NZST-12NZDT,M9.5.0,M4.1.0/3", 12),
        ("AAA1BBB,J60,J300", 0),
        ("AAA1BBB,59,299", 0),
        ("<+0530>-5:30", 5),
    ]) func `takes any POSIX rule`(rule: String, hoursInJuly: Int) throws {
        let rules = try TimeZoneRules(tzif: slim(rule, version: "3"))
        let july = try Timestamp.at("2026-07-01T12:00Z")
        #expect(rules.offset(at: july) / 3600 == hoursInJuly)
        // Where it is always summer, the new year is no change either.
        if rule.contains("J365") {
            #expect(rules.nextChange(after: july) == nil)
            #expect(rules.offset(at: try .at("2027-01-01T03:30Z")) / 3600 == hoursInJuly)
        }
    }

    @Test(arguments: ["CET", "CE-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M1.1.1", "CET-1x", "<CET-1"])
    func `with another rule is refused`(rule: String) {
        #expect(throws: TimeZoneError.invalidRule(rule)) { try TimeZoneRules(tzif: slim(rule)) }
    }

    @Test func `with leap seconds is refused`() throws {
        var bytes = slim("CET-1", version: "2")
        // The count of leap seconds in the second header, which begins after 44 + 10 bytes.
        bytes[54 + 31] = 27
        #expect(throws: TimeZoneError.leapSeconds) { try TimeZoneRules(tzif: bytes) }
    }

    @Test func `that is cut off anywhere is refused`() throws {
        let bytes = try ZoneFiles.bytes("Europe/Berlin")
        #expect(throws: TimeZoneError.truncated) { try TimeZoneRules(tzif: []) }
        #expect(throws: TimeZoneError.notTZif) { try TimeZoneRules(tzif: Array("# a text file\n".utf8)) }
        for length in 0..<bytes.count {
            #expect(throws: TimeZoneError.truncated) { try TimeZoneRules(tzif: Array(bytes.prefix(length))) }
        }
    }

    @Test(arguments: 0..<500) func `of damaged bytes is read or refused`(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        var bytes = generator.chance(50) ? slim("CET-1CEST,M3.5.0,M10.5.0/3") : try ZoneFiles.bytes("Europe/Berlin")
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            bytes[Int.random(in: 4..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        guard let rules = try? TimeZoneRules(tzif: bytes) else { return }
        for moment in [Timestamp(milliseconds: .min), Timestamp(milliseconds: 0), Timestamp(milliseconds: .max)] {
            let local = rules.local(at: moment)
            _ = rules.timestamps(forLocal: local)
            _ = rules.nextChange(after: moment)
        }
    }
}
