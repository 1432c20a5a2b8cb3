/// A day of the Gregorian calendar, extended into the past, without a time zone.
///
/// The arithmetic is Howard Hinnant's, *chrono-Compatible Low-Level Date Algorithms* (2013).
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days after 1970-01-01.
    public var daysSinceEpoch: Int

    /// The day so many days after 1970-01-01; before it when negative.
    public init(daysSinceEpoch: Int) { self.daysSinceEpoch = daysSinceEpoch }

    /// The day of that name, or `nil` when the calendar has none.
    ///
    /// - Parameters:
    ///   - year: astronomical (1 BC is 0), at most 1,000,000 away from 0.
    ///   - month: 1 to 12.
    ///   - day: 1 to 31.
    public init?(year: Int, month: Int, day: Int) {
        guard abs(year) <= 1_000_000, (1...12).contains(month), day >= 1 else { return nil }
        guard day <= Self.daysIn(month: month, of: year) else { return nil }
        self.init(validYear: year, month: month, day: day)
    }

    /// For days that are known to exist.
    init(validYear year: Int, month: Int, day: Int) {
        let year = month <= 2 ? year - 1 : year
        let era = year.floored(by: 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        daysSinceEpoch = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The astronomical year, the month 1 to 12 and the day 1 to 31.
    public var components: (year: Int, month: Int, day: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = shifted.floored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// Astronomical: 1 BC is 0.
    public var year: Int { components.year }
    /// 1 to 12.
    public var month: Int { components.month }
    /// 1 to 31.
    public var day: Int { components.day }

    /// 1 (Monday) to 7 (Sunday), as in ISO 8601.
    public var weekday: Int { (daysSinceEpoch + 3).remainder(by: 7) + 1 }

    /// The day so many days later; earlier when negative.
    public func adding(days: Int) -> CivilDate { CivilDate(daysSinceEpoch: daysSinceEpoch + days) }

    /// Earlier days are less.
    public static func < (lhs: CivilDate, rhs: CivilDate) -> Bool { lhs.daysSinceEpoch < rhs.daysSinceEpoch }

    /// Whether the year has 366 days, by the Gregorian rule.
    public static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// The length of a month, given as 1 to 12: 28 to 31.
    public static func daysIn(month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// As in ISO 8601: `2026-01-31`, years beyond four digits with their sign.
    public var description: String {
        let (year, month, day) = components
        let sign = year < 0 ? "-" : year > 9999 ? "+" : ""
        return "\(sign)\(year.magnitude.padded(4))-\(month.magnitude.padded(2))-\(day.magnitude.padded(2))"
    }
}

/// A day and a time of day on a wall clock, in no particular zone.
public struct CivilDateTime: Hashable, Comparable, Sendable {
    /// The day that the calendar shows.
    public var date: CivilDate
    /// Seconds after midnight on the clock, 0 to 86,399.
    public var secondOfDay: Int

    /// Midnight, unless a second of the day is given.
    public init(_ date: CivilDate, secondOfDay: Int = 0) {
        self.date = date
        self.secondOfDay = secondOfDay
    }

    /// Seconds from 1970-01-01T00:00:00 on the same clock.
    init(secondsSinceEpoch seconds: Int) {
        date = CivilDate(daysSinceEpoch: seconds.floored(by: 86_400))
        secondOfDay = seconds.remainder(by: 86_400)
    }
    var secondsSinceEpoch: Int { date.daysSinceEpoch * 86_400 + secondOfDay }

    /// 0 to 23.
    public var hour: Int { secondOfDay / 3600 }
    /// 0 to 59.
    public var minute: Int { secondOfDay / 60 % 60 }
    /// 0 to 59.
    public var second: Int { secondOfDay % 60 }

    /// As on one clock that is never put back.
    public static func < (lhs: CivilDateTime, rhs: CivilDateTime) -> Bool {
        (lhs.date, lhs.secondOfDay) < (rhs.date, rhs.secondOfDay)
    }
}

extension BinaryInteger {
    /// The quotient, rounded down also below zero.
    func floored(by divisor: Self) -> Self { self / divisor - (self % divisor < 0 ? 1 : 0) }

    /// The remainder of ``floored(by:)``, from 0 to below the divisor.
    func remainder(by divisor: Self) -> Self {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}

extension UnsignedInteger {
    /// In decimal, with zeros before it up to so many digits.
    func padded(_ digits: Int) -> String {
        let text = String(self)
        return String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
    }
}
