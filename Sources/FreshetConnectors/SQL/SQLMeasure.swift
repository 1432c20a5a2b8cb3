/// One figure of a table that tells whether it changed.
enum SQLMeasure: Hashable, Sendable {
    case rowCount
    case max(SQLIdentifier)
    case min(SQLIdentifier)
    case sum(SQLIdentifier)

    /// Reads `row_count`, `max(column)`, `min(column)` or `sum(column)`.
    init?(_ text: String) {
        guard text != "row_count" else {
            self = .rowCount
            return
        }
        guard let open = text.firstIndex(of: "("), text.last == ")",
            let column = SQLIdentifier(String(text[text.index(after: open)...].dropLast()))
        else { return nil }
        switch text[..<open] {
        case "max": self = .max(column)
        case "min": self = .min(column)
        case "sum": self = .sum(column)
        default: return nil
        }
    }

    var column: SQLIdentifier? {
        switch self {
        case .rowCount: nil
        case .max(let column), .min(let column), .sum(let column): column
        }
    }

    /// As it is shown, and as a condition names it: without the quotes of the column.
    var name: String {
        switch self {
        case .rowCount: "row_count"
        case .max(let column): "max(\(column.text))"
        case .min(let column): "min(\(column.text))"
        case .sum(let column): "sum(\(column.text))"
        }
    }

    func expression(_ dialect: SQLDialect) -> String {
        switch self {
        case .rowCount: "count(*)"
        case .max(let column): "max(\(dialect.quote(column)))"
        case .min(let column): "min(\(dialect.quote(column)))"
        case .sum(let column): "sum(\(dialect.quote(column)))"
        }
    }
}
