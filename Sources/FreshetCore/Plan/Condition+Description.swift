extension Condition: CustomStringConvertible {
    /// The condition as it stands in a definition file, with no more quotation marks and parentheses than it needs.
    ///
    /// ``init(parsing:)`` reads it back to an equal one. Two conditions cannot be written down: nothing to hold
    /// (``otherwise``) prints as `else`, and nothing that holds as `not else`.
    public var description: String { text(inside: .any) }

    /// How tightly a place binds, from the loosest.
    private enum Place { case any, term, factor }

    private func text(inside place: Place) -> String {
        switch self {
        case .changed(let key): return "changed(\(key.path.asWord))"
        case .failed(let key): return "failed(\(key.path.asWord))"
        case .value(let key, let name, let comparison, let literal):
            return "value(\(key.path.asWord), \(name.asWord)) \(comparison.rawValue) \(literal.asLiteral)"
        case .not(let condition): return "not " + condition.text(inside: .factor)
        case .all(let conditions) where conditions.count == 1, .any(let conditions) where conditions.count == 1:
            return conditions[0].text(inside: place)
        case .all(let conditions):
            if conditions.isEmpty { return "else" }
            let text = conditions.map { $0.text(inside: .factor) }.joined(separator: " and ")
            return place == .factor ? "(\(text))" : text
        case .any(let conditions):
            if conditions.isEmpty { return "not else" }
            let text = conditions.map { $0.text(inside: .term) }.joined(separator: " or ")
            return place == .any ? text : "(\(text))"
        }
    }
}

extension String {
    fileprivate var asWord: String { ConditionLexer.isWord(self) ? self : inQuotes }
}

extension ObservedValue {
    fileprivate var asLiteral: String {
        switch self {
        case .integer, .number: description
        case .text(let text): text.inQuotes
        }
    }
}
