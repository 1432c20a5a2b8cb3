extension Duration {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Reads a duration as it stands in a definition file: `90s`, `15m`, `1.5h`, `1d`, `1h30m`, `500ms`, `2h 5m`.
    ///
    /// The largest unit first, each at most once; a day is 24 hours, and the result is whole milliseconds.
    ///
    /// - Returns: `nil` for anything else, a number without a unit included.
    public init?(parsing text: String) {
        var rest = text[...]
        var total: Int64 = 0
        var allowed = Self.units[...]
        repeat {
            let number = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            rest = rest[number.endIndex...]
            let name = rest.prefix { ("a"..."z").contains($0) }
            rest = rest[name.endIndex...].drop { $0 == " " }
            guard let index = allowed.firstIndex(where: { $0.name == name }),
                let milliseconds = Self.milliseconds(number, times: allowed[index].milliseconds)
            else { return nil }
            let (sum, isTooLarge) = total.addingReportingOverflow(milliseconds)
            guard !isTooLarge else { return nil }
            total = sum
            allowed = allowed[(index + 1)...]
        } while !rest.isEmpty
        self = .milliseconds(total)
    }

    private static func milliseconds(_ number: Substring, times unit: Int64) -> Int64? {
        guard number.contains(".") else {
            guard let (product, isTooLarge) = Int64(number)?.multipliedReportingOverflow(by: unit) else { return nil }
            return isTooLarge ? nil : product
        }
        guard number.first != ".", number.last != ".", let decimal = Double(number) else { return nil }
        return Int64(exactly: (decimal * Double(unit)).rounded())
    }

    /// As a person wants to read it: its two largest neighbouring units, such as `2h 5m`, `45s`, `1d`, `500ms`.
    ///
    /// What is smaller is cut off; milliseconds show only below a second.
    public var briefly: String {
        let milliseconds = inMilliseconds.magnitude
        let sign = inMilliseconds < 0 ? "-" : ""
        guard let index = Self.units.firstIndex(where: { $0.milliseconds.magnitude <= milliseconds }) else {
            return "0s"
        }
        var rest = milliseconds
        var parts: [String] = []
        for unit in Self.units[index...].prefix(2) where unit.name != "ms" || parts.isEmpty {
            let number = rest / unit.milliseconds.magnitude
            rest %= unit.milliseconds.magnitude
            if number > 0 { parts.append("\(number)\(unit.name)") }
        }
        return sign + parts.joined(separator: " ")
    }
}
