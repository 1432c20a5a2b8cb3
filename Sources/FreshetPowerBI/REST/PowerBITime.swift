internal import FreshetCore

/// Reads the moments that the service writes.
enum PowerBITime {
    /// `2024-03-01T12:30:00` with an optional fraction and an optional zone; none means UTC.
    ///
    /// History writes `Z` and up to seven digits of fraction, details no zone at all, some pages an offset.
    static func parse(_ text: String) -> Timestamp? {
        var reader = Reader(text.utf8)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2)
        else { return nil }
        var second = 0
        if reader.skip(":") {
            guard let value = reader.number(2) else { return nil }
            second = value
        }
        guard let fraction = reader.fraction(), let offset = reader.zone(), reader.isAtEnd else { return nil }
        return moment(year, month, day, hour, minute, second).map {
            Timestamp(milliseconds: $0 + Int64(fraction) - Int64(offset) * 60_000)
        }
    }

    /// The format of `Date` and `Retry-After`, such as `Wed, 20 Mar 2024 07:22:43 GMT` (RFC 9110, 5.6.7).
    static func parseHTTPDate(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), let year = Int(words[3]),
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        var reader = Reader(String(words[4]).utf8)
        guard let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2), reader.skip(":"),
            let second = reader.number(2), reader.isAtEnd
        else { return nil }
        return moment(year, month + 1, day, hour, minute, second).map(Timestamp.init(milliseconds:))
    }

    /// `2024-03-01T12:30:00.123Z`.
    static func format(_ moment: Timestamp) -> String {
        let (days, rest) = moment.milliseconds.quotientAndRemainderRoundingDown(by: 86_400_000)
        let (year, month, day) = date(ofDay: days)
        let clock = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { padded($0, 2) }
        let date = [padded(year, 4), padded(month, 2), padded(day, 2)]
        return date.joined(separator: "-") + "T" + clock.joined(separator: ":") + "." + padded(rest % 1000, 3) + "Z"
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Milliseconds since 1970; `nil` when the calendar has no such day, or the day no such time.
    private static func moment(
        _ year: Int,
        _ month: Int,
        _ day: Int,
        _ hour: Int,
        _ minute: Int,
        _ second: Int
    ) -> Int64? {
        guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60 else { return nil }
        let days = dayNumber(year, month, day)
        guard date(ofDay: days) == (Int64(year), Int64(month), Int64(day)) else { return nil }
        return ((days * 24 + Int64(hour)) * 60 + Int64(minute)) * 60_000 + Int64(second) * 1000
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar; years begin in March, so that the leap day is last.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let shifted = Int64(month <= 2 ? year - 1 : year)
        let monthIndex = Int64((month + 9) % 12)
        let (era, yearOfEra) = shifted.quotientAndRemainderRoundingDown(by: 400)
        let dayOfYear = (153 * monthIndex + 2) / 5 + Int64(day) - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(ofDay day: Int64) -> (Int64, Int64, Int64) {
        let (era, dayOfEra) = (day + 719_468).quotientAndRemainderRoundingDown(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// Takes digits and marks off the front of a text.
    private struct Reader {
        private var rest: ArraySlice<UInt8>
        init(_ text: String.UTF8View) { rest = Array(text)[...] }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func number(_ width: Int) -> Int? {
            let digits = rest.prefix(width)
            guard digits.count == width, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            rest = rest.dropFirst(width)
            return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        mutating func skip(_ mark: Unicode.Scalar) -> Bool {
            guard let first = rest.first, first == UInt8(ascii: mark) else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// Milliseconds; zero when there is no fraction.
        mutating func fraction() -> Int? {
            guard skip(".") else { return 0 }
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            rest = rest.dropFirst(digits.count)
            let padded = (Array(digits) + [0x30, 0x30]).prefix(3)
            return padded.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        /// Minutes east of UTC; zero when there is no zone.
        mutating func zone() -> Int? {
            if isAtEnd || skip("Z") || skip("z") { return 0 }
            let isWest = skip("-")
            guard isWest || skip("+"), let hours = number(2) else { return nil }
            _ = skip(":")
            guard let minutes = isAtEnd ? 0 : number(2) else { return nil }
            return (isWest ? -1 : 1) * (hours * 60 + minutes)
        }
    }
}

extension Int64 {
    fileprivate func quotientAndRemainderRoundingDown(by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
