/// One token of a selection.
struct SelectionToken: Equatable {
    enum Kind: Equatable {
        case word(String)
        case quoted(String)
        /// One of `( ) + = : ,`.
        case symbol(Unicode.Scalar)
        case end
    }

    var kind: Kind
    /// In Unicode scalars from the beginning of the text.
    var offset: Int

    /// As it is named in a message; empty at the end.
    var text: String {
        switch kind {
        case .word(let text): text
        case .quoted(let text): text.inQuotes
        case .symbol(let symbol): String(Character(symbol))
        case .end: ""
        }
    }

    /// Keywords are written in lower or in upper case, as in Dagster.
    func isKeyword(_ keyword: String) -> Bool { kind == .word(keyword) || kind == .word(keyword.uppercased()) }
}

/// Cuts a selection into tokens, the last of which is ``SelectionToken/Kind/end``.
struct SelectionLexer {
    private static let symbols: Set<Unicode.Scalar> = ["(", ")", "+", "=", ":", ","]
    private static let quotes: Set<Unicode.Scalar> = ["\"", "'"]

    static func tokens(of text: String) throws(SelectionError) -> [SelectionToken] {
        var scanner = TextScanner(text)
        var tokens: [SelectionToken] = []
        /// After `owner:` the colon of `team:bi` is a letter like any other.
        var isValue = false
        while true {
            scanner.skipWhitespace()
            let offset = scanner.offset
            guard let next = scanner.next else {
                tokens.append(SelectionToken(kind: .end, offset: offset))
                return tokens
            }
            if quotes.contains(next) {
                guard let text = scanner.takeQuoted() else { throw SelectionError(.unclosedQuote, at: offset) }
                tokens.append(SelectionToken(kind: .quoted(text), offset: offset))
                isValue = false
            } else if symbols.contains(next) {
                scanner.skip()
                tokens.append(SelectionToken(kind: .symbol(next), offset: offset))
                isValue = next == ":" || next == "="
            } else {
                let word = scanner.take { scalar in
                    if scalar == ":" { return isValue }
                    return !symbols.contains(scalar) && !quotes.contains(scalar) && !scalar.properties.isWhitespace
                }
                tokens.append(SelectionToken(kind: .word(word), offset: offset))
                isValue = false
            }
        }
    }
}
