/// The name of a table's column, or of one part of a table's name, as a person writes it.
///
/// Unquoted, it is what SQL calls an identifier, and the dialect decides on its case. In double quotes it may hold
/// anything, a quote written twice.
struct SQLIdentifier: Hashable, Sendable {
    var text: String
    var isQuoted: Bool

    /// Reads one identifier at the beginning of `rest` and takes it off; `nil` when there is none.
    init?(takenFrom rest: inout Substring) {
        if rest.first == "\"" {
            var text = ""
            var tail = rest.dropFirst()
            while let end = tail.firstIndex(of: "\"") {
                text += tail[..<end]
                tail = tail[tail.index(after: end)...]
                guard tail.first == "\"" else {
                    guard !text.isEmpty, !text.unicodeScalars.contains("\0") else { return nil }
                    self.text = text
                    isQuoted = true
                    rest = tail
                    return
                }
                text += "\""
                tail = tail.dropFirst()
            }
            return nil
        }
        let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
        guard let first = word.first, first.isLetter || first == "_" else { return nil }
        text = String(word)
        isQuoted = false
        rest = rest.dropFirst(word.count)
    }

    /// A name as a database told it.
    init(exactly text: String) {
        self.text = text
        isQuoted = true
    }

    /// Reads a whole text as one identifier.
    init?(_ text: String) {
        var rest = Substring(text)
        self.init(takenFrom: &rest)
        guard rest.isEmpty else { return nil }
    }
}

/// The name of a table: `table`, `schema.table` or `database.schema.table`, each part quoted where it needs to be.
struct SQLTableName: Hashable, Sendable {
    var parts: [SQLIdentifier]

    init?(_ text: String) {
        var rest = Substring(text)
        parts = []
        repeat {
            guard let part = SQLIdentifier(takenFrom: &rest) else { return nil }
            parts.append(part)
            guard rest.isEmpty || rest.first == "." else { return nil }
        } while rest.popFirst() != nil
        guard parts.count <= 3 else { return nil }
    }
}

/// How a database wants a name to be quoted, and what else each one spells in its own way.
enum SQLDialect: Sendable {
    case databricks
    case postgresql
    case sqlite

    func quote(_ identifier: SQLIdentifier) -> String {
        switch self {
        case .postgresql: "\"\(exactName(identifier).replacing("\"", with: "\"\""))\""
        // SQLite takes a name in double quotes that it does not know for a text: max of a misspelt column would be that
        // text, and never change. Names in backticks are names.
        case .databricks, .sqlite: "`\(identifier.text.replacing("`", with: "``"))`"
        }
    }

    func quote(_ table: SQLTableName) -> String { table.parts.map(quote).joined(separator: ".") }

    /// A text as a literal; PostgreSQL's sessions take backslashes as they are, and the other two have none in names.
    func literal(_ text: String) -> String {
        switch self {
        case .databricks: "'\(text.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
        case .postgresql, .sqlite: "'\(text.replacing("'", with: "''"))'"
        }
    }

    /// The name as the database keeps it.
    func exactName(_ identifier: SQLIdentifier) -> String {
        switch self {
        case .postgresql where !identifier.isQuoted:
            // As the server folds it: letters outside ASCII keep their case.
            String(String.UnicodeScalarView(identifier.text.unicodeScalars.map(Self.lowercased)))
        case .databricks, .postgresql, .sqlite: identifier.text
        }
    }

    /// Whether the database takes an identifier for the name of this column.
    func matches(_ identifier: SQLIdentifier, column: String) -> Bool {
        switch self {
        case .postgresql: exactName(identifier) == column
        case .databricks, .sqlite: identifier.text.lowercased() == column.lowercased()
        }
    }

    private static func lowercased(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        ("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value) | 0x20) : scalar
    }
}
