/// What differs between the databases in writing a question.
enum SQLDialect: Hashable, Sendable {
    case postgreSQL
    case sqlite

    /// PostgreSQL would cut off a longer name and read another table.
    ///
    /// - SeeAlso: PostgreSQL 15 documentation, 4.1.1 "Identifiers and Key Words".
    private static let longestPostgreSQLName = 63

    /// The one statement that reads all values, so that they belong to one state of the table.
    func question(_ expressions: [SQLExpression], of table: SQLName) throws(SQLError) -> SQLQuery {
        var columns: [String] = []
        for expression in expressions { columns.append(try write(expression)) }
        // The columns are qualified: SQLite takes a quoted name alone that is no column for a text.
        return SQLQuery(text: "SELECT \(columns.joined(separator: ", ")) FROM \(try quote(table)) AS freshet")
    }

    /// The columns of a table or view: no row when it does not exist, a null when it has none.
    func columns(of table: SQLName) throws(SQLError) -> SQLQuery {
        switch self {
        case .postgreSQL:
            SQLQuery(
                text: """
                    SELECT a.attname::text FROM pg_catalog.pg_class c
                    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    WHERE c.oid = pg_catalog.to_regclass($1)
                    """,
                parameters: [try quote(table)]
            )
        case .sqlite:
            SQLQuery(
                text: """
                    SELECT c.name FROM pragma_table_list t LEFT JOIN pragma_table_xinfo(t.name, t.schema) c
                    WHERE t.schema = ?1 COLLATE NOCASE AND t.name = ?2 COLLATE NOCASE
                    """,
                parameters: [table.parts.count > 1 ? table.parts[0] : "main", table.parts[table.parts.count - 1]]
            )
        }
    }

    /// The tables and views that could have been meant: schema and name, and whether the name alone finds it.
    var tables: SQLQuery {
        switch self {
        case .postgreSQL:
            SQLQuery(
                text: """
                    SELECT n.nspname::text, c.relname::text,
                           CASE WHEN pg_catalog.pg_table_is_visible(c.oid) THEN 'yes' ELSE 'no' END
                    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%'
                      AND n.nspname <> 'information_schema'
                    ORDER BY 1, 2 LIMIT 10000
                    """
            )
        case .sqlite:
            SQLQuery(text: "SELECT schema, name, 'yes' FROM pragma_table_list WHERE name NOT LIKE 'sqlite_%'")
        }
    }

    /// Whether a refusal with this code may come from a table or column that does not exist.
    func mayMeanMissing(_ code: String) -> Bool {
        switch self {
        // undefined_table, undefined_column, invalid_schema_name
        case .postgreSQL: ["42P01", "42703", "3F000"].contains(code)
        // SQLITE_ERROR, which says no more than that the statement is wrong.
        case .sqlite: code == "1"
        }
    }

    func isSameName(_ lhs: String, _ rhs: String) -> Bool {
        switch self {
        case .postgreSQL: lhs == rhs
        case .sqlite: lhs.lowercased() == rhs.lowercased()
        }
    }

    func quote(_ table: SQLName) throws(SQLError) -> String {
        if self == .sqlite, table.parts.count > 2 {
            throw .unusableName(table.written, reason: "SQLite has no databases above its schemas")
        }
        var parts: [String] = []
        for part in table.parts { parts.append(try quote(part)) }
        return parts.joined(separator: ".")
    }

    private func quote(_ part: String) throws(SQLError) -> String {
        if self == .postgreSQL, part.utf8.count > Self.longestPostgreSQLName {
            throw .unusableName(part, reason: "PostgreSQL's names have at most \(Self.longestPostgreSQLName) bytes")
        }
        return SQLName.quoted(part)
    }

    private func write(_ expression: SQLExpression) throws(SQLError) -> String {
        switch expression {
        case .rowCount: "count(*)"
        case .aggregate(let function, let column): "\(function.rawValue)(freshet.\(try quote(column)))"
        }
    }
}
