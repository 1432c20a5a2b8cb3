/// A mistake in a name or an expression of a definition file, before its position is known.
struct SQLMistake: Error, Equatable {
    var message: String
    var hint: String?

    init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}

/// The name of a table: `table`, `schema.table` or `database.schema.table`.
///
/// Parts are taken exactly as written, with no folding of case: YAML takes the quotation marks off `"FactSales"`
/// before anybody sees them. A part in double quotation marks may hold dots, and `""` for a quotation mark.
struct SQLName: Hashable, Sendable {
    /// One to three, the table's own name last; none is empty.
    var parts: [String]

    init(parsing text: String) throws(SQLMistake) {
        parts = try Self.split(text)
        guard parts.count <= 3 else {
            throw SQLMistake(
                "'\(text)' has \(parts.count) parts; expected table, schema.table or database.schema.table",
                hint: "put a part that holds dots in double quotation marks"
            )
        }
    }

    /// As ``init(parsing:)`` reads it, with quotation marks only where they are needed.
    var written: String { parts.map(Self.written).joined(separator: ".") }

    static func written(_ part: String) -> String {
        let needsQuotes = part.unicodeScalars.contains { "\".()*,".unicodeScalars.contains($0) }
        let isTrimmed = part.first?.isWhitespace == false && part.last?.isWhitespace == false
        return needsQuotes || !isTrimmed ? quoted(part) : part
    }

    /// Between double quotation marks, as standard SQL quotes a name.
    static func quoted(_ part: String) -> String { "\"" + part.replacing("\"", with: "\"\"") + "\"" }

    /// The parts between dots; a dot between quotation marks separates nothing.
    static func split(_ text: String) throws(SQLMistake) -> [String] {
        guard !text.unicodeScalars.contains("\0") else { throw SQLMistake("a name cannot hold the character NUL") }
        var parts: [String] = []
        var rest = text.unicodeScalars[...]
        while true {
            rest = rest.drop { $0.properties.isWhitespace }
            let part = rest.first == "\"" ? try takeQuoted(&rest, of: text) : try takeBare(&rest, of: text)
            guard !part.isEmpty else { throw SQLMistake("a part of the name '\(text)' is empty") }
            parts.append(part)
            rest = rest.drop { $0.properties.isWhitespace }
            guard let next = rest.popFirst() else { return parts }
            guard next == "." else {
                throw SQLMistake(
                    "a dot or the end is expected after the quoted part of '\(text)'",
                    hint: "write a quotation mark inside a name twice"
                )
            }
        }
    }

    private static func takeQuoted(
        _ rest: inout Substring.UnicodeScalarView,
        of text: String
    ) throws(SQLMistake) -> String {
        rest.removeFirst()
        var part = String.UnicodeScalarView()
        while let scalar = rest.popFirst() {
            if scalar == "\"" {
                guard rest.first == "\"" else { return String(part) }
                rest.removeFirst()
            }
            part.append(scalar)
        }
        throw SQLMistake("the quotation mark that begins a part of '\(text)' is not closed")
    }

    private static func takeBare(
        _ rest: inout Substring.UnicodeScalarView,
        of text: String
    ) throws(SQLMistake) -> String {
        var part = rest.prefix { $0 != "." }
        rest = rest[part.endIndex...]
        while part.last?.properties.isWhitespace == true { part.removeLast() }
        guard !part.contains("\"") else {
            throw SQLMistake(
                "'\(text)' has a quotation mark inside a part that does not begin with one",
                hint: "write \(quoted(String(String.UnicodeScalarView(part))))"
            )
        }
        return String(String.UnicodeScalarView(part))
    }
}
