import Testing

@testable import FreshetCore

@Suite struct `A cron expression` {
    private func times(_ text: String, after start: String, in zone: String = "UTC", _ count: Int) throws -> [String] {
        try CronExpression(parsing: text)
            .times(after: .at(start), in: ZoneFiles.rules(zone), count: count).map(\.iso8601)
    }

    @Test(arguments: [
        ("0 0 6 * * *", "six"), ("* * *", "not 3"), ("60 * * * *", "0 to 59"), ("* * * * 8", "0 to 7"),
        ("22-2 * * * *", "22-23,0-2"), ("* * * foo *", "no month"), ("*/0 * * * *", "1 or more"),
        ("0 0 30 2 *", "never comes"), ("@reboot", "no"), ("0 0 15W * *", "means nothing"), ("* L * * *", "means nothing"),
        ("0 0 * * 5#6", "means nothing"), ("٣ * * * *", "no minute"), ("+3 * * * *", "no minute"),
    ])
    func `that is not right says what to write`(text: String, part: String) {
        do {
            _ = try CronExpression(parsing: text)
            Issue.record("'\(text)' is taken")
        } catch {
            #expect(error.description.contains(part), "\(error)")
        }
    }

    @Test(arguments: [
        ("30 7 * * mon-fri", ["2026-11-23T07:30:00Z", "2026-11-24T07:30:00Z"]),
        ("0 0 L * *", ["2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z"]),
        ("0 0 LW * *", ["2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z"]),
        ("0 0 * * 5L", ["2026-11-27T00:00:00Z", "2026-12-25T00:00:00Z"]),
        ("0 0 * * L5", ["2026-11-27T00:00:00Z", "2026-12-25T00:00:00Z"]),
        ("0 0 * * 5#2", ["2026-12-11T00:00:00Z", "2027-01-08T00:00:00Z"]),
        ("50/4 12 * * *", ["2026-11-22T12:50:00Z", "2026-11-22T12:54:00Z"]),
        ("@quarterly", ["2027-01-01T00:00:00Z", "2027-04-01T00:00:00Z"]),
        ("0 0 1 * 1", ["2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"]),
        ("0 0 29 2 *", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]),
        ("0 12 ? * 7", ["2026-11-22T12:00:00Z", "2026-11-29T12:00:00Z"]),
        ("0 0 * * fri-sun", ["2026-11-22T00:00:00Z", "2026-11-27T00:00:00Z"]),
    ])
    func `means these times`(text: String, expected: [String]) throws {
        #expect(try times(text, after: "2026-11-21T15:00:00Z", 2) == expected)
    }

    @Test func `of a time of day comes once where the clocks leave it out, at the end of the gap`() throws {
        let found = try times("30 2 * * *", after: "2026-03-28T12:00:00Z", in: "Europe/Berlin", 2)
        #expect(found == ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"])
        let both = try times("15,45 2 * * *", after: "2026-03-28T12:00:00Z", in: "Europe/Berlin", 2)
        #expect(both == ["2026-03-29T01:00:00Z", "2026-03-30T00:15:00Z"])
    }

    @Test func `of a time of day comes once where the clocks show it twice, at the first`() throws {
        let found = try times("30 2 * * *", after: "2026-10-24T12:00:00Z", in: "Europe/Berlin", 2)
        #expect(found == ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"])
        let fromWithin = try times("30 2 * * *", after: "2026-10-25T01:10:00Z", in: "Europe/Berlin", 1)
        #expect(fromWithin == ["2026-10-26T01:30:00Z"])
    }

    @Test func `with a star goes by elapsed time`() throws {
        let found = try times("*/30 2 * * *", after: "2026-10-24T23:59:00Z", in: "Europe/Berlin", 4)
        #expect(
            found == ["2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"]
        )
        #expect(try times("*/30 2 * * *", after: "2026-03-28T12:00:00Z", in: "Europe/Berlin", 1) == ["2026-03-30T00:00:00Z"])
    }

    @Test func `with H means one time for each name, the same each time`() throws {
        let texts = (0..<40).map { "powerbi/model\($0)" }
        var found: Set<Timestamp> = []
        for name in texts {
            let start = try Timestamp.at("2026-11-21T00:00:00Z")
            let first = try CronExpression(parsing: "H 6 * * *", name: name).next(after: start, in: .utc)
            #expect(first == (try CronExpression(parsing: "H 6 * * *", name: name).next(after: start, in: .utc)))
            found.insert(try #require(first))
        }
        #expect(found.count > 20)
        let quarter = try CronExpression(parsing: "H/15 * * * *", name: "a")
        let times = quarter.times(after: try .at("2026-11-21T00:00:00Z"), in: .utc, count: 3)
        #expect(times[1] - times[0] == .seconds(900) && times[2] - times[1] == .seconds(900))
    }

    @Test func `warns where others would read the days otherwise`() throws {
        #expect(try CronExpression(parsing: "0 0 */2 * mon").warnings.count == 1)
        #expect(try CronExpression(parsing: "0 0 */2 * *").warnings.isEmpty)
        #expect(try CronExpression(parsing: "0 0 1 * mon").warnings.isEmpty)
    }

    /// Each slot lies after the one before, on every change of clocks of every zone for years.
    @Test func `moves forward in every zone`() throws {
        for name in try ZoneFiles.names {
            let zone = try ZoneFiles.rules(name)
            for text in ["30 2 * * *", "*/20 1-3 * * *", "0 0 * * *"] {
                let expression = try CronExpression(parsing: text)
                var moment = try Timestamp.at("2024-01-01T00:00:00Z")
                let end = try Timestamp.at("2026-01-01T00:00:00Z")
                while let change = zone.nextChange(after: moment), change < end {
                    let times = expression.times(after: change - .seconds(86_400), in: zone, count: 20)
                    for (earlier, later) in zip(times, times.dropFirst()) {
                        #expect(earlier < later, "\(name) \(text)")
                    }
                    moment = change
                }
            }
        }
    }
}

@Suite struct `A schedule` {
    private func schedule(_ catchup: Schedule.Catchup) throws -> Schedule {
        Schedule([try CronExpression(parsing: "0 6 * * *")], catchup: catchup)
    }

    @Test func `answers the latest slot that was missed`() throws {
        let due = try schedule(.latest).due(after: .at("2026-11-18T07:00:00Z"), through: .at("2026-11-21T15:00:00Z"), in: .utc)
        #expect(due.map(\.iso8601) == ["2026-11-21T06:00:00Z"])
    }

    @Test func `answers none that was missed, and the one of a moment ago`() throws {
        let none = try schedule(.none)
        #expect(try none.due(after: .at("2026-11-18T07:00:00Z"), through: .at("2026-11-21T15:00:00Z"), in: .utc).isEmpty)
        let now = try none.due(after: .at("2026-11-18T07:00:00Z"), through: .at("2026-11-21T06:00:01Z"), in: .utc)
        #expect(now.map(\.iso8601) == ["2026-11-21T06:00:00Z"])
    }

    @Test func `answers all that were missed, oldest first`() throws {
        let due = try schedule(.all).due(after: .at("2026-11-18T07:00:00Z"), through: .at("2026-11-21T15:00:00Z"), in: .utc)
        #expect(due.map(\.iso8601) == ["2026-11-19T06:00:00Z", "2026-11-20T06:00:00Z", "2026-11-21T06:00:00Z"])
    }

    @Test func `has none when the clock is set back`() throws {
        #expect(try schedule(.all).due(after: .at("2026-11-21T07:00:00Z"), through: .at("2026-11-20T05:00:00Z"), in: .utc).isEmpty)
    }
}
