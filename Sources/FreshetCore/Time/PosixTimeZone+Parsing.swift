extension PosixTimeZone {
    /// - Returns: `nil` when the text is no POSIX TZ string, or one with daylight saving time and no rule for it.
    init?(parsing text: String) {
        var parser = PosixParser(rest: text.utf8[...])
        guard parser.skipName(), let offset = parser.time(hours: 24) else { return nil }
        standardOffset = -offset
        if parser.rest.isEmpty { return }

        guard parser.skipName() else { return nil }
        var daylightOffset = standardOffset + 3600
        if parser.rest.first != UInt8(ascii: ",") {
            guard let offset = parser.time(hours: 24) else { return nil }
            daylightOffset = -offset
        }
        guard let start = parser.change(), let end = parser.change(), parser.rest.isEmpty else { return nil }
        daylight = Daylight(offset: daylightOffset, start: start, end: end)
    }
}

private struct PosixParser {
    var rest: Substring.UTF8View

    /// Skips three or more letters, or anything between angle brackets.
    mutating func skipName() -> Bool {
        if take("<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            rest = rest[end...].dropFirst()
            return true
        }
        let name = rest.prefix { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
        rest = rest[name.endIndex...]
        return name.count >= 3
    }

    /// Reads `,M3.5.0/3`; without a time it is 02:00.
    mutating func change() -> PosixTimeZone.Change? {
        guard take(","), let day = day() else { return nil }
        guard take("/") else { return PosixTimeZone.Change(day: day, seconds: 7200) }
        return time(hours: 167).map { PosixTimeZone.Change(day: day, seconds: $0) }
    }

    /// Reads `[+-]hh[:mm[:ss]]` as seconds.
    mutating func time(hours limit: Int) -> Int? {
        let sign = take("-") ? -1 : 1
        if sign > 0 { _ = take("+") }
        guard let hours = number(in: 0...limit) else { return nil }
        var seconds = hours * 3600
        for unit in [60, 1] where take(":") {
            guard let number = number(in: 0...59) else { return nil }
            seconds += number * unit
        }
        return sign * seconds
    }

    private mutating func day() -> PosixTimeZone.Change.Day? {
        if take("J") { return number(in: 1...365).map { .julian($0) } }
        guard take("M") else { return number(in: 0...365).map { .ordinal($0) } }
        guard let month = number(in: 1...12), take("."), let week = number(in: 1...5), take("."),
            let weekday = number(in: 0...6)
        else { return nil }
        return .weekday(weekday, week: week, month: month)
    }

    private mutating func number(in range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest[digits.endIndex...]
        guard let number = Int(Substring(digits)), range.contains(number) else { return nil }
        return number
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}
