/// A file's text by lines, as libyaml counts them.
///
/// - SeeAlso: YAML 1.1, section 4.1.4: lines end at CR, LF, CR LF, NEL, LS and PS.
struct SourceText {
    private let scalars: [Unicode.Scalar]
    /// The index of each line's first scalar.
    private let starts: [Int]
    /// For each line the 1-based line above it that is indented less, 0 for none.
    private let parents: [Int]

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        var starts = [0]
        for index in scalars.indices where Self.isBreak(scalars[index]) {
            let isPair = scalars[index] == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n"
            if !isPair { starts.append(index + 1) }
        }
        self.starts = starts
        parents = Self.parents(scalars, starts)
    }

    /// The nearest line above that is indented less and not blank: what the line belongs to.
    func parent(of number: Int) -> Int? {
        guard parents.indices.contains(number - 1), parents[number - 1] > 0 else { return nil }
        return parents[number - 1]
    }

    private static func parents(_ scalars: [Unicode.Scalar], _ starts: [Int]) -> [Int] {
        var parents: [Int] = []
        /// The lines that are still open, each indented more than the one before.
        var open: [(depth: Int, line: Int)] = []
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : scalars.count
            let line = scalars[start..<end]
            let depth = line.prefix { $0 == " " }.count
            let isBlank = line.allSatisfy { $0.properties.isWhitespace }
            let last = open.lastIndex { $0.depth < depth }
            parents.append(last.map { open[$0].line } ?? 0)
            guard !isBlank else { continue }
            open.removeLast(open.count - (last.map { $0 + 1 } ?? 0))
            open.append((depth, index + 1))
        }
        return parents
    }

    var count: Int { starts.count }

    /// The index of a 1-based line and column, `nil` behind the end of that line.
    func index(line: Int, column: Int) -> Int? {
        guard starts.indices.contains(line - 1), column >= 1 else { return nil }
        let index = starts[line - 1] + column - 1
        let end = line < starts.count ? starts[line] : scalars.count
        return index < end ? index : nil
    }

    subscript(index: Int) -> Unicode.Scalar { scalars[index] }

    /// A 1-based line without its end.
    func line(_ number: Int) -> String? {
        guard starts.indices.contains(number - 1) else { return nil }
        var line = String.UnicodeScalarView()
        line.append(contentsOf: scalars[starts[number - 1]...].prefix { !Self.isBreak($0) })
        return String(line)
    }

    /// The whole text with one scalar replaced.
    func replacing(_ index: Int, with scalar: Unicode.Scalar) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        text.replaceSubrange(
            text.index(text.startIndex, offsetBy: index)...text.index(text.startIndex, offsetBy: index),
            with: CollectionOfOne(scalar)
        )
        return String(text)
    }

    static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }
}
