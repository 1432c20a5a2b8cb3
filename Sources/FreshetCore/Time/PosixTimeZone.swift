/// The rule by which the clocks of a place change each year, as in `CET-1CEST,M3.5.0,M10.5.0/3`.
///
/// - SeeAlso: POSIX.1-2024, Base Definitions 8.3, variable TZ; RFC 9636, section 3.3.1 for hours from -167 to 167.
struct PosixTimeZone: Hashable, Sendable {
    /// Seconds east of UTC, where POSIX counts west.
    var standardOffset: Int
    var daylight: Daylight?

    struct Daylight: Hashable {
        var offset: Int
        /// By the clocks of standard time.
        var start: Change
        /// By the clocks of daylight saving time.
        var end: Change
    }

    /// A moment of each year, on the clocks that hold until then.
    struct Change: Hashable {
        var day: Day
        /// After midnight; may lie on another day.
        var seconds: Int

        enum Day: Hashable {
            /// The last of a weekday (0 for Sunday) in a month when `week` is 5, else the first to the fourth.
            case weekday(Int, week: Int, month: Int)
            /// 1 to 365; 29 February is never counted.
            case julian(Int)
            /// 0 to 365; 29 February is counted.
            case ordinal(Int)
        }

        /// Seconds from 1970-01-01T00:00:00 on the same clocks.
        func seconds(in year: Int) -> Int { day.date(in: year).daysSinceEpoch * 86_400 + seconds }
    }

    /// The time around this second in which the clocks are not changed.
    func period(at time: Int) -> TimeZoneRules.Period {
        guard let daylight else {
            return TimeZoneRules.Period(
                offset: standardOffset,
                start: TimeZoneRules.distantPast,
                end: TimeZoneRules.distantFuture
            )
        }
        let year = CivilDateTime(secondsSinceEpoch: time + standardOffset).date.year
        let changes = changes(of: daylight, from: year - 2, through: year + 2)
        let index = changes.lastIndex { $0.time <= time } ?? 0
        // What comes last in these years may be undone at the same moment by the first of the next.
        let isLast = index + 2 >= changes.count
        return TimeZoneRules.Period(
            offset: changes[index].offset,
            start: changes[index].time,
            end: isLast ? TimeZoneRules.distantFuture : changes[index + 1].time
        )
    }

    /// In ascending order, without those that are undone at the same moment or change nothing.
    private func changes(of daylight: Daylight, from first: Int, through last: Int) -> [TimeZoneRules.Transition] {
        var changes: [TimeZoneRules.Transition] = []
        for year in first...last {
            let start = TimeZoneRules.Transition(
                time: daylight.start.seconds(in: year) - standardOffset,
                offset: daylight.offset
            )
            let end = TimeZoneRules.Transition(
                time: daylight.end.seconds(in: year) - daylight.offset,
                offset: standardOffset
            )
            for change in start.time < end.time ? [start, end] : [end, start] {
                if let previous = changes.last, previous.time >= change.time { changes.removeLast() }
                if changes.last?.offset != change.offset { changes.append(change) }
            }
        }
        return changes
    }
}

extension PosixTimeZone.Change.Day {
    fileprivate func date(in year: Int) -> CivilDate {
        switch self {
        case .julian(let day):
            let isAfterLeapDay = CivilDate.isLeap(year) && day >= 60
            return CivilDate(validYear: year, month: 1, day: 1).adding(days: isAfterLeapDay ? day : day - 1)
        case .ordinal(let day):
            return CivilDate(validYear: year, month: 1, day: 1).adding(days: day)
        case .weekday(let weekday, let week, let month):
            let first = CivilDate(validYear: year, month: month, day: 1)
            let day = (weekday - first.weekday).remainder(by: 7) + (week - 1) * 7
            return first.adding(days: day < CivilDate.daysIn(month: month, of: year) ? day : day - 7)
        }
    }
}
