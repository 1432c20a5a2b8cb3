import FreshetCore

/// One figure of a table that tells whether it changed.
enum SQLMeasure: Hashable, Sendable {
    case rowCount
    case max(SQLIdentifier)
    case min(SQLIdentifier)
    case sum(SQLIdentifier)
    /// A hash over all rows, whatever their order; over every column where none is named.
    case checksum([SQLIdentifier])
    /// What the database itself counts up when the table is written.
    case tableVersion
    /// How many rows are at most `lag` older than the watermark: a row that was stamped before the newest one and
    /// committed after it was read shows here.
    case recent(SQLIdentifier, lag: Duration)

    static let spelling = "row_count, max(column), min(column), sum(column), checksum, checksum(a, b), table_version"

    /// Reads one of ``spelling``.
    init?(_ text: String) {
        switch text {
        case "row_count": self = .rowCount
        case "checksum": self = .checksum([])
        case "table_version": self = .tableVersion
        default:
            guard let open = text.firstIndex(of: "("), text.last == ")" else { return nil }
            let inner = text[text.index(after: open)...].dropLast()
            guard let columns = Self.columns(inner), let column = columns.first else { return nil }
            switch text[..<open] {
            case "checksum": self = .checksum(columns)
            case "max" where columns.count == 1: self = .max(column)
            case "min" where columns.count == 1: self = .min(column)
            case "sum" where columns.count == 1: self = .sum(column)
            default: return nil
            }
        }
    }

    /// Identifiers with commas between them; `nil` for anything else.
    private static func columns(_ text: Substring) -> [SQLIdentifier]? {
        var rest = text.drop { $0 == " " }
        var columns: [SQLIdentifier] = []
        while let column = SQLIdentifier(takenFrom: &rest) {
            columns.append(column)
            rest = rest.drop { $0 == " " }
            guard rest.first == "," else { return rest.isEmpty ? columns : nil }
            rest = rest.dropFirst().drop { $0 == " " }
        }
        return nil
    }

    var columns: [SQLIdentifier] {
        switch self {
        case .rowCount, .tableVersion: []
        case .max(let column), .min(let column), .sum(let column), .recent(let column, _): [column]
        case .checksum(let columns): columns
        }
    }

    /// What tells it from every other figure, with its columns as the database resolves them.
    func identity(in dialect: SQLDialect) -> [String] {
        let lag = if case .recent(_, let lag) = self { [String(lag.inMilliseconds)] } else { [String]() }
        return [name] + columns.map(dialect.quote) + lag
    }

    /// As it is shown, and as a condition names it: without the quotes of the column.
    var name: String {
        switch self {
        case .rowCount: "row_count"
        case .max(let column): "max(\(column.text))"
        case .min(let column): "min(\(column.text))"
        case .sum(let column): "sum(\(column.text))"
        case .checksum(let columns) where columns.isEmpty: "checksum"
        case .checksum(let columns): "checksum(\(columns.map(\.text).joined(separator: ", ")))"
        case .tableVersion: "table_version"
        case .recent(let column, _): "recent(\(column.text))"
        }
    }
}
