import FreshetCore
import FreshetKit

/// Reads figures of one table, and keeps account of what that took.
struct SQLTableReader {
    private static let longestQuery = 2000

    let database: any SQLDatabase
    let table: SQLTableName
    let clock: any EngineClock
    /// When the whole look has to be over.
    let deadline: Timestamp
    /// What one statement may take.
    let timeout: Duration
    /// What was noted at the last look.
    let before: [String: ObservedValue]

    /// What was sent, one statement a line.
    private(set) var query = ""
    private(set) var cost = ProbeCost()

    init(
        _ database: any SQLDatabase,
        _ table: SQLTableName,
        clock: any EngineClock,
        deadline: Timestamp,
        timeout: Duration,
        before: [String: ObservedValue]
    ) {
        self.database = database
        self.table = table
        self.clock = clock
        self.deadline = deadline
        self.timeout = timeout
        self.before = before
    }

    private var dialect: SQLDialect { type(of: database).dialect }

    /// The figures, each as the table was at one moment; a version of the table is read before its rows, so that rows
    /// which come in between show at the next look.
    mutating func figures(_ measures: [SQLMeasure], dataTime: SQLMeasure?) async throws(SQLError) -> SQLFigures {
        var figures = SQLFigures()
        if measures.contains(.tableVersion) { figures = try await tableVersion() }
        let inTable = measures.filter { $0 != .tableVersion }
        if !inTable.isEmpty || dataTime != nil {
            var reading = SQLReading(table: table, measures: inTable, dataTime: dataTime)
            if reading.needsColumns(dialect) {
                let answer = try await ask("SELECT * FROM \(dialect.quote(table)) LIMIT 0", rows: 0)
                reading.allColumns = answer.columns.map { SQLIdentifier(exactly: $0) }
            }
            figures.append(try reading.figures(try await row(reading.statement(dialect), width: reading.width)))
        }
        return figures
    }

    private mutating func tableVersion() async throws(SQLError) -> SQLFigures {
        switch dialect {
        case .databricks: return try await deltaVersion()
        case .postgresql:
            let answer = try await row(PostgresCounters.select(table), width: PostgresCounters.width)
            return try PostgresCounters.figures(answer.row, after: before)
        case .sqlite:
            // The count makes the table be read, and with it the file be locked, before the counter is.
            let select =
                "SELECT freshet_change_counter(count(*)) AS f0 FROM (SELECT 1 FROM \(dialect.quote(table)) LIMIT 1)"
            let answer = try await row(select, width: 1)
            var figures = SQLFigures()
            let value = answer.row.first ?? .null
            figures.add(SQLMeasure.tableVersion.name, value)
            if value == .null {
                figures.unknown =
                    "the file is in WAL mode, where it has no version until a checkpoint; watch figures or a checksum"
            }
            return figures
        }
    }

    private mutating func deltaVersion() async throws(SQLError) -> SQLFigures {
        let name = dialect.quote(table)
        var unknown = ""
        for depth in DeltaHistory.depths {
            let history = try await deltaHistory(name, depth)
            switch history.verdict(depth: depth, after: before) {
            case .found(let version): return history.figures(version)
            case .older: continue
            case .unknown(let reason): unknown = reason
            }
        }
        var figures = SQLFigures()
        figures.add(SQLMeasure.tableVersion.name, .null)
        figures.unknown = unknown
        return figures
    }

    private mutating func deltaHistory(_ name: String, _ depth: Int) async throws(SQLError) -> DeltaHistory {
        do throws(SQLError) {
            let answer = try await row(DeltaHistory.select(name, depth: depth), width: DeltaHistory.width)
            guard case .text(let text)? = answer.row.first else { return DeltaHistory([]) }
            return try DeltaHistory(text: text)
        } catch .refused {
            // Older engines take it only by itself.
            return DeltaHistory(try await ask(DeltaHistory.plainStatement(name, depth: depth), rows: depth))
        }
    }

    // MARK: Asking

    private mutating func row(_ select: String, width: Int) async throws(SQLError) -> SQLAnswer {
        let limit = try limit()
        let answer = try await database.row(select, width: width, within: limit)
        let company = answer.companions > 0 ? " -- in one statement with \(answer.companions) more" : ""
        note(select + company, answer)
        return answer
    }

    private mutating func ask(_ statement: String, rows: Int) async throws(SQLError) -> SQLAnswer {
        let answer = try await database.query(statement, rows: rows, within: try limit())
        note(statement, answer)
        return answer
    }

    private func limit() throws(SQLError) -> SQLLimit {
        let limit = SQLLimit(timeout: timeout, deadline: deadline)
        guard limit.left(at: clock.now) > .zero else { throw .timedOut(after: timeout) }
        return limit
    }

    private mutating func note(_ statement: String, _ answer: SQLAnswer) {
        query = String((query.isEmpty ? statement : "\(query)\n\(statement)").prefix(Self.longestQuery))
        cost.requests += answer.requests
        if let bytes = answer.bytes { cost.bytes = (cost.bytes ?? 0) + bytes }
    }
}
