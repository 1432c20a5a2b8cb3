/// A DAX query, as far as the emulator understands DAX: counts of rows, or a whole table.
///
/// `EVALUATE ROW("n", COUNTROWS('Fact Sales') + 0, "m", COUNTROWS(dim))` and `EVALUATE 'Fact Sales'`.
struct RowQuery: Hashable, Sendable {
    enum Shape: Hashable, Sendable {
        case row([Count])
        case table(String)
    }

    /// One column of a `ROW`.
    struct Count: Hashable, Sendable {
        var column: String
        var table: String
        /// What is added; nil without `+`, when counting an empty table gives BLANK.
        var addend: Int?
    }

    /// A result for each `EVALUATE`; the service returns the first only.
    var shapes: [Shape] = []

    /// Nil when it is anything but the above.
    init?(_ text: String) {
        guard var tokens = Token.read(text) else { return nil }
        while tokens.takeWord("EVALUATE") {
            guard let shape = RowQuery.shape(&tokens) else { return nil }
            shapes.append(shape)
        }
        guard tokens.isEmpty, !shapes.isEmpty else { return nil }
    }

    private static func shape(_ tokens: inout ArraySlice<Token>) -> Shape? {
        guard tokens.first?.isWord("ROW") == true, tokens.dropFirst().first == .symbol("(") else {
            return tokens.takeName().map { .table($0) }
        }
        tokens = tokens.dropFirst(2)
        var counts: [Count] = []
        repeat {
            guard case .text(let column)? = tokens.popFirst(), tokens.take(","), tokens.takeWord("COUNTROWS"),
                tokens.take("("), let table = tokens.takeName(), tokens.take(")")
            else { return nil }
            var count = Count(column: column, table: table)
            if tokens.take("+") {
                guard case .number(let number)? = tokens.popFirst() else { return nil }
                count.addend = number
            }
            counts.append(count)
        } while tokens.take(",")
        return tokens.take(")") ? .row(counts) : nil
    }
}

private enum Token: Hashable {
    case number(Int)
    /// In apostrophes, which a table's name may always be and must be when it has spaces.
    case quoted(String)
    case symbol(Character)
    case text(String)
    case word(String)

    func isWord(_ word: String) -> Bool {
        guard case .word(let found) = self else { return false }
        return found.uppercased() == word
    }

    /// Nil when a quotation is not closed or a character has no meaning here.
    static func read(_ text: String) -> ArraySlice<Token>? {
        var tokens: [Token] = []
        var rest = Substring(text)
        while let first = rest.first {
            if first.isWhitespace {
                rest = rest.dropFirst()
            } else if first == "'" || first == "\"" {
                guard let content = quotation(&rest, first) else { return nil }
                tokens.append(first == "'" ? .quoted(content) : .text(content))
            } else if first.isLetter || first == "_" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
                tokens.append(.word(String(word)))
                rest = rest.dropFirst(word.count)
            } else if first.isWholeNumber {
                let digits = rest.prefix { $0.isWholeNumber }
                guard let number = Int(digits) else { return nil }
                tokens.append(.number(number))
                rest = rest.dropFirst(digits.count)
            } else if "(),+".contains(first) {
                tokens.append(.symbol(first))
                rest = rest.dropFirst()
            } else {
                return nil
            }
        }
        return tokens[...]
    }

    /// Takes a quotation in which the mark is written twice to mean itself.
    private static func quotation(_ rest: inout Substring, _ mark: Character) -> String? {
        var content = ""
        rest = rest.dropFirst()
        while let character = rest.popFirst() {
            if character != mark {
                content.append(character)
            } else if rest.first == mark {
                content.append(mark)
                rest = rest.dropFirst()
            } else {
                return content
            }
        }
        return nil
    }
}

extension ArraySlice<Token> {
    fileprivate mutating func take(_ symbol: Character) -> Bool {
        guard first == .symbol(symbol) else { return false }
        removeFirst()
        return true
    }

    fileprivate mutating func takeWord(_ word: String) -> Bool {
        guard first?.isWord(word) == true else { return false }
        removeFirst()
        return true
    }

    fileprivate mutating func takeName() -> String? {
        switch first {
        case .quoted(let name), .word(let name):
            removeFirst()
            return name
        default: return nil
        }
    }
}
