/// The moments that a cron expression means, in the dialect of `docs/schedules.md`.
///
/// Five fields, or one of the aliases. The rules of time zones are those of Debian's cron: an expression with a star in
/// its minute or hour goes by elapsed time, so that the hour that the clocks show twice counts twice; every other one is
/// a time of day, and comes once on each of its days: after a gap at its end, of two at the first.
public struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// As it was written.
    public let text: String
    let minutes: CronSet
    let hours: CronSet
    let days: CronDays
    let months: CronSet
    /// Whether it means elapsed time rather than a time of day.
    let isElapsed: Bool

    public var description: String { text }

    /// - Parameters:
    ///   - text: such as `30 7 * * mon-fri`, `H 6 * * *` or `@daily`.
    ///   - name: what `H` is derived from, so that equal expressions of several assets do not all mean one moment.
    /// - Throws: ``CronError`` with the first mistake.
    public init(parsing text: String, name: String = "") throws(CronError) {
        self.text = text
        let fields = try Self.fields(of: text)
        let pieces = try zip(CronField.allCases, fields).map { pair throws(CronError) in
            try CronPieces(pair.1, of: pair.0, name: name)
        }
        minutes = pieces[0].numbers
        hours = pieces[1].numbers
        months = pieces[3].numbers
        days = CronDays(pieces[2], pieces[4], startWithStar: fields[2].hasStar || fields[4].hasStar)
        isElapsed = fields[0].hasStar || fields[1].hasStar
        // The calendar repeats itself after 400 years; within 50 every day that exists at all meets every weekday.
        guard local(from: CivilDateTime(CivilDate(daysSinceEpoch: 10_957))) != nil else { throw .never(text) }
    }

    /// What a reader of other engines may misunderstand; empty for most.
    public var warnings: [String] {
        let fields = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard fields.count == 5, fields[2] != "*", fields[4] != "*", fields[2] != "?", fields[4] != "?",
            let star = [fields[2], fields[4]].first(where: { $0.hasPrefix("*/") })
        else { return [] }
        return [
            "'\(star)' together with the other day field means days that match both, as in Debian's cron; "
                + "Airflow and Dagster run on days that match either. Write the days out to mean the same everywhere."
        ]
    }

    /// The first moment after this one; `nil` when there is none within fifty years.
    public func next(after moment: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        isElapsed ? nextElapsed(after: moment, in: zone) : nextTimeOfDay(after: moment, in: zone)
    }

    /// The next few moments after this one, in their order.
    public func times(after moment: Timestamp, in zone: TimeZoneRules, count: Int) -> [Timestamp] {
        var times: [Timestamp] = []
        while times.count < count, let next = next(after: times.last ?? moment, in: zone) { times.append(next) }
        return times
    }

    /// Within one offset from UTC after the other, clocks run as time does.
    private func nextElapsed(after moment: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        var second = moment.secondsRoundedDown + 1
        for _ in 0..<Self.mostPeriods {
            let period = zone.period(at: second)
            let clock = CivilDateTime(secondsSinceEpoch: second + period.offset)
            guard let found = local(from: clock) else { return nil }
            let seconds = found.secondsSinceEpoch - period.offset
            if seconds < period.end { return Timestamp(wholeSeconds: seconds) }
            second = period.end
        }
        return nil
    }

    private func nextTimeOfDay(after moment: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        var clock = CivilDateTime(secondsSinceEpoch: zone.local(at: moment).secondsSinceEpoch)
        while let found = local(from: clock) {
            let candidate = zone.timestamp(forLocal: found)
            if candidate > moment { return candidate }
            clock = CivilDateTime(secondsSinceEpoch: found.secondsSinceEpoch + 60)
        }
        return nil
    }

    /// The changes of clocks within fifty years, with room: there are two a year.
    private static let mostPeriods = 400
    private static let mostDays = 50 * 366

    /// The first time that the expression names, at or after this one, on clocks that are never changed.
    private func local(from start: CivilDateTime) -> CivilDateTime? {
        var date = start.date
        // A minute that has begun is over.
        var minute = (start.secondOfDay + 59) / 60
        if minute >= 1440 { (date, minute) = (date.adding(days: 1), 0) }
        for _ in 0..<Self.mostDays {
            let (year, month, day) = date.components
            if !months.contains(month) {
                date = date.adding(days: CivilDate.daysIn(month: month, of: year) - day + 1)
                minute = 0
                continue
            }
            if days.contain(date, day: day, length: CivilDate.daysIn(month: month, of: year)),
                let found = time(from: minute)
            {
                return CivilDateTime(date, secondOfDay: found * 60)
            }
            (date, minute) = (date.adding(days: 1), 0)
        }
        return nil
    }

    /// The first minute of a day, at or after this one, that hour and minute mean; `nil` for none on that day.
    private func time(from minute: Int) -> Int? {
        let hour = minute / 60
        if hours.contains(hour), let found = minutes.first(from: minute % 60) { return hour * 60 + found }
        guard let later = hours.first(from: hour + 1), let first = minutes.first(from: 0) else { return nil }
        return later * 60 + first
    }
}

extension String {
    /// Whether a field begins with what stands for every value.
    fileprivate var hasStar: Bool { hasPrefix("*") || hasPrefix("?") }
}
