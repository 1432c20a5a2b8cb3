package import FreshetCore
package import FreshetKit

/// Watches a table through a few figures, or through the version that the database itself gives it.
///
/// A figure that goes down is a change like any other. What each one misses is in ``caveats``.
package struct SQLTableProbe: Probe {
    package static let name = "sql.table"
    package static let summary = "A table of a database; it changes when one of its watched figures does."
    package static let fields = [
        Field(
            "connection",
            .connection([DatabricksConnection.name, PostgresConnection.name, SQLiteConnection.name]),
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
            "The figures that are watched: \(SQLMeasure.spelling)."
        ),
        Field(
            "confirm",
            .oneOrMore(.text),
            "Stronger figures, read only when those of 'change' moved; if they stand still, the table did not change."
        ),
        Field("confirm_every", .duration, "After how long 'confirm' is read although nothing moved."),
        Field(
            "safety_lag",
            .duration,
            "How much later than its stamp a row may be committed; such rows then move max(column) too."
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
        safety_lag: 2m
        data_time: max(updated_at)
        """,
        """
        key: warehouse/order_items
        kind: sql.table
        connection: warehouse
        table: 'shop."Order Items"'
        timeout: 2m
        """,
        """
        key: lakehouse/fct_sales
        kind: sql.table
        connection: warehouse
        table: main.retail.fct_sales
        change: table_version
        confirm: [row_count, max(updated_at)]
        confirm_every: 24h
        """,
    ]

    private let connection: String
    private let table: SQLTableName
    private let tableText: String
    private let tiers: SQLTiers
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
        let options = SQLTableOptions(settings)
        tiers = try options.tiers()
        dataTime = try options.dataTime()
        timeout = try settings.duration("timeout") ?? .seconds(30)
    }

    package var caveats: Caveats {
        var caveats = SQLMeasure.caveats(of: tiers.change)
        guard !tiers.confirm.isEmpty else { return caveats }
        let confirm = SQLMeasure.caveats(of: tiers.confirm)
        caveats.strength = tiers.strength(in: nil)
        caveats.misses += confirm.misses.filter { !caveats.misses.contains($0) }
        // The second tier is there to take back what only the first one says.
        caveats.criesWolf = confirm.criesWolf
        return caveats
    }

    /// Twice as long as one statement: a second tier is asked after the first.
    package var patience: Duration { max(.seconds(60), timeout * 2 + .seconds(10)) }

    package func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation {
        let clock = context.surroundings.clock
        let began = clock.now
        let database = try context.connections.database(connection)
        let dialect = type(of: database).dialect
        let subject = subject(in: dialect)
        // What was seen of another table says nothing of this one.
        let previous = context.previous.flatMap { subject.mayBe($0) ? $0 : nil }
        var reader = SQLTableReader(
            database,
            table,
            clock: clock,
            deadline: context.deadline,
            timeout: timeout,
            before: previous?.values ?? [:]
        )
        do throws(SQLError) {
            var observation = try await look(&reader, subject, dialect, previous, began)
            observation.signal = tiers.signal
            observation.query = context.surroundings.redactor.redact(reader.query)
            observation.source = connection
            observation.cost = reader.cost
            observation.cost?.took = clock.now - began
            observation.observedAt = began
            return observation
        } catch {
            switch error {
            case .noTable(let message):
                return Observation(
                    .missing,
                    signal: tiers.signal,
                    observedAt: began,
                    message: "there is no table \(tableText): \(message)",
                    source: connection
                )
            case .noColumn(let name, _):
                let left = max(.seconds(1), min(timeout, context.deadline - clock.now))
                throw await noColumn(name, in: database, timeout: left)
            default: throw error
            }
        }
    }

    /// The table as the database resolves its name, and the figures that make the version.
    private func subject(in dialect: SQLDialect) -> SQLSubject {
        let measures = tiers.confirm.isEmpty ? tiers.change : tiers.confirm
        return SQLSubject(connection, [dialect.quote(table)] + measures.flatMap { $0.identity(in: dialect) })
    }

    private func look(
        _ reader: inout SQLTableReader,
        _ subject: SQLSubject,
        _ dialect: SQLDialect,
        _ previous: Observation?,
        _ now: Timestamp
    ) async throws(SQLError) -> Observation {
        let readsRows = tiers.change.contains { $0 != .tableVersion }
        // Where the first tier does not touch the rows, neither does the reading of their time.
        let isTimeCheap = tiers.confirm.isEmpty || readsRows
        let figures = try await reader.figures(tiers.change, dataTime: isTimeCheap ? dataTime : nil)
        guard !tiers.confirm.isEmpty else {
            return Observation(
                subject.marked(figures.version),
                strength: tiers.strength(in: dialect),
                values: figures.values,
                dataTime: figures.dataTime,
                message: figures.unknown
            )
        }
        let memory = tiers.memory(of: previous)
        guard let reason = tiers.reasonToConfirm(figures, memory, now: now) else {
            // There is a memory, or there would be a reason.
            var same = memory!.observation
            same.values.merge(figures.values) { _, new in new }
            same.dataTime = figures.dataTime ?? same.dataTime
            return same
        }
        var confirmed = try await reader.figures(tiers.confirm, dataTime: isTimeCheap ? nil : dataTime)
        var values = confirmed.values.merging(figures.values) { confirmed, _ in confirmed }
        if figures.unknown == nil { values[SQLTiers.changeNote] = .text(figures.fingerprint) }
        values[SQLTiers.confirmedNote] = .text(now.iso8601)
        confirmed.dataTime = confirmed.dataTime ?? figures.dataTime
        let version = subject.marked(confirmed.version)
        let isSame = memory.map { .known($0.version) == version } ?? false
        return Observation(
            version,
            strength: tiers.strength(in: dialect),
            values: values,
            dataTime: confirmed.dataTime,
            message: confirmed.unknown ?? (isSame ? "\(reason); \(SQLReading.signal(tiers.confirm)) did not" : nil)
        )
    }

    /// Says which of the stated columns is not there, and which one it was perhaps meant to be.
    private func noColumn(_ name: String, in database: any SQLDatabase, timeout: Duration) async -> SQLError {
        let dialect = type(of: database).dialect
        let statement = "SELECT * FROM \(dialect.quote(table)) LIMIT 0"
        do throws(SQLError) {
            let columns = try await database.query(statement, timeout: timeout).columns
            let measures = tiers.change + tiers.confirm + [dataTime].compactMap { $0 }
            let missing = measures.flatMap(\.columns).first { column in
                !columns.contains { dialect.matches(column, column: $0) }
            }
            let wanted = missing?.text ?? name
            return .noColumn(wanted, nearest: Spelling.nearest(to: wanted, among: columns))
        } catch {
            // The hint is all that is lost.
            return .noColumn(name, nearest: nil)
        }
    }
}
