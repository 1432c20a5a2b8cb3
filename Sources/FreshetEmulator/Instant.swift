/// A point in time, in microseconds since 1970 UTC.
///
/// An own type because every format the three services use differs, and because Foundation's formatters reject several of them.
struct Instant: Codable, Hashable, Comparable, Sendable {
    var microseconds: Int64

    init(microseconds: Int64) { self.microseconds = microseconds }

    init(seconds: Double) { microseconds = Instant.microseconds(in: seconds) }

    var seconds: Double { Double(microseconds) / 1_000_000 }
    /// Whole seconds since 1970, rounded down.
    var epoch: Int { Int((microseconds - Instant.remainder(microseconds, 1_000_000)) / 1_000_000) }

    static func < (left: Instant, right: Instant) -> Bool { left.microseconds < right.microseconds }
    static func + (instant: Instant, seconds: Double) -> Instant {
        let (sum, overflows) = instant.microseconds.addingReportingOverflow(microseconds(in: seconds))
        return overflows ? instant : Instant(microseconds: sum)
    }
    /// Seconds from `right` to `left`.
    static func - (left: Instant, right: Instant) -> Double {
        let (difference, overflows) = left.microseconds.subtractingReportingOverflow(right.microseconds)
        return overflows ? left.seconds - right.seconds : Double(difference) / 1_000_000
    }

    /// `2026-11-21T07:27:43.15Z`: refresh history, up to three fractional digits, trailing zeros dropped.
    var zoned: String { bare + "Z" }

    /// `2026-11-21T07:27:43.15`: refresh details, which name no zone.
    var bare: String {
        let civil = Civil(self)
        let milliseconds = Instant.remainder(microseconds, 1_000_000) / 1_000
        guard milliseconds > 0 else { return "\(civil.date)T\(civil.time)" }
        var digits = Civil.padded(Int(milliseconds), 3)
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(civil.date)T\(civil.time).\(digits)"
    }

    /// `2026-11-21T07:27:43.1500000Z`: dataflow transactions and scans, always seven digits.
    var ticks: String { bareTicks + "Z" }

    /// `2026-11-21T07:27:43.1500000`: Fabric operations, which name no zone.
    var bareTicks: String {
        let civil = Civil(self)
        let fraction = Int(Instant.remainder(microseconds, 1_000_000))
        return "\(civil.date)T\(civil.time).\(Civil.padded(fraction, 6))0"
    }

    /// `2026-11-21T07:27:43.150Z`: S3 listings, always three digits.
    var listed: String {
        let civil = Civil(self)
        let milliseconds = Int(Instant.remainder(microseconds, 1_000_000) / 1_000)
        return "\(civil.date)T\(civil.time).\(Civil.padded(milliseconds, 3))Z"
    }

    /// `2026-11-21 07:27:43Z`: Entra errors.
    var spaced: String {
        let civil = Civil(self)
        return "\(civil.date) \(civil.time)Z"
    }

    /// `Sat, 21 Nov 2026 07:27:43 GMT`: HTTP headers (RFC 9110 §5.6.7).
    var http: String {
        let civil = Civil(self)
        let day = Civil.padded(civil.day, 2)
        return "\(civil.weekdayName), \(day) \(civil.monthName) \(civil.year) \(civil.time) GMT"
    }

    /// Reads `Sat, 21 Nov 2026 07:27:43 GMT`; nil for any other form.
    init?(http text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = Civil.months.firstIndex(of: String(parts[2])),
            let day = Int(parts[1]), let year = Int(parts[3])
        else { return nil }
        let time = parts[4].split(separator: ":").compactMap { Int($0) }
        guard time.count == 3 else { return nil }
        self.init(year: year, month: month + 1, day: day, hour: time[0], minute: time[1], second: time[2])
    }

    /// Reads `2026-11-21T07:27:43.1500000Z`, with any number of fractional digits or none, `Z` or nothing; nil for any
    /// other.
    init?(iso text: String) {
        let bare = text.hasSuffix("Z") ? text.dropLast() : text[...]
        let halves = bare.split(separator: "T", omittingEmptySubsequences: false)
        guard halves.count == 2 else { return nil }
        let date = halves[0].split(separator: "-").map { Int($0) }
        let parts = halves[1].split(separator: ".", omittingEmptySubsequences: false)
        let time = parts[0].split(separator: ":").map { Int($0) }
        guard date.count == 3, time.count == 3, parts.count <= 2, let year = date[0], let month = date[1],
            let day = date[2], let hour = time[0], let minute = time[1], let second = time[2]
        else { return nil }
        var fraction = 0.0
        if parts.count == 2 {
            guard let read = Double("0.\(parts[1])"), parts[1].allSatisfy(\.isWholeNumber) else { return nil }
            fraction = read
        }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        self = self + fraction
    }

    /// Reads `20261121T072743Z`, the only form SigV4 knows; nil for any other.
    init?(amz text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 16, digits[8] == UInt8(ascii: "T"), digits[15] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int? { Int(String(decoding: digits[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8),
            let hour = number(9..<11), let minute = number(11..<13), let second = number(13..<15)
        else { return nil }
        self.init(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    /// Cut to some hundred thousand years: a test may script any number, and none may stop the emulator.
    private static func microseconds(in seconds: Double) -> Int64 {
        let limit = 4e18
        return Int64(min(max((seconds * 1_000_000).rounded(), -limit), limit))
    }

    private init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (1...9_999).contains(year), (1...12).contains(month), (1...31).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        self = Civil.instant(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    }

    /// The remainder that is never negative, so that times before 1970 round down too.
    fileprivate static func remainder(_ value: Int64, _ divisor: Int64) -> Int64 {
        ((value % divisor) + divisor) % divisor
    }
}

/// A moment in the proleptic Gregorian calendar, UTC.
///
/// - SeeAlso: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
private struct Civil {
    var year, month, day, hour, minute, second, weekday: Int

    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    init(_ instant: Instant) {
        let secondOfDay = Int(Instant.remainder(Int64(instant.epoch), 86_400))
        let days = (instant.epoch - secondOfDay) / 86_400
        hour = secondOfDay / 3_600
        minute = secondOfDay / 60 % 60
        second = secondOfDay % 60
        weekday = ((days % 7) + 7) % 7
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    static func instant(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) -> Instant {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second
        return Instant(microseconds: Int64(seconds) * 1_000_000)
    }

    var date: String { "\(Civil.padded(year, 4))-\(Civil.padded(month, 2))-\(Civil.padded(day, 2))" }
    var time: String { "\(Civil.padded(hour, 2)):\(Civil.padded(minute, 2)):\(Civil.padded(second, 2))" }
    var monthName: String { Civil.months[month - 1] }
    var weekdayName: String { Civil.weekdays[weekday] }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
