package import FreshetCore
package import FreshetKit

/// Watches a table through a few figures that one statement reads in one snapshot.
///
/// A figure that goes down is a change like any other. What each figure misses: `row_count` an update in place, and as
/// many rows deleted as inserted; `max(column)` a deletion, a back-dated row, and a row that is stamped early and
/// committed late; together they miss little. A `sum` of floating-point numbers may differ from run to run.
package struct SQLTableProbe: Probe {
    package static let name = "sql.table"
    package static let summary = "A table of a database; it changes when one of its watched figures does."
    package static let fields = [
        Field(
            "connection",
            .connection([PostgresConnection.name, SQLiteConnection.name]),
            required: true,
            "The database that the table is in."
        ),
        Field(
            "table",
            .text,
            required: true,
            "The table as schema.table or table; a part with other signs than letters and digits in double quotes."
        ),
        Field(
            "change",
            .oneOrMore(.text),
            default: "[row_count]",
            "The figures that are watched: row_count, max(column), min(column), sum(column)."
        ),
        Field("data_time", .text, "How to read the data's own time: max(column) or min(column)."),
    ]
    package static let examples = [
        """
        key: warehouse/fct_sales
        kind: sql.table
        connection: warehouse
        table: analytics.fct_sales
        change: [row_count, max(updated_at)]
        data_time: max(updated_at)
        """,
        """
        key: warehouse/order_items
        kind: sql.table
        connection: warehouse
        table: 'shop."Order Items"'
        timeout: 2m
        """,
    ]

    private let connection: String
    private let table: SQLTableName
    private let tableText: String
    private let measures: [SQLMeasure]
    private let dataTime: SQLMeasure?
    private let timeout: Duration

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        tableText = try settings.requiredText("table")
        guard let table = SQLTableName(tableText) else {
            throw Diagnostic(
                "'\(tableText)' is not the name of a table",
                at: settings.origin(of: "table"),
                hint: "write schema.table, and a part with other signs in double quotes: 'shop.\"Order Items\"'"
            )
        }
        self.table = table
        var measures: [SQLMeasure] = []
        for text in try settings.texts("change") {
            let measure = try Self.measure(text, at: settings.origin(of: "change"))
            if !measures.contains(measure) { measures.append(measure) }
        }
        self.measures = measures.isEmpty ? [.rowCount] : measures
        dataTime = try settings.text("data_time").map { text throws(Diagnostic) in
            switch try Self.measure(text, at: settings.origin(of: "data_time")) {
            case .max(let column): return .max(column)
            case .min(let column): return .min(column)
            case .rowCount, .sum:
                throw Diagnostic(
                    "'\(text)' is not a time",
                    at: settings.origin(of: "data_time"),
                    hint: "write max(column) or min(column)"
                )
            }
        }
        timeout = try settings.duration("timeout") ?? .seconds(30)
    }

    package func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation {
        let clock = context.surroundings.clock
        let began = clock.now
        let database = try context.connections.database(connection)
        let reading = SQLReading(table: table, measures: measures, dataTime: dataTime)
        do throws(SQLError) {
            let limit = min(timeout, context.deadline - began)
            guard limit > .zero else { throw .timedOut(after: .zero) }
            let answer = try await database.query(reading.statement(type(of: database).dialect), timeout: limit)
            return try reading.observation(answer, observedAt: began)
        } catch .noTable(let message) {
            return Observation(
                .missing,
                signal: reading.signal,
                observedAt: began,
                message: "there is no table \(tableText): \(message)"
            )
        } catch .noColumn(let name, _) {
            let limit = max(.seconds(1), min(timeout, context.deadline - clock.now))
            throw await noColumn(name, in: database, timeout: limit)
        }
    }

    /// Says which of the stated columns is not there, and which one it was perhaps meant to be.
    private func noColumn(_ name: String, in database: any SQLDatabase, timeout: Duration) async -> SQLError {
        let dialect = type(of: database).dialect
        let statement = "SELECT * FROM \(dialect.quote(table)) LIMIT 0"
        do throws(SQLError) {
            let columns = try await database.query(statement, timeout: timeout).columns
            let stated = (measures + [dataTime].compactMap { $0 }).compactMap(\.column)
            let missing = stated.first { column in !columns.contains { dialect.matches(column, column: $0) } }
            let wanted = missing?.text ?? name
            return .noColumn(wanted, nearest: Spelling.nearest(to: wanted, among: columns))
        } catch {
            // The hint is all that is lost.
            return .noColumn(name, nearest: nil)
        }
    }

    private static func measure(_ text: String, at origin: Origin) throws(Diagnostic) -> SQLMeasure {
        guard let measure = SQLMeasure(text) else {
            throw Diagnostic(
                "'\(text)' is not a figure of a table",
                at: origin,
                hint: "write row_count, max(column), min(column) or sum(column)"
            )
        }
        return measure
    }
}
