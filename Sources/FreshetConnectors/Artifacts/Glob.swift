/// A pattern of keys, as shells and `.gitignore` write it.
///
/// `*` and `?` stand for characters other than `/`, `**` between slashes for any number of folders, `[a-c]` and `[!a]`
/// for one character, `{csv,json}` for either.
struct Glob: Hashable, Sendable {
    /// More alternatives than that are a mistake.
    private static let mostAlternatives = 256

    /// The alternatives, each as the patterns of its folders and its last component.
    private let alternatives: [[String]]
    /// What every matching key begins with.
    let prefix: String

    /// - Returns: `nil` for a bracket that is not closed, and for too many alternatives.
    init?(_ pattern: String) {
        guard let expanded = Self.expand(pattern) else { return nil }
        alternatives = expanded.map { $0.split(separator: "/", omittingEmptySubsequences: false).map(String.init) }
        guard alternatives.allSatisfy({ $0.allSatisfy(Self.hasClosedBrackets) }) else { return nil }
        prefix = Self.literalPrefix(of: expanded)
    }

    func matches(_ key: String) -> Bool {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return alternatives.contains { Self.match($0, parts, isAny: { $0 == "**" }, matches: Self.matchesComponent) }
    }

    // MARK: Matching

    /// Matches two sequences of which the first may hold elements that stand for any number of the other's.
    ///
    /// In time at most the product of both lengths: it goes back only to the last such element.
    private static func match<Pattern, Part>(
        _ pattern: [Pattern],
        _ parts: [Part],
        isAny: (Pattern) -> Bool,
        matches: (Pattern, Part) -> Bool
    ) -> Bool {
        var (next, part) = (0, 0)
        var retry: (next: Int, part: Int)?
        while part < parts.count {
            if next < pattern.count, isAny(pattern[next]) {
                retry = (next + 1, part)
                next += 1
            } else if next < pattern.count, matches(pattern[next], parts[part]) {
                next += 1
                part += 1
            } else if let last = retry {
                retry = (last.next, last.part + 1)
                (next, part) = (last.next, last.part + 1)
            } else {
                return false
            }
        }
        return pattern[next...].allSatisfy(isAny)
    }

    private enum Atom {
        case anyText
        case anyCharacter
        case one(Character)
        case among(ranges: [ClosedRange<Character>], isNegated: Bool)

        var isAnyText: Bool { if case .anyText = self { true } else { false } }

        func matches(_ character: Character) -> Bool {
            switch self {
            case .anyText: false
            case .anyCharacter: true
            case .one(let wanted): wanted == character
            case .among(let ranges, let isNegated): ranges.contains { $0.contains(character) } != isNegated
            }
        }
    }

    private static func matchesComponent(_ pattern: String, _ text: String) -> Bool {
        match(atoms(of: pattern), Array(text), isAny: \.isAnyText) { $0.matches($1) }
    }

    private static func atoms(of pattern: String) -> [Atom] {
        var atoms: [Atom] = []
        var rest = Substring(pattern)
        while let character = rest.popFirst() {
            switch character {
            case "*": atoms.append(.anyText)
            case "?": atoms.append(.anyCharacter)
            case "[":
                let isNegated = rest.first == "!" || rest.first == "^"
                if isNegated { rest.removeFirst() }
                atoms.append(.among(ranges: ranges(&rest), isNegated: isNegated))
            default: atoms.append(.one(character))
            }
        }
        return atoms
    }

    /// Reads behind `[` to its end; a `]` that comes first is one of the characters.
    private static func ranges(_ rest: inout Substring) -> [ClosedRange<Character>] {
        var ranges: [ClosedRange<Character>] = []
        var isFirst = true
        while let character = rest.popFirst(), character != "]" || isFirst {
            isFirst = false
            if rest.first == "-", let last = rest.dropFirst().first, last != "]", character <= last {
                rest.removeFirst(2)
                ranges.append(character...last)
            } else {
                ranges.append(character...character)
            }
        }
        return ranges
    }

    // MARK: Reading

    private static func hasClosedBrackets(_ component: String) -> Bool {
        var rest = Substring(component)
        while let open = rest.firstIndex(of: "[") {
            rest = rest[rest.index(after: open)...]
            if rest.first == "!" || rest.first == "^" { rest.removeFirst() }
            guard let close = rest.dropFirst().firstIndex(of: "]") else { return false }
            rest = rest[rest.index(after: close)...]
        }
        return true
    }

    /// Writes out `{a,b}`, also one in another.
    private static func expand(_ pattern: String) -> [String]? {
        var open: String.Index?
        var commas: [String.Index] = []
        var depth = 0
        for index in pattern.indices {
            switch pattern[index] {
            case "{":
                depth += 1
                if depth == 1 { open = index }
            case "," where depth == 1: commas.append(index)
            case "}" where depth > 0:
                depth -= 1
                guard depth == 0, let open else { continue }
                let start = pattern.index(after: open)
                let ends = commas + [index]
                let starts = [start] + commas.map { pattern.index(after: $0) }
                var all: [String] = []
                for (first, end) in zip(starts, ends) {
                    let one = pattern[..<open] + pattern[first..<end] + pattern[pattern.index(after: index)...]
                    guard let more = expand(String(one)) else { return nil }
                    all += more
                    guard all.count <= mostAlternatives else { return nil }
                }
                return all
            default: break
            }
        }
        return depth == 0 ? [pattern] : nil
    }

    private static func literalPrefix(of patterns: [String]) -> String {
        let starts = patterns.map { $0.prefix { !"*?[".contains($0) } }
        guard var common = starts.first else { return "" }
        for start in starts.dropFirst() {
            while !start.hasPrefix(common) { common.removeLast() }
        }
        return String(common)
    }
}
