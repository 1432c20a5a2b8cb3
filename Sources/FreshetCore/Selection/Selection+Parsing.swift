extension Selection {
    /// Reads a selection as a person writes it.
    ///
    /// - Throws: ``SelectionError`` for the first mistake, with its place and, for a word, the nearest right one.
    public init(parsing text: String) throws(SelectionError) {
        var parser = SelectionParser(try SelectionLexer.tokens(of: text))
        self = try parser.parse()
    }
}

/// Recursive descent over the tokens of a selection; binds `not` before `and` before `or`.
struct SelectionParser {
    /// How deep a selection may be nested, so that no text exhausts the stack.
    static let nestingLimit = 200
    private static let keywords = ["and", "not", "or"]

    private let tokens: [SelectionToken]
    var position = 0
    var nesting = 0

    init(_ tokens: [SelectionToken]) { self.tokens = tokens }

    mutating func parse() throws(SelectionError) -> Selection {
        let selection = try disjunction()
        guard current.kind == .end else { throw unexpected(["'and'", "'or'", "the end"], near: ["and", "or"]) }
        return selection
    }

    mutating func disjunction() throws(SelectionError) -> Selection {
        var terms = [try conjunction()]
        while take(keyword: "or") { terms.append(try conjunction()) }
        return terms.count == 1 ? terms[0] : .any(terms)
    }

    private mutating func conjunction() throws(SelectionError) -> Selection {
        var terms = [try negation()]
        while take(keyword: "and") { terms.append(try negation()) }
        return terms.count == 1 ? terms[0] : .all(terms)
    }

    private mutating func negation() throws(SelectionError) -> Selection {
        let offset = current.offset
        guard take(keyword: "not") else { return try traversal() }
        try enter(at: offset)
        defer { nesting -= 1 }
        return .not(try negation())
    }

    private mutating func traversal() throws(SelectionError) -> Selection {
        if current.kind == .word("*") {
            // As in Dagster it takes no `+`: there is nothing to add.
            position += 1
            return .everything
        }
        let upstream = try upstreamDepth()
        let selection = try operand()
        guard take("+") else {
            return upstream == 0 ? selection : .around(selection, upstream: upstream, downstream: 0)
        }
        var downstream = Int.max
        if isNumber(current) {
            downstream = try depth(current)
            position += 1
        }
        return .around(selection, upstream: upstream, downstream: downstream)
    }

    /// Reads `+` or `2+`; a number is a key after all when no operand follows its plus sign.
    private mutating func upstreamDepth() throws(SelectionError) -> Int {
        if take("+") { return .max }
        guard isNumber(current), tokens[position + 1].kind == .symbol("+") else { return 0 }
        switch tokens[position + 2].kind {
        case .word, .quoted, .symbol("("): break
        case .symbol, .end: return 0
        }
        let depth = try depth(current)
        position += 2
        return depth
    }

    var current: SelectionToken { tokens[position] }

    mutating func take(_ symbol: Unicode.Scalar) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private mutating func take(keyword: String) -> Bool {
        guard current.isKeyword(keyword) else { return false }
        position += 1
        return true
    }

    func isKeyword(_ token: SelectionToken) -> Bool { Self.keywords.contains(where: token.isKeyword) }

    private func isNumber(_ token: SelectionToken) -> Bool {
        guard case .word(let word) = token.kind else { return false }
        return word.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private func depth(_ token: SelectionToken) throws(SelectionError) -> Int {
        guard let depth = Int(token.text) else { throw SelectionError(.depthOutOfRange(token.text), at: token.offset) }
        return depth
    }

    mutating func enter(at offset: Int) throws(SelectionError) {
        guard nesting < Self.nestingLimit else {
            throw SelectionError(.nestedTooDeep(limit: Self.nestingLimit), at: offset)
        }
        nesting += 1
    }

    func unexpected(_ wanted: [String], near words: [String] = []) -> SelectionError {
        let found = current.text
        return SelectionError(
            .expected(wanted, found: found),
            at: current.offset,
            nearest: nearest(found, among: words)
        )
    }
}
