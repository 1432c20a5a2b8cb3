extension Timestamp {
    /// Reads a time as databases, APIs and people write it, after ISO 8601.
    ///
    /// `2026-01-31T07:30:00.25+01:00`, `2026-01-31 06:30:00 UTC`, `2026-01-31 07:30+0100` and `2026-01-31` are all read.
    /// Without a zone it is UTC; a fraction has up to 9 digits and is cut to milliseconds; second 60 is the first of the
    /// next minute. What has no separators (`20260131T0730`) and what names weeks is not read.
    ///
    /// - Returns: `nil` for anything else, and for days and times that do not exist.
    public init?(iso8601 text: String) {
        var parser = ISO8601Parser(rest: text.utf8[...])
        guard let date = parser.date() else { return nil }
        var milliseconds = Int64(date.daysSinceEpoch) * 86_400_000
        if !parser.rest.isEmpty {
            guard let time = parser.timeOfDay(), let offset = parser.zone(), parser.rest.isEmpty else { return nil }
            milliseconds += Int64(time - offset * 1000)
        }
        self.init(milliseconds: milliseconds)
    }

    /// In UTC, such as `2026-01-31T07:30:00Z`, with milliseconds only if there are any.
    public var iso8601: String { clock(in: .utc) + "Z" }

    /// On the clocks of a zone, such as `2026-01-31T08:30:00+01:00`, with milliseconds only if there are any.
    ///
    /// Offsets of the time before zones, which were no whole minutes, are written `+00:53:28`.
    public func formatted(in zone: TimeZoneRules) -> String {
        let offset = zone.offset(at: self)
        let distance = offset.magnitude
        let sign = offset < 0 ? "-" : "+"
        let seconds = distance % 60 == 0 ? "" : ":" + (distance % 60).padded(2)
        return clock(in: zone) + sign + (distance / 3600).padded(2) + ":" + (distance / 60 % 60).padded(2) + seconds
    }

    private func clock(in zone: TimeZoneRules) -> String {
        let local = zone.local(at: self)
        let time = [local.hour, local.minute, local.second].map { $0.magnitude.padded(2) }.joined(separator: ":")
        let fraction = milliseconds.remainder(by: 1000)
        return "\(local.date)T\(time)" + (fraction == 0 ? "" : "." + fraction.magnitude.padded(3))
    }
}

private struct ISO8601Parser {
    var rest: Substring.UTF8View

    /// Reads `2026-01-31`; a sign allows more than four digits for the year.
    mutating func date() -> CivilDate? {
        let sign = take("-") ? -1 : 1
        let isSigned = sign < 0 || take("+")
        guard let year = number(digits: 4...(isSigned ? 6 : 4)), take("-"), let month = number(digits: 2...2),
            take("-"), let day = number(digits: 2...2)
        else { return nil }
        return CivilDate(year: sign * year, month: month, day: day)
    }

    /// Reads `T07:30:00.25` as milliseconds after midnight.
    mutating func timeOfDay() -> Int? {
        guard take("T") || take("t") || take(" ") else { return nil }
        guard let hour = number(digits: 2...2), hour < 24, take(":"), let minute = number(digits: 2...2), minute < 60
        else { return nil }
        var milliseconds = (hour * 60 + minute) * 60_000
        guard take(":") else { return milliseconds }
        guard let second = number(digits: 2...2), second <= 60 else { return nil }
        milliseconds += second * 1000
        guard take(".") || take(",") else { return milliseconds }
        return milliseconds + (Int((digits(atMost: 9) + "000").prefix(3)) ?? 0)
    }

    /// Reads `Z`, `UTC`, `+01:00`, `+0100` or `+01`, with or without a space, as seconds; nothing is UTC.
    mutating func zone() -> Int? {
        if rest.isEmpty { return 0 }
        _ = take(" ")
        if ["Z", "UTC", "GMT"].contains(String(Substring(rest)).uppercased()) {
            rest = rest[rest.endIndex...]
            return 0
        }
        let sign = take("-") ? -1 : 1
        guard sign < 0 || take("+"), let hours = number(digits: 2...2), hours < 24 else { return nil }
        var seconds = hours * 3600
        for unit in [60, 1] where !rest.isEmpty {
            _ = take(":")
            guard let number = number(digits: 2...2), number < 60 else { return nil }
            seconds += number * unit
        }
        return sign * seconds
    }

    private mutating func number(digits range: ClosedRange<Int>) -> Int? {
        let digits = digits(atMost: range.upperBound)
        return digits.utf8.count < range.lowerBound ? nil : Int(digits)
    }

    private mutating func digits(atMost limit: Int) -> String {
        let digits = rest.prefix(limit).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest[digits.endIndex...]
        return String(Substring(digits))
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}
