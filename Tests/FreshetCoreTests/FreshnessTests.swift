import Testing

@testable import FreshetCore

@Suite struct `Freshness` {
    private func state(
        _ policy: FreshnessPolicy,
        data: String?,
        now: String,
        zone: String = "Europe/Berlin"
    ) throws -> FreshnessState {
        let rules = try ZoneFiles.rules(zone)
        return try policy.state(dataTime: data.map { try .at($0) }, now: .at(now), zone: rules)
    }

    private func by(
        _ hour: Int,
        _ minute: Int,
        on weekdays: Set<Int> = Set(1...7),
        maxDataAge: Duration? = nil
    ) -> FreshnessPolicy {
        FreshnessPolicy(
            by: FreshnessPolicy.Deadline(
                minuteOfDay: hour * 60 + minute,
                weekdays: weekdays,
                timeZone: "Europe/Berlin"
            ),
            maxDataAge: maxDataAge
        )
    }

    @Test func `is unknown without a data time`() throws {
        #expect(try state(by(7, 30), data: nil, now: "2026-02-02T12:00Z") == .unknown)
        #expect(try state(FreshnessPolicy(), data: nil, now: "2026-02-02T12:00Z") == .unknown)
    }

    @Test func `is for ever where nothing is asked`() throws {
        #expect(try state(FreshnessPolicy(), data: "2020-01-01", now: "2026-02-02T12:00Z") == .fresh(until: nil))
        let never = by(7, 30, on: [])
        #expect(try state(never, data: "2020-01-01", now: "2026-02-02T12:00Z") == .fresh(until: nil))
    }

    @Test func `without a deadline ends when the data is too old`() throws {
        let policy = FreshnessPolicy(maxDataAge: .seconds(7200))
        let end = try Timestamp.at("2026-02-02T12:00Z")
        #expect(try state(policy, data: "2026-02-02T10:00Z", now: "2026-02-02T11:00Z") == .fresh(until: end))
        #expect(try state(policy, data: "2026-02-02T10:00Z", now: "2026-02-02T12:00Z") == .fresh(until: end))
        #expect(try state(policy, data: "2026-02-02T10:00Z", now: "2026-02-02T12:00:00.001Z") == .late(since: end))
    }

    // 2026-02-02 is a Monday; Berlin is an hour ahead of UTC.

    @Test func `lasts until the first deadline that the data misses`() throws {
        let policy = by(7, 30, maxDataAge: .seconds(7200))
        let deadline = try Timestamp.at("2026-02-02T06:30Z")
        #expect(try state(policy, data: "2026-02-01T20:00Z", now: "2026-02-02T06:29Z") == .fresh(until: deadline))
        #expect(try state(policy, data: "2026-02-01T20:00Z", now: "2026-02-02T06:30Z") == .late(since: deadline))
        // Exactly two hours old is young enough.
        let next = try Timestamp.at("2026-02-03T06:30Z")
        #expect(try state(policy, data: "2026-02-02T04:30Z", now: "2026-02-02T06:30Z") == .fresh(until: next))
        #expect(try state(policy, data: "2026-02-02T04:29:59Z", now: "2026-02-02T06:30Z") == .late(since: deadline))
    }

    @Test func `returns with newer data, however late it comes`() throws {
        let policy = by(7, 30, maxDataAge: .seconds(7200))
        let next = try Timestamp.at("2026-02-03T06:30Z")
        #expect(try state(policy, data: "2026-02-02T11:00Z", now: "2026-02-02T11:05Z") == .fresh(until: next))
    }

    @Test func `was lost at the first deadline missed, not at the latest`() throws {
        let missed = try Timestamp.at("2026-02-02T06:30Z")
        let policy = by(7, 30, maxDataAge: .seconds(7200))
        #expect(try state(policy, data: "2026-02-01T20:00Z", now: "2026-02-05T12:00Z") == .late(since: missed))
    }

    @Test func `with no age asks for data of the deadline's own day`() throws {
        let policy = by(7, 30)
        let deadline = try Timestamp.at("2026-02-02T06:30Z")
        let next = try Timestamp.at("2026-02-03T06:30Z")
        // Midnight in Berlin is 23:00 in UTC.
        #expect(try state(policy, data: "2026-02-01T22:59:59Z", now: "2026-02-02T07:00Z") == .late(since: deadline))
        #expect(try state(policy, data: "2026-02-01T23:00:00Z", now: "2026-02-02T07:00Z") == .fresh(until: next))
    }

