/// One token of a condition.
struct ConditionToken: Equatable {
    enum Kind: Equatable {
        case word(String)
        case quoted(String)
        /// `(`, `)`, `,`, or a run of the characters that operators are made of, right or wrong.
        case symbol(String)
        case end
    }

    var kind: Kind
    /// In Unicode scalars from the beginning of the text.
    var offset: Int

    /// As it is named in a message; empty at the end.
    var text: String {
        switch kind {
        case .word(let text), .symbol(let text): text
        case .quoted(let text): text.inQuotes
        case .end: ""
        }
    }

    /// Keywords are written in lower or in upper case, as in a selection.
    func isKeyword(_ keyword: String) -> Bool { kind == .word(keyword) || kind == .word(keyword.uppercased()) }
}

/// Cuts a condition into tokens, the last of which is ``ConditionToken/Kind/end``.
struct ConditionLexer {
    private static let operators: Set<Unicode.Scalar> = ["!", "&", "<", "=", ">", "|"]
    private static let punctuation: Set<Unicode.Scalar> = ["(", ")", ","]
    private static let quotes: Set<Unicode.Scalar> = ["\"", "'"]

    static func tokens(of text: String) throws(ConditionError) -> [ConditionToken] {
        var scanner = TextScanner(text)
        var tokens: [ConditionToken] = []
        while true {
            scanner.skipWhitespace()
            let offset = scanner.offset
            let kind: ConditionToken.Kind
            switch scanner.next {
            case nil:
                tokens.append(ConditionToken(kind: .end, offset: offset))
                return tokens
            case let next? where quotes.contains(next):
                guard let text = scanner.takeQuoted() else { throw ConditionError(.unclosedQuote, at: offset) }
                kind = .quoted(text)
            case let next? where punctuation.contains(next):
                scanner.skip()
                kind = .symbol(String(Character(next)))
            case let next? where operators.contains(next):
                kind = .symbol(scanner.take(while: operators.contains))
            default:
                kind = .word(scanner.take(while: isLetter))
            }
            tokens.append(ConditionToken(kind: kind, offset: offset))
        }
    }

    /// Whether a key or name can be written without quotation marks.
    static func isWord(_ text: String) -> Bool { !text.isEmpty && text.unicodeScalars.allSatisfy(isLetter) }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        !operators.contains(scalar) && !punctuation.contains(scalar) && !quotes.contains(scalar)
            && !scalar.properties.isWhitespace
    }
}
