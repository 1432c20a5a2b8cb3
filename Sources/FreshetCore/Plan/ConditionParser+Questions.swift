/// What a condition asks: `changed(…)`, `failed(…)` and `value(…) >= 1000`.
extension ConditionParser {
    /// Reads `(key)` after the current word.
    mutating func key() throws(ConditionError) -> AssetKey {
        let question = current.text
        position += 1
        try expect("(", after: question)
        let key = AssetKey(try text("an asset key"))
        guard take(")") else { throw unexpected(["')'"]) }
        return key
    }

    /// Reads `(key, name) operator literal` after the current word.
    mutating func comparison() throws(ConditionError) -> Condition {
        position += 1
        try expect("(", after: "value")
        let key = AssetKey(try text("an asset key"))
        guard take(",") else { throw unexpected(["',' and the name of a value"]) }
        let start = position
        let name = try text("the name of a value")
        guard take(")") else {
            if current.kind == .symbol("(") { throw unquoted(from: start) }
            throw unexpected(["')'"])
        }
        guard let comparison = Comparison(rawValue: current.text), case .symbol = current.kind else {
            let operators = Comparison.allCases.map(\.rawValue)
            throw unexpected(operators.map { "'\($0)'" }, near: operators)
        }
        position += 1
        return .value(key, name: name, comparison, try literal())
    }

    private typealias Comparison = Condition.Comparison

    private mutating func literal() throws(ConditionError) -> ObservedValue {
        let token = current
        if case .quoted(let text) = token.kind {
            position += 1
            return .text(text)
        }
        guard case .word(let word) = token.kind, word.beginsLikeNumber else {
            throw unexpected(["a number or a text in quotation marks"])
        }
        position += 1
        if word.isInteger {
            guard let value = Int64(word) else { throw ConditionError(.numberOutOfRange(word), at: token.offset) }
            return .integer(value)
        }
        // Of what Swift reads as a number, hexadecimal is no part of the language.
        guard !word.contains(where: { "xXpP".contains($0) }), let value = Double(word) else {
            position -= 1
            throw unexpected(["a number or a text in quotation marks"])
        }
        guard value.isFinite else { throw ConditionError(.numberOutOfRange(word), at: token.offset) }
        return .number(value)
    }

    /// Reads a word or a quotation; where only a name can stand, `and` is one too.
    private mutating func text(_ wanted: String) throws(ConditionError) -> String {
        switch current.kind {
        case .word(let text), .quoted(let text):
            position += 1
            return text
        case .symbol, .end:
            throw unexpected([wanted])
        }
    }

    /// The mistake of `value(x, max(updated_at))`, with the name in quotation marks as the right text.
    private func unquoted(from start: Int) -> ConditionError {
        let name = tokens[start...].prefix { $0.kind != .symbol(")") && $0.kind != .end }.map(\.text).joined() + ")"
        return ConditionError(.expected(["')'"], found: current.text), at: current.offset, nearest: name.inQuotes)
    }
}

extension String {
    fileprivate var isInteger: Bool { digits.allSatisfy { ("0"..."9").contains($0) } }
    fileprivate var beginsLikeNumber: Bool { digits.first.map { ("0"..."9").contains($0) } ?? false }
    /// Without the sign.
    private var digits: Substring { hasPrefix("-") || hasPrefix("+") ? dropFirst() : self[...] }
}