    @Test func `asks nothing at weekends where the deadline is for weekdays`() throws {
        let policy = by(7, 30, on: [1, 2, 3, 4, 5])
        let monday = try Timestamp.at("2026-02-09T06:30Z")
        #expect(try state(policy, data: "2026-02-06T05:00Z", now: "2026-02-08T12:00Z") == .fresh(until: monday))
        #expect(try state(policy, data: "2026-02-06T05:00Z", now: "2026-02-09T06:30Z") == .late(since: monday))
    }

    @Test func `lasts over deadlines that old data still meets`() throws {
        let policy = by(7, 30, maxDataAge: .seconds(3 * 86_400))
        let end = try Timestamp.at("2026-02-05T06:30Z")
        #expect(try state(policy, data: "2026-02-01T12:00Z", now: "2026-02-02T12:00Z") == .fresh(until: end))
    }

    @Test func `goes by the clocks on the days they change`() throws {
        // At 02:00 on 29 March 2026 they go forward an hour: 07:30 is 05:30 in UTC, and 02:30 is the end of the gap.
        let forward = try Timestamp.at("2026-03-29T05:30Z")
        #expect(try state(by(7, 30), data: "2026-03-28T12:00Z", now: "2026-03-29T05:30Z") == .late(since: forward))
        let gap = try Timestamp.at("2026-03-29T01:00Z")
        #expect(try state(by(2, 30), data: "2026-03-28T12:00Z", now: "2026-03-29T00:59Z") == .fresh(until: gap))
        // At 03:00 on 25 October 2026 they go back: 02:30 comes twice, and the first time counts.
        let back = try Timestamp.at("2026-10-25T00:30Z")
        #expect(try state(by(2, 30), data: "2026-10-24T12:00Z", now: "2026-10-25T00:30Z") == .late(since: back))
        let after = try Timestamp.at("2026-10-25T06:30Z")
        #expect(try state(by(7, 30), data: "2026-10-24T12:00Z", now: "2026-10-25T06:29Z") == .fresh(until: after))
    }

    @Test func `counts from a midnight that the clocks skip`() throws {
        // In Cairo on 24 April 2026 the clocks go from 00:00 to 01:00, 22:00 in UTC.
        let deadline = try Timestamp.at("2026-04-24T04:30Z")
        let next = try Timestamp.at("2026-04-25T04:30Z")
        let now = "2026-04-24T05:00Z"
        #expect(
            try state(by(7, 30), data: "2026-04-23T21:59Z", now: now, zone: "Africa/Cairo") == .late(since: deadline)
        )
        #expect(try state(by(7, 30), data: "2026-04-23T22:00Z", now: now, zone: "Africa/Cairo") == .fresh(until: next))
    }

    @Test(arguments: 0..<500) func `is what the latest deadline says`(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let zone = try ZoneFiles.rules(
            ["Europe/Berlin", "Australia/Lord_Howe", "UTC"].randomElement(using: &generator)!
        )
        let weekdays = Set((1...7).filter { _ in generator.chance(50) })
        let age: Duration? = generator.chance(50) ? nil : .seconds(Int.random(in: 60...200_000, using: &generator))
        let deadline = FreshnessPolicy.Deadline(
            minuteOfDay: Int.random(in: 0..<1440, using: &generator),
            weekdays: weekdays
        )
        let policy = FreshnessPolicy(by: deadline, maxDataAge: age)
        let now = Timestamp(seconds: Double(1_770_000_000 + Int.random(in: 0..<31_536_000, using: &generator)))
        let data = now - .seconds(Int.random(in: 0..<1_000_000, using: &generator))

        /// Every deadline of two weeks before and after, with the oldest data that meets it.
        let today = zone.local(at: now).date
        let all = (-14...14).map(today.adding(days:)).filter { weekdays.contains($0.weekday) }.map { date in
            let moment = zone.timestamp(forLocal: CivilDateTime(date, secondOfDay: deadline.minuteOfDay * 60))
            return (moment: moment, oldest: age.map { moment - $0 } ?? zone.timestamp(forLocal: CivilDateTime(date)))
        }
        let isLate = all.last { $0.moment <= now }.map { data < $0.oldest } ?? false
        let end = all.first { $0.moment > now && data < $0.oldest }?.moment

        switch policy.state(dataTime: data, now: now, zone: zone) {
        case .fresh(let until):
            #expect(!isLate)
            #expect(until == end)
        case .late(let since):
            #expect(isLate)
            #expect(since == all.first { data < $0.oldest }?.moment)
        case .unknown: Issue.record("the data time is known")
        }
    }
}
