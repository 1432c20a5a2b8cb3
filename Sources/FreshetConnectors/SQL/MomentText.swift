import FreshetCore

/// A date, or a date with time, as databases write it: `2026-05-04`, `2026-05-04 05:58:00.12+02`, or with a `T`.
///
/// - SeeAlso: ISO 8601; PostgreSQL documentation, "Date/Time Output".
struct MomentText {
    /// UTC where the text names no zone.
    let timestamp: Timestamp
    /// In ISO 8601, with every digit of the text; `Z` for a zone of zero.
    let written: String

    /// The years 1 to 9999 in UTC.
    static let milliseconds: Range<Int64> = -62_135_596_800_000..<253_402_300_800_000

    init?(_ text: String) {
        var reader = Digits(text)
        guard let year = reader.take(4), reader.skip("-"), let month = reader.take(2), reader.skip("-"),
            let day = reader.take(2), let days = Self.days(year: year, month: month, day: day)
        else { return nil }
        let date = text.prefix(10)
        guard !reader.rest.isEmpty else {
            timestamp = Timestamp(milliseconds: days * 86_400_000)
            written = String(date)
            return
        }
        guard reader.skip(" ") || reader.skip("T"), let hour = reader.take(2), hour < 24, reader.skip(":"),
            let minute = reader.take(2), minute < 60
        else { return nil }
        var second: Int64 = 0
        if reader.skip(":") {
            guard let read = reader.take(2), read < 60 else { return nil }
            second = read
        }
        var fraction = Substring()
        if reader.skip(".") {
            fraction = reader.rest.prefix { ("0"..."9").contains($0) }
            guard !fraction.isEmpty else { return nil }
            reader.rest = reader.rest.dropFirst(fraction.count)
        }
        let time = text.dropFirst(11).dropLast(reader.rest.count)
        guard let offset = Self.offset(reader.rest) else { return nil }
        // Three digits, for an Int64 that is never too small.
        let milliseconds = Int64((fraction + "000").prefix(3)) ?? 0
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        timestamp = Timestamp(milliseconds: seconds * 1000 + milliseconds)
        guard Self.milliseconds.contains(timestamp.milliseconds) else { return nil }
        let zone = reader.rest.isEmpty ? "" : offset == 0 ? "Z" : String(reader.rest)
        written = "\(date)T\(time)\(zone)"
    }

    /// Seconds east of UTC: nothing, `Z`, `+02`, `+02:30`, `+0230`.
    private static func offset(_ zone: Substring) -> Int64? {
        if zone.isEmpty || zone == "Z" { return 0 }
        var reader = Digits(zone)
        let sign: Int64
        if reader.skip("+") { sign = 1 } else if reader.skip("-") { sign = -1 } else { return nil }
        guard let hours = reader.take(2), hours < 24 else { return nil }
        guard !reader.rest.isEmpty else { return sign * hours * 3600 }
        _ = reader.skip(":")
        guard let minutes = reader.take(2), minutes < 60, reader.rest.isEmpty else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar, year by year.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64? {
        guard year >= 1, (1...12).contains(month) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[Int(month - 1)]).contains(day) else { return nil }
        let before = year - 1
        let leapDays = before / 4 - before / 100 + before / 400
        let dayOfYear = lengths[..<Int(month - 1)].reduce(0, +) + day - 1
        return before * 365 + leapDays + dayOfYear - 719_162
    }

    private struct Digits {
        var rest: Substring

        init(_ text: some StringProtocol) { rest = Substring(text) }

        mutating func take(_ count: Int) -> Int64? {
            let digits = rest.prefix(count)
            guard digits.count == count, digits.allSatisfy({ ("0"..."9").contains($0) }) else { return nil }
            rest = rest.dropFirst(count)
            return Int64(digits)
        }

        mutating func skip(_ character: Character) -> Bool {
            guard rest.first == character else { return false }
            rest = rest.dropFirst()
            return true
        }
    }
}
