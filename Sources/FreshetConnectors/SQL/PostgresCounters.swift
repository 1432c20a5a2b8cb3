import FreshetCore

/// How often PostgreSQL counted a row of a table as inserted, updated or deleted.
///
/// The counters of every partition are added up. A crash and `pg_stat_reset` set them to zero; then, and where they are
/// lower than they were, nobody can say what happened in between. A standby does not count at all.
///
/// - SeeAlso: PostgreSQL documentation, "The Cumulative Statistics System".
struct PostgresCounters {
    static let width = 8

    /// One row; its first column is NULL where there is no such table.
    static func select(_ table: SQLTableName) -> String {
        let dialect = SQLDialect.postgresql
        let oid = "to_regclass(\(dialect.literal(dialect.quote(table))))"
        let counters = ["inserted", "updated", "deleted"].enumerated().map { index, name in
            "(SELECT sum(pg_stat_get_tuples_\(name)(oid))::bigint FROM leaf) AS f\(index + 3)"
        }
        return """
            WITH RECURSIVE part(oid) AS (
              SELECT \(oid)::oid UNION SELECT i.inhrelid FROM pg_inherits i JOIN part p ON i.inhparent = p.oid
            ), leaf AS (SELECT c.oid, c.relkind FROM pg_class c JOIN part USING (oid) WHERE c.relkind <> 'p')
            SELECT (SELECT relkind::text FROM pg_class WHERE oid = \(oid)) AS f0,
              (SELECT count(*) FROM leaf WHERE relkind NOT IN ('r', 'm')) AS f1,
              CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE current_setting('track_counts') END AS f2,
              \(counters.joined(separator: ", ")),
              (SELECT md5(string_agg(pg_relation_filenode(oid)::text, ',' ORDER BY oid)) FROM leaf) AS f6,
              concat_ws(' ', (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()),
                (SELECT stats_reset FROM pg_stat_bgwriter)) AS f7
            """
    }

    /// - Parameters:
    ///   - row: the answer to ``select(_:)``.
    ///   - before: what was noted at the last look, if there was one.
    /// - Returns: the counters as one figure, unknown where they do not tell.
    /// - Throws: ``SQLError/noTable(_:)``, or ``SQLError/refused(code:message:)`` for what has no counters.
    static func figures(
        _ row: [SQLValue],
        after before: [String: ObservedValue]
    ) throws(SQLError) -> SQLFigures {
        guard row.count == width else { throw .refused(code: "none", message: "the answer has \(row.count) columns") }
        guard row[0] != .null else { throw .noTable("to_regclass found none of that name") }
        var figures = SQLFigures()
        guard row[1] == .integer(0) else {
            throw .refused(
                code: "none",
                message:
                    "a view and a foreign table have no counters; watch row_count, a column, or the tables behind it"
            )
        }
        let counts = row[3...5].map { if case .integer(let count) = $0 { count } else { Int64(0) } }
        let file = row[6].observed?.description ?? ""
        let epoch = row[7].observed?.description ?? ""
        figures.add(
            name,
            .text("\(counts.map(String.init).joined(separator: "/")) of \(file.prefix(8)) since \(epoch)")
        )
        for (name, count) in zip(noted, counts) { figures.notes[name] = .integer(count) }
        figures.notes[epochNote] = .text(epoch)
        switch row[2] {
        case .text("on"): break
        case .text("standby"): figures.unknown = "a standby does not count; connect to the primary, or watch figures"
        default: figures.unknown = "the server does not count (track_counts is off); watch figures of the table"
        }
        figures.unknown = figures.unknown ?? lost(counts, epoch, after: before)
        return figures
    }

    private static let name = SQLMeasure.tableVersion.name
    private static let noted = ["rows_inserted", "rows_updated", "rows_deleted"]
    private static let epochNote = "counted_since"

    private static func lost(
        _ counts: [Int64],
        _ epoch: String,
        after before: [String: ObservedValue]
    ) -> String? {
        guard case .text(let then)? = before[epochNote] else { return nil }
        if then != epoch { return "the counters were set back since the last look (\(then), now \(epoch))" }
        for (name, count) in zip(noted, counts) {
            if case .integer(let old)? = before[name], count < old {
                return "\(name) went down from \(old) to \(count): the counters were lost"
            }
        }
        return nil
    }
}
