/// A `$filter`, as far as the service's examples go: comparisons and text functions, joined by `and` and `or`.
///
/// `contains(name,'sales') or name eq 'contoso'`; `averageDuration gt 1800`; members of members by `/`.
struct ODataFilter: Sendable {
    private enum Comparison: String {
        case equal = "eq"
        case greater = "gt"
        case greaterOrEqual = "ge"
        case less = "lt"
        case lessOrEqual = "le"
        case unequal = "ne"
    }

    private enum Term {
        case compare(String, Comparison, JSON)
        case contains(String, String)
        case endsWith(String, String)
        case startsWith(String, String)
    }

    /// Any of these, each all of its terms: `and` binds more tightly.
    private let alternatives: [[Term]]

    init?(_ text: String) {
        var alternatives: [[Term]] = []
        for part in ODataFilter.split(text, at: " or ") {
            let terms = ODataFilter.split(part, at: " and ").map(ODataFilter.term)
            guard !terms.contains(where: { $0 == nil }) else { return nil }
            alternatives.append(terms.compactMap(\.self))
        }
        self.alternatives = alternatives
    }

    func admits(_ entry: JSON) -> Bool {
        alternatives.contains { terms in terms.allSatisfy { ODataFilter.holds($0, for: entry) } }
    }

    private static func holds(_ term: Term, for entry: JSON) -> Bool {
        switch term {
        case .contains(let path, let text): return value(path, of: entry)?.string?.contains(text) ?? false
        case .startsWith(let path, let text): return value(path, of: entry)?.string?.hasPrefix(text) ?? false
        case .endsWith(let path, let text): return value(path, of: entry)?.string?.hasSuffix(text) ?? false
        case .compare(let path, let comparison, let literal):
            let found = value(path, of: entry) ?? .null
            switch comparison {
            case .equal: return isSame(found, literal)
            case .unequal: return !isSame(found, literal)
            case .greater: return isOrdered(literal, found)
            case .less: return isOrdered(found, literal)
            case .greaterOrEqual: return isOrdered(literal, found) || isSame(found, literal)
            case .lessOrEqual: return isOrdered(found, literal) || isSame(found, literal)
            }
        }
    }

    private static func value(_ path: String, of entry: JSON) -> JSON? {
        path.split(separator: "/").reduce(entry) { value, name in value?[String(name)] }
    }

    private static func isSame(_ one: JSON, _ other: JSON) -> Bool {
        if let one = one.number, let other = other.number { return one == other }
        return one == other
    }

    private static func isOrdered(_ one: JSON, _ other: JSON) -> Bool {
        if let one = one.number, let other = other.number { return one < other }
        if let one = one.string, let other = other.string { return one < other }
        return false
    }

    private static func term(_ text: String) -> Term? {
        let functions: [(String, (String, String) -> Term)] = [
            ("contains(", Term.contains), ("startswith(", Term.startsWith), ("endswith(", Term.endsWith),
        ]
        let text = Substring(text).trimmed
        for (name, make) in functions where text.hasPrefix(name) && text.hasSuffix(")") {
            let inside = text.dropFirst(name.count).dropLast()
            let parts = inside.split(separator: ",", maxSplits: 1)
            guard parts.count == 2, let literal = literal(parts[1].trimmed)?.string else { return nil }
            return make(parts[0].trimmed, literal)
        }
        let parts = text.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let comparison = Comparison(rawValue: String(parts[1])),
            let literal = literal(parts[2].trimmed)
        else { return nil }
        return .compare(String(parts[0]), comparison, literal)
    }

    private static func literal(_ text: String) -> JSON? {
        if text.count >= 2, text.hasPrefix("'"), text.hasSuffix("'") {
            return .string(String(text.dropFirst().dropLast()).replacing("''", with: "'"))
        }
        switch text {
        case "true": return true
        case "false": return false
        case "null": return .null
        default: return Int(text).map { .int($0) } ?? Double(text).map { .double($0) }
        }
    }

    /// Splits at a word that does not stand within quotation marks.
    private static func split(_ text: String, at word: String) -> [String] {
        var parts = [""]
        var isQuoted = false
        var rest = Substring(text)
        while let first = rest.first {
            if !isQuoted, rest.hasPrefix(word) {
                parts.append("")
                rest = rest.dropFirst(word.count)
                continue
            }
            if first == "'" { isQuoted.toggle() }
            parts[parts.count - 1].append(first)
            rest = rest.dropFirst()
        }
        return parts
    }
}

extension JSON {
    fileprivate var number: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }
}
