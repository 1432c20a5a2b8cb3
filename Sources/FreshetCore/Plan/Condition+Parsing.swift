extension Condition {
    /// Reads a condition as it stands in a definition file; the language is documented in `docs/conditions.md`.
    ///
    /// Whether the assets exist and are inputs of the branch is for the graph to say, not for the text.
    ///
    /// - Throws: ``ConditionError`` for the first mistake, with its place and, for a word, the nearest right one.
    public init(parsing text: String) throws(ConditionError) {
        var parser = ConditionParser(try ConditionLexer.tokens(of: text))
        self = try parser.parse()
    }
}

/// Recursive descent over the tokens of a condition; binds `not` before `and` before `or`.
struct ConditionParser {
    /// How deep a condition may be nested, so that no text exhausts the stack.
    static let nestingLimit = 200
    private static let start = ["'changed(…)'", "'failed(…)'", "'value(…)'", "'not'", "'('"]
    private static let starters = ["changed", "failed", "not", "value"]

    let tokens: [ConditionToken]
    var position = 0
    private var nesting = 0

    init(_ tokens: [ConditionToken]) { self.tokens = tokens }

    mutating func parse() throws(ConditionError) -> Condition {
        let condition = try disjunction()
        guard current.kind == .end else { throw unexpected(["'and'", "'or'", "the end"], near: ["and", "or"]) }
        return condition
    }

    private mutating func disjunction() throws(ConditionError) -> Condition {
        var terms = [try conjunction()]
        while take(keyword: "or") { terms.append(try conjunction()) }
        return terms.count == 1 ? terms[0] : .any(terms)
    }

    private mutating func conjunction() throws(ConditionError) -> Condition {
        var terms = [try negation()]
        while take(keyword: "and") { terms.append(try negation()) }
        return terms.count == 1 ? terms[0] : .all(terms)
    }

    private mutating func negation() throws(ConditionError) -> Condition {
        let offset = current.offset
        guard take(keyword: "not") else { return try operand() }
        try enter(at: offset)
        defer { nesting -= 1 }
        return .not(try negation())
    }

    private mutating func operand() throws(ConditionError) -> Condition {
        let token = current
        switch token.kind {
        case .symbol("("):
            try enter(at: token.offset)
            defer { nesting -= 1 }
            position += 1
            let condition = try disjunction()
            guard take(")") else { throw unexpected(["'and'", "'or'", "')'"], near: ["and", "or"]) }
            return condition
        case .word("changed"):
            return .changed(try key())
        case .word("failed"):
            return .failed(try key())
        case .word("value"):
            return try comparison()
        case .word, .quoted, .symbol, .end:
            throw unexpected(Self.start, near: Self.starters)
        }
    }

    var current: ConditionToken { tokens[position] }

    mutating func take(_ symbol: String) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private mutating func take(keyword: String) -> Bool {
        guard current.isKeyword(keyword) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ symbol: String, after word: String) throws(ConditionError) {
        guard take(symbol) else { throw unexpected(["'\(symbol)' after '\(word)'"]) }
    }

    private mutating func enter(at offset: Int) throws(ConditionError) {
        guard nesting < Self.nestingLimit else {
            throw ConditionError(.nestedTooDeep(limit: Self.nestingLimit), at: offset)
        }
        nesting += 1
    }

    /// What people write who come from another language, with what it may mean here.
    private static let foreign: [String: [String]] = [
        "!": ["not", "!="], "&": ["and"], "&&": ["and"], "<>": ["!="], "=": ["=="], "=<": ["<="], "===": ["=="],
        "=>": [">="], "|": ["or"], "||": ["or"],
    ]

    func unexpected(_ wanted: [String], near words: [String] = []) -> ConditionError {
        let found = current.text
        let meant = Self.foreign[found]?.first(where: words.contains) ?? nearest(found, among: words)
        return ConditionError(.expected(wanted, found: found), at: current.offset, nearest: meant)
    }
}
