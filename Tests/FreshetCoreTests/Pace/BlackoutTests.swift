import Testing

@testable import FreshetCore

@Suite struct `A blackout` {
    private func berlin() throws -> (String) -> TimeZoneRules {
        let rules = try ZoneFiles.rules("Europe/Berlin")
        return { _ in rules }
    }

    private func release(
        _ windows: [Blackout.Window],
        due: String,
        now: String? = nil,
        offset: Duration = .zero
    ) throws -> String? {
        let due = try Timestamp.at(due)
        let now = try now.map { try Timestamp.at($0) } ?? due
        return Blackout(windows).release(of: due, offset: offset, at: now, zone: try berlin())?.iso8601
    }

    private func window(_ from: Int, _ to: Int, _ weekdays: Set<Int> = Set(1...7)) -> Blackout.Window {
        Blackout.Window(weekdays: weekdays, from: from, to: to, timeZone: "Europe/Berlin")
    }

    @Test func `holds from its first moment, and up to its end`() throws {
        let office = [window(8 * 60, 18 * 60, Set(1...5))]
        // A Monday in winter, an hour before UTC.
        #expect(try release(office, due: "2026-11-23T06:59:59Z") == nil)
        #expect(try release(office, due: "2026-11-23T07:00:00Z") == "2026-11-23T17:00:00Z")
        #expect(try release(office, due: "2026-11-23T17:00:00Z") == nil)
        #expect(try release(office, due: "2026-11-22T12:00:00Z") == nil, "a Sunday")
        #expect(try release(office, due: "2026-11-23T01:00:00Z", now: "2026-11-23T09:00:00Z") == "2026-11-23T17:00:00Z")
    }

    @Test func `across midnight belongs to the day on which it begins`() throws {
        let fridays = [window(22 * 60, 6 * 60, [5])]
        #expect(try release(fridays, due: "2026-11-20T21:00:00Z") == "2026-11-21T05:00:00Z")
        #expect(try release(fridays, due: "2026-11-21T04:00:00Z") == "2026-11-21T05:00:00Z")
        #expect(try release(fridays, due: "2026-11-20T04:00:00Z") == nil, "the night before")
        #expect(try release([window(20 * 60, 1440)], due: "2026-11-20T22:00:00Z") == "2026-11-20T23:00:00Z")
    }

    @Test func `that overlaps or touches another is one with it`() throws {
        let two = [window(8 * 60, 12 * 60), window(11 * 60, 14 * 60), window(14 * 60, 15 * 60)]
        #expect(try release(two, due: "2026-11-23T08:00:00Z") == "2026-11-23T14:00:00Z")
    }

    @Test func `covers all that the clocks show of it when they are put back or forward`() throws {
        // 2026-10-25, 03:00 CEST becomes 02:00 CET: 02:30 is shown at 00:30Z and at 01:30Z.
        let night = [window(60, 150)]
        #expect(try release(night, due: "2026-10-25T00:45:00Z") == "2026-10-25T01:30:00Z")
        #expect(try release([window(150, 240)], due: "2026-10-25T00:40:00Z") == "2026-10-25T03:00:00Z")
        // 2026-03-29, 02:00 CET becomes 03:00 CEST: 02:30 is not shown.
        #expect(try release(night, due: "2026-03-29T00:30:00Z") == "2026-03-29T01:00:00Z")
        #expect(try release([window(130, 150)], due: "2026-03-29T01:00:00Z") == nil, "it is not shown at all")
    }

    @Test func `lets go of what is staggered at moments of its own, however often that is asked`() throws {
        let office = [window(8 * 60, 18 * 60)]
        let offset = Duration.seconds(300)
        for now in ["2026-11-23T06:00:00Z", "2026-11-23T12:00:00Z", "2026-11-23T17:02:00Z"] {
            let moment = try release(office, due: "2026-11-23T10:00:00Z", now: now, offset: offset)
            #expect(moment == "2026-11-23T17:05:00Z", "asked at \(now)")
        }
        #expect(try release(office, due: "2026-11-23T10:00:00Z", now: "2026-11-23T17:05:00Z", offset: offset) == nil)
        #expect(try release(office, due: "2026-11-23T17:01:00Z", now: "2026-11-23T17:02:00Z", offset: offset) == nil)
    }

