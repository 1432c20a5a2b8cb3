extension CronExpression {
    private static let aliases = [
        "@annually": "0 0 1 1 *", "@daily": "0 0 * * *", "@hourly": "0 * * * *", "@midnight": "0 0 * * *",
        "@monthly": "0 0 1 * *", "@quarterly": "0 0 1 1,4,7,10 *", "@weekly": "0 0 * * 0", "@yearly": "0 0 1 1 *",
    ]

    /// The five fields, in capitals.
    static func fields(of text: String) throws(CronError) -> [String] {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        if let first = words.first, first.hasPrefix("@") {
            guard words.count == 1, let meant = aliases[first.lowercased()] else { throw .unknownAlias(text) }
            return meant.split(separator: " ").map(String.init)
        }
        guard words.count != 6 else { throw .sixFields }
        guard words.count == 5 else { throw .wrongCount(found: words.count) }
        return words.map { $0.uppercased() }
    }
}

/// What one field of an expression says.
struct CronPieces {
    var numbers = CronSet()
    /// `L` of the days of the month.
    var hasLastDay = false
    /// `LW` of the days of the month.
    var hasLastWorkday = false
    /// `5L` of the days of the week.
    var lastWeekdays = CronSet()
    /// `5#2` of the days of the week: by which of its kind in the month, from 1.
    var nthWeekdays: [Int: CronSet] = [:]

    private let field: CronField
    private let name: String

    init(_ text: String, of field: CronField, name: String) throws(CronError) {
        self.field = field
        self.name = name
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) { try add(String(piece)) }
    }

    private mutating func add(_ piece: String) throws(CronError) {
        if try addSpecial(piece) { return }
        let halves = piece.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var step: Int?
        if halves.count == 2 {
            guard let number = Self.number(halves[1]), number >= 1 else {
                throw .badStep(halves[1], field: field.name)
            }
            step = number
        }
        let first = halves[0]
        if first.hasPrefix("H") { return try addSpread(first, step: step) }
        if first == "*" || first == "?" { return add(field.whole, step ?? 1) }
        let ends = first.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let start = try value(ends[0])
        guard ends.count == 2 else { return add(step == nil ? start...start : start...max(start, top), step ?? 1) }
        var end = try value(ends[1])
        // As in `fri-sun`.
        if field == .weekday, end == 0, start > 0 { end = 7 }
        guard start <= end else { throw .reversed(first, field: field.name) }
        add(start...end, step ?? 1)
    }

    /// The last value that `a/n` reaches.
    private var top: Int { field.whole.upperBound }

    private mutating func add(_ range: ClosedRange<Int>, _ step: Int) {
        for number in stride(from: range.lowerBound, through: range.upperBound, by: step) {
            numbers.insert(field == .weekday ? number % 7 : number)
        }
    }

    /// `H`, `H/15` and `H(0-29)`: a value, or a step's beginning, that is always the same for one name.
    private mutating func addSpread(_ text: String, step: Int?) throws(CronError) {
        var range = field.spread
        if text != "H" {
            guard text.hasPrefix("H("), text.hasSuffix(")") else { throw .notANumber(text, field: field.name) }
            let ends = text.dropFirst(2).dropLast().split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count == 2 else { throw .notANumber(text, field: field.name) }
            let (start, end) = (try value(String(ends[0])), try value(String(ends[1])))
            guard start <= end else { throw .reversed(text, field: field.name) }
            range = start...end
        }
        var hash = Fingerprint()
        hash.add(name)
        hash.add(field.name)
        let number = Int(hash.hexadecimal.suffix(8), radix: 16) ?? 0  // Hexadecimal by its making.
        if let step {
            add(range.lowerBound + number % min(step, range.count)...range.upperBound, step)
        } else {
            let chosen = range.lowerBound + number % range.count
            add(chosen...chosen, 1)
        }
    }

    /// - Returns: whether the piece is one of `L`, `LW`, `5L`, `L5` and `5#2`.
    private mutating func addSpecial(_ piece: String) throws(CronError) -> Bool {
        switch field {
        case .dayOfMonth where piece == "L": hasLastDay = true
        case .dayOfMonth where piece == "LW": hasLastWorkday = true
        case .weekday where piece.contains("#"):
            let halves = piece.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
            guard halves.count == 2, let nth = Self.number(halves[1]), (1...5).contains(nth) else {
                throw .misplaced(piece, field: field.name)
            }
            nthWeekdays[nth, default: CronSet()].insert(try value(halves[0]) % 7)
        case .weekday where piece.count > 1 && piece.hasSuffix("L") && piece.first?.isNumber == true:
            lastWeekdays.insert(try value(String(piece.dropLast())) % 7)
        case .weekday where piece.count > 1 && piece.hasPrefix("L"):
            lastWeekdays.insert(try value(String(piece.dropFirst())) % 7)
        case .minute, .hour, .month, .dayOfMonth, .weekday:
            let isMisplaced = piece.contains("#") || piece == "L" || piece == "LW" || piece.hasSuffix("W")
            if isMisplaced, !field.names.contains(piece) { throw .misplaced(piece, field: field.name) }
            return false
        }
        return true
    }

    private func value(_ text: String) throws(CronError) -> Int {
        if let place = field.names.firstIndex(of: text) { return place + field.range.lowerBound }
        guard let number = Self.number(text) else { throw .notANumber(text, field: field.name) }
        guard field.range.contains(number) else { throw .outOfRange(text, field: field.name, range: field.range) }
        return number
    }

    /// Digits of ASCII alone: no sign, no space, no digits of other scripts.
    private static func number(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
