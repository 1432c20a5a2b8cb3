import CSQLite

/// Runs statements by SQLite on a copy of the tables, after the words that Databricks spells otherwise were replaced.
///
/// That covers what a prober asks: counts, maxima, sums, joins of such rows, and histories of Delta tables.
struct WarehouseQuery {
    let tables: [String: Warehouse.Table]

    private static let spellings = [
        ("named_struct(", "json_object("), ("collect_list(", "json_group_array("), ("to_json(", "json("),
        ("unix_millis(timestamp)", "timestamp"), ("current_timestamp()", "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')"),
        ("operationParameters", "json(operationParameters)"), ("operationMetrics", "json(operationMetrics)"),
    ]

    func run(_ statement: String) -> Warehouse.Result {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        guard sqlite3_open(":memory:", &database) == SQLITE_OK, let database else {
            return Warehouse.Result(failure: ["INTERNAL_ERROR", "no database"])
        }
        for (name, table) in tables { fill(database, name, table) }
        var prepared: OpaquePointer?
        defer { sqlite3_finalize(prepared) }
        guard sqlite3_prepare_v2(database, translated(statement), -1, &prepared, nil) == SQLITE_OK else {
            return Warehouse.Result(failure: failure(String(cString: sqlite3_errmsg(database))))
        }
        var result = Warehouse.Result()
        let count = sqlite3_column_count(prepared)
        while sqlite3_step(prepared) == SQLITE_ROW {
            if result.columns.isEmpty {
                result.columns = (0..<count).map { index in
                    let name = sqlite3_column_name(prepared, index).map { String(cString: $0) } ?? ""
                    return Warehouse.Column(name: name, type: type(prepared, index))
                }
            }
            result.rows.append((0..<count).map { sqlite3_column_text(prepared, $0).map { String(cString: $0) } })
        }
        if result.columns.isEmpty {
            result.columns = (0..<count).map { index in
                let name = sqlite3_column_name(prepared, index).map { String(cString: $0) } ?? ""
                return Warehouse.Column(name: name, type: "STRING")
            }
        }
        return result
    }

    private func type(_ row: OpaquePointer?, _ index: Int32) -> String {
        switch sqlite3_column_type(row, index) {
        case SQLITE_INTEGER: return "LONG"
        case SQLITE_FLOAT: return "DOUBLE"
        default:
            let text = sqlite3_column_text(row, index).map { String(cString: $0) } ?? ""
            let isMoment = text.count >= 19 && text.dropFirst(10).first == "T" && text.hasSuffix("Z")
            return isMoment ? "TIMESTAMP" : "STRING"
        }
    }

    private func fill(_ database: OpaquePointer, _ name: String, _ table: Warehouse.Table) {
        let columns = table.columns.map { "\"\($0)\"" }.joined(separator: ", ")
        execute(database, "CREATE TABLE \"\(name)\"(\(columns.isEmpty ? "none" : columns))")
        for row in table.rows {
            execute(database, "INSERT INTO \"\(name)\" VALUES (\(row.map(literal).joined(separator: ", ")))")
        }
        execute(
            database,
            "CREATE TABLE \"history of \(name)\"(version, timestamp, operation, operationParameters, operationMetrics)"
        )
        for entry in table.history {
            let values: [JSON] = [
                .int(entry.version), .int(entry.timestamp), .string(entry.operation), .string(entry.parameters.text),
                entry.metrics == .null ? .null : .string(entry.metrics.text),
            ]
            execute(
                database,
                "INSERT INTO \"history of \(name)\" VALUES (\(values.map(literal).joined(separator: ", ")))"
            )
        }
    }

    private func execute(_ database: OpaquePointer, _ sql: String) { sqlite3_exec(database, sql, nil, nil, nil) }

    private func literal(_ value: JSON) -> String {
        switch value {
        case .null: "NULL"
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): "'\(text.replacing("'", with: "''"))'"
        case .array, .bool, .object: "'\(value.text.replacing("'", with: "''"))'"
        }
    }

    private func translated(_ statement: String) -> String {
        var text = statement
        for (theirs, ours) in WarehouseQuery.spellings { text = text.replacing(theirs, with: ours) }
        // Longer names first, so that no name is taken for the beginning of another.
        for name in tables.keys.sorted(by: { $0.count > $1.count }) {
            let quoted = name.split(separator: ".").map { "`\($0)`" }.joined(separator: ".")
            for form in [quoted, name] {
                text = text.replacing(
                    "DESCRIBE HISTORY \(form)",
                    with: "SELECT * FROM \"history of \(name.replacing(".", with: "\u{1}"))\" ORDER BY version DESC"
                )
                text = text.replacing(form, with: "\"\(name.replacing(".", with: "\u{1}"))\"")
            }
        }
        // What is left names no table that there is; the database has to say so, by the name that was asked for.
        text.replace(/(DESCRIBE HISTORY )?`([^`]+)`\.`([^`]+)`\.`([^`]+)`/) { match in
            (match.1 == nil ? "" : "SELECT * FROM ") + "\"\(match.2).\(match.3).\(match.4)\""
        }
        return text.replacing("\u{1}", with: ".")
    }

    /// - SeeAlso: Databricks documentation, "Error classes".
    private func failure(_ message: String) -> [String] {
        if message.hasPrefix("no such table: ") {
            let name = message.dropFirst(15)
            return [
                "BAD_REQUEST", "[TABLE_OR_VIEW_NOT_FOUND] The table or view `\(name)` cannot be found. SQLSTATE: 42P01",
            ]
        }
        if message.hasPrefix("no such column: ") {
            let name = message.dropFirst(16)
            return [
                "BAD_REQUEST",
                "[UNRESOLVED_COLUMN.WITHOUT_SUGGESTION] A column with name `\(name)` cannot be resolved. SQLSTATE: 42703",
            ]
        }
        return ["BAD_REQUEST", "[PARSE_SYNTAX_ERROR] \(message). SQLSTATE: 42601"]
    }
}