    @Test(arguments: 0..<300) func `releases at the first moment outside of every window`(seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let zone = try berlin()
        let windows = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
            let from = Int.random(in: 0..<1440, using: &generator)
            let days = Set((1...7).filter { _ in generator.chance(60) })
            return window(from, Int.random(in: 1...1440, using: &generator), days.subtracting([3]))
        }
        // Around both changes of the clocks.
        let start = try Timestamp.at(generator.chance(50) ? "2026-03-27T00:00:00Z" : "2026-10-23T00:00:00Z")
        let due = start + .seconds(60 * Int.random(in: 0..<5 * 1440, using: &generator))
        var moment = due
        while windows.contains(where: { shows(moment, $0, zone("")) }) { moment = moment + .seconds(60) }
        let release = Blackout(windows).release(of: due, at: due, zone: zone)
        #expect((release ?? due) >= moment, "inside a window by the clocks on the wall")
        // What lies between two showings of one time is covered too.
        #expect((release ?? due) - moment <= .seconds(3600))
    }

    /// Whether the clocks show a time of the window, told without its code.
    private func shows(_ moment: Timestamp, _ window: Blackout.Window, _ zone: TimeZoneRules) -> Bool {
        let local = zone.local(at: moment)
        let minute = local.secondOfDay / 60
        if window.to > window.from {
            return window.weekdays.contains(local.date.weekday) && minute >= window.from && minute < window.to
        }
        let yesterday = local.date.adding(days: -1).weekday
        return window.weekdays.contains(local.date.weekday) && minute >= window.from
            || window.weekdays.contains(yesterday) && minute < window.to
    }

    @Test func `of a whole week is known as one`() {
        #expect(Blackout([window(0, 1440)]).coversTheWeek)
        #expect(Blackout([window(8 * 60, 18 * 60), window(18 * 60, 8 * 60)]).coversTheWeek)
        #expect(!Blackout([window(8 * 60, 18 * 60), window(18 * 60, 8 * 60, Set(1...6))]).coversTheWeek)
        #expect(!Blackout().coversTheWeek)
    }
}

@Suite struct `The pace of a run` {
    private let noon = Scenario.noon

    @Test func `is staggered from the event, within its span, and not from its last start`() {
        var policy = AutomationPolicy(minInterval: .seconds(900), stagger: .seconds(600))
        let history = Pace.History(changes: [noon], askedAt: noon)
        let offset = Duration.seconds(100)
        #expect(
            Pace.due([], policy, history, at: noon, offset: offset) == Pace.Due(at: noon + offset, delay: .staggered)
        )
        let recent = Pace.History(changes: [noon], lastStart: noon - .seconds(100))
        let due = Pace.due([], policy, recent, at: noon, offset: offset)
        #expect(due == Pace.Due(at: noon + .seconds(800), delay: .insideMinInterval))
        policy.quietPeriod = .seconds(60)
        #expect(Pace.due([], policy, history, at: noon, offset: offset).at == noon + .seconds(160))
    }

    @Test func `offsets spread over the span, and stay the same`() {
        let span = Duration.seconds(600)
        let offsets = (0..<300).map { Stagger.offset(of: AssetKey("model \($0)"), within: span) }
        #expect(offsets.allSatisfy { $0 >= .zero && $0 < span })
        for tenth in 0..<10 {
            let share = offsets.count { $0 >= span / 10 * tenth && $0 < span / 10 * (tenth + 1) }
            #expect((10...60).contains(share), "tenth \(tenth)")
        }
        #expect(Stagger.offset(of: "model 1", within: span) == offsets[1])
        #expect(Stagger.offset(of: "model 1", within: .zero) == .zero)
    }

    @Test func `a blackout holds also what a moved input would free`() {
        let policy = AutomationPolicy(blackout: Blackout([Blackout.Window(from: 0, to: 720)]))
        let failure = Pace.History.Failure(at: noon, retry: .later, inARow: 1, inputsMoved: true)
        let night = Timestamp(seconds: 1_776_988_800 + 60)  // 2026-04-24T00:01:00Z
        let due = Pace.due([], policy, Pace.History(changes: [night], failure: failure), at: night)
        #expect(due == Pace.Due(at: Timestamp(seconds: 1_776_988_800 + 43_200), delay: .blackout))
    }

    @Test func `a quota opens when the oldest use that counts is as old as the window`() {
        let quota = Quota(limit: 8, window: .seconds(86_400))
        let uses = (0..<8).map { noon + .seconds($0 * 600) }
        let now = noon + .seconds(5000)
        #expect(quota.opening(after: uses, at: now) == noon + .seconds(86_400))
        #expect(quota.opening(after: uses.dropFirst(), at: now) == nil)
        #expect(quota.opening(after: uses + [noon + .seconds(4500)], at: now) == noon + .seconds(600 + 86_400))
        #expect(quota.opening(after: uses, at: noon + .seconds(86_400)) == nil)
        let evening = noon + .seconds(80_000)
        #expect(quota.openingAfterRefusal(uses, at: evening) == noon + .seconds(86_400))
        // Those of others may leave it earlier.
        #expect(quota.openingAfterRefusal(uses, at: now) == now + .seconds(3 * 3600))
        #expect(quota.openingAfterRefusal([], at: now) == now + .seconds(3 * 3600))
    }

    @Test func `a date changes at local midnight, by the clocks of the zone`() throws {
        let berlin = try ZoneFiles.rules("Europe/Berlin")
        let start = try Timestamp.at("2026-11-20T22:59:00Z")
        #expect(DayChange(since: start, at: try .at("2026-11-20T22:59:59Z"), in: berlin) == nil)
        let change = DayChange(since: start, at: try .at("2026-11-20T23:00:00Z"), in: berlin)
        #expect(change == DayChange(from: "2026-11-20", to: "2026-11-21"))
        #expect(DayChange.next(after: start, in: berlin) == (try .at("2026-11-20T23:00:00Z")))
        // In Beirut the clocks are put forward at midnight: the date begins at one.
        let beirut = try ZoneFiles.rules("Asia/Beirut")
        let before = try Timestamp.at("2026-03-28T12:00:00Z")
        #expect(DayChange.next(after: before, in: beirut).iso8601 == "2026-03-28T22:00:00Z")
    }
}
