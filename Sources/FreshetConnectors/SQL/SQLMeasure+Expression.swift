import FreshetCore

extension SQLMeasure {
    /// The name that a statement gives the table whose whole rows it reads.
    static let rowAlias = "freshet_row"

    /// What is written in a statement that reads the table; ``tableVersion`` is not read from the table itself.
    ///
    /// - Parameters:
    ///   - dialect: of the database.
    ///   - table: for figures that look at the table, or at what the database tells of its columns, once more.
    ///   - allColumns: of the table, for a checksum over all of them where the dialect has no word for that.
    /// - Returns: an expression that gives one value.
    func expression(_ dialect: SQLDialect, table: SQLTableName, allColumns: [SQLIdentifier]) -> String {
        switch self {
        case .rowCount: "count(*)"
        case .max(let column): "max(\(dialect.quote(column)))"
        case .min(let column): "min(\(dialect.quote(column)))"
        case .sum(let column): "sum(\(dialect.quote(column)))"
        case .checksum(let columns): Self.checksum(columns, of: table, allColumns, dialect)
        case .recent(let column, let lag): Self.recent(dialect.quote(column), in: dialect.quote(table), lag, dialect)
        case .tableVersion: "NULL"
        }
    }

    /// A sum, so that a row which is there twice counts twice; with XOR, pairs would cancel out.
    ///
    /// Two sums of 64 bits with different seeds, where a hash has no more bits. The number of rows stands in front.
    private static func checksum(
        _ columns: [SQLIdentifier],
        of table: SQLTableName,
        _ allColumns: [SQLIdentifier],
        _ dialect: SQLDialect
    ) -> String {
        let names = columns.map(dialect.quote).joined(separator: ", ")
        switch dialect {
        case .databricks:
            // A hash of the columns themselves passes over NULL: ('a', NULL) and (NULL, 'a') would be the same.
            let format = "yyyy-MM-dd\\'T\\'HH:mm:ss.SSSSSS"
            let options = "map('timestampFormat', '\(format)XXX', 'timestampNTZFormat', '\(format)')"
            let row = "to_json(struct(\(columns.isEmpty ? "*" : names)), \(options))"
            let sums = ["xxhash64(\(row))", "xxhash64(\(row), 1)"].map {
                "CAST(sum(CAST(\($0) AS DECIMAL(38, 0))) AS STRING)"
            }
            return "concat_ws(':', CAST(count(*) AS STRING), \(sums.joined(separator: ", ")))"
        case .postgresql:
            let row = columns.isEmpty ? "(\(rowAlias).*)::text" : "ROW(\(names))::text"
            let sums = [0, 1].map { "sum(hashtextextended(\(row) COLLATE \"C\", \($0))::numeric)" }
            let shape = shape(of: table, columns, dialect)
            return "concat_ws(':', count(*), \(sums.joined(separator: ", ")), (\(shape)))"
        case .sqlite:
            let all = columns.isEmpty ? allColumns : columns
            let rows = "freshet_checksum(\(all.map(dialect.quote).joined(separator: ", ")))"
            return "\(rows) || ':' || (\(shape(of: table, columns, dialect)))"
        }
    }

    /// A question for a hash of the columns' names and types; of all columns, also of their order.
    ///
    /// Rows that are written without their columns' names look the same after two columns were swapped by renaming.
    private static func shape(of table: SQLTableName, _ columns: [SQLIdentifier], _ dialect: SQLDialect) -> String {
        let names = columns.map { dialect.literal(dialect.exactName($0)) }.joined(separator: ", ")
        switch dialect {
        // Its rows are written with their columns' names.
        case .databricks: return "''"
        case .postgresql:
            let text = "string_agg(format('%I %s', attname, format_type(atttypid, atttypmod)), ', ' ORDER BY attnum)"
            let relation = "to_regclass(\(dialect.literal(dialect.quote(table))))"
            let named = columns.isEmpty ? "" : " AND attname IN (\(names))"
            return """
                SELECT left(md5(\(text)), 16) FROM pg_attribute \
                WHERE attrelid = \(relation) AND attnum > 0 AND NOT attisdropped\(named)
                """
        case .sqlite:
            let parts = table.parts.reversed().map { dialect.literal($0.text) }.joined(separator: ", ")
            let (place, named) =
                columns.isEmpty ? ("cid, ", "") : ("", " WHERE name COLLATE NOCASE IN (\(names))")
            return "SELECT freshet_checksum(\(place)name, type) FROM pragma_table_info(\(parts))\(named)"
        }
    }

    /// Counted back from the newest row that the database's own clock does not call a row of the future: one such row
    /// would carry the window away from where rows arrive.
    private static func recent(_ column: String, in table: String, _ lag: Duration, _ dialect: SQLDialect) -> String {
        let seconds = Swift.max(1, Int64(lag.inSeconds.rounded(.up)))
        func rows(_ moment: String, now: String, minus lag: String) -> String {
            let newest = "(SELECT max(\(moment)) FROM \(table) WHERE \(moment) <= \(now))"
            return "(SELECT count(*) FROM \(table) WHERE \(moment) >= \(newest) - \(lag))"
        }
        switch dialect {
        case .databricks: return rows(column, now: "current_timestamp()", minus: "INTERVAL '\(seconds)' SECOND")
        case .postgresql: return rows(column, now: "now()", minus: "interval '\(seconds) seconds'")
        case .sqlite:
            // Seconds since 1970, or one of the texts that SQLite itself reads as a time.
            let moment = "iif(typeof(\(column)) IN ('integer', 'real'), \(column), unixepoch(\(column)))"
            return rows(moment, now: "unixepoch('now')", minus: "\(seconds)")
        }
    }
}
