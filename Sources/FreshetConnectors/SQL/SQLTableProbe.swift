package import FreshetCore
package import FreshetKit

/// Watches a table or view: a change is whatever moves one of the values it is asked for, in either direction.
package struct SQLTableProbe: Probe {
    package static let name = "sql.table"
    package static let summary = "A table or view of a database; it changes when its row count or columns do."
    package static let fields = [
        Field(
            "connection",
            .connection([PostgreSQLConnection.name, SQLiteFileConnection.name]),
            required: true,
            "The database."
        ),
        Field(
            "table",
            .text,
            required: true,
            "The table or view, such as analytics.fct_sales, exactly as the database spells it."
        ),
        Field(
            "change",
            .oneOrMore(.text),
            default: "[row_count]",
            "What tells one version from another: row_count, max(column), min(column), sum(column)."
        ),
        Field("data_time", .text, "How old the data is, such as max(updated_at)."),
        Field("timeout", .duration, default: "30s", altersWork: false, "How long one look may take."),
    ]
    package static let examples = [
        """
        key: warehouse/fct_sales
        kind: sql.table
        connection: warehouse
        table: analytics.fct_sales
        change: [row_count, max(updated_at)]
        data_time: max(updated_at)
        timeout: 1m
        """
    ]

    let connection: String
    let table: SQLName
    let change: [SQLExpression]
    let dataTime: SQLExpression?
    let timeout: Duration

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        let written = try settings.requiredText("table")
        table = try Self.placed(at: settings.origin(of: "table")) { () throws(SQLMistake) in
            try SQLName(parsing: written)
        }
        change = try Self.change(in: settings)
        dataTime = try Self.dataTime(in: settings)
        timeout = try settings.duration("timeout") ?? .seconds(30)
        guard timeout > .zero else {
            throw Diagnostic("'timeout' has to be longer than nothing", at: settings.origin(of: "timeout"))
        }
    }

    package func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation {
        let database = try context.connections.database(connection)
        let began = context.surroundings.clock.now
        var observation = Observation(.missing, signal: signal, strength: strength, observedAt: began)
        do throws(SQLError) {
            try complete(&observation, with: try await look(at: database, in: context))
        } catch .cancelled {
            throw CancellationError()
        }
        return observation
    }
}

extension SQLTableProbe {
    /// What the evidence says of a version that is too long to read.
    static let longestReadableVersion = 200

    var signal: String { change.map(\.name).joined(separator: ", ") }

    /// A count with a watermark or a sum misses little; alone, each misses updates or deletions.
    var strength: Strength {
        let isMeasured = change.contains { $0.function == .max || $0.function == .sum }
        return isMeasured && change.contains(.rowCount) ? .probable : .heuristic
    }

    /// The values in the order of the change list, each as `name=value`.
    static func version(of values: [(expression: SQLExpression, value: SQLValue)]) -> DataVersion {
        let pairs = values.map { "\($0.expression.name)=\($0.value.canonical)" }
        let text = pairs.joined(separator: ";")
        guard text.count > longestReadableVersion else { return DataVersion(text) }
        var fingerprint = Fingerprint()
        for pair in pairs { fingerprint.add(pair) }
        return DataVersion("hash:" + fingerprint.hexadecimal)
    }

    private enum Look {
        case found([SQLValue])
        case missing(message: String)
    }

    /// Everything in one statement, the data's time last unless it is one of the changes.
    private var questions: [SQLExpression] {
        change + (dataTime.map { change.contains($0) ? [] : [$0] } ?? [])
    }

    private func look(at database: any SQLDatabase, in context: ProbeContext) async throws(SQLError) -> Look {
        let dialect = type(of: database).dialect
        let question = try dialect.question(questions, of: table)
        do throws(SQLError) {
            let rows = try await database.read(question, within: try left(in: context))
            guard let row = rows.first, row.count == questions.count else {
                throw .refused(code: "none", message: "the answer has not the shape of the question")
            }
            return .found(row)
        } catch {
            // How a database words what is missing differs with its language and version: its catalog knows.
            guard case .refused(let code, _) = error, dialect.mayMeanMissing(code) else { throw error }
            let rows = try await database.read(try dialect.columns(of: table), within: try left(in: context))
            guard !rows.isEmpty else { return .missing(message: try await advice(from: database, in: context)) }
            let columns = rows.compactMap { $0.first?.text }
            for column in questions.compactMap(\.column) where !columns.contains(where: { dialect.isSameName($0, column) }) {
                throw .noSuchColumn(column, table: table.written, nearest: nearest(column, among: columns))
            }
            throw error
        }
    }

    private func left(in context: ProbeContext) throws(SQLError) -> Duration {
        let left = min(timeout, context.deadline - context.surroundings.clock.now)
        guard left > .zero else { throw .timedOut(after: timeout) }
        return left
    }

    /// Says that the table does not exist, and which one may have been meant.
    private func advice(from database: any SQLDatabase, in context: ProbeContext) async throws(SQLError) -> String {
        let rows = try await database.read(type(of: database).dialect.tables, within: try left(in: context))
        let names = rows.compactMap { row -> String? in
            let texts = row.compactMap(\.text)
            guard texts.count == 3, table.parts.count > 1 || texts[2] == "yes" else { return nil }
            return texts[(table.parts.count > 1 ? 0 : 1)...1].map(SQLName.written).joined(separator: ".")
        }
        let meant = nearest(table.written, among: names).map { "; did you mean \($0)?" }
        return "there is no table \(table.written) behind the connection '\(connection)'" + (meant ?? "")
    }

    private func complete(_ observation: inout Observation, with look: Look) throws(SQLError) {
        switch look {
        case .missing(let message): observation.message = message
        case .found(let values):
            let answers = Array(zip(questions, values)).map { (expression: $0, value: $1) }
            observation.version = .known(Self.version(of: Array(answers.prefix(change.count))))
            for (expression, value) in answers { observation.values[expression.name] = value.observed }
            guard let text = answers.first(where: { $0.expression == dataTime })?.value.observed?.description else { return }
            observation.dataTime = Timestamp(iso8601: text)
            if observation.dataTime == nil {
                // The version is good all the same; only the age of the data stays unknown.
                observation.message = "data_time: '\(text)' is not a date or time"
            }
        }
    }
}

extension SQLTableProbe {
    private static func change(in settings: Settings) throws(Diagnostic) -> [SQLExpression] {
        guard let value = settings.value["change"], value.content != .null else { return [.rowCount] }
        let items = if case .list(let items) = value.content { items } else { [value] }
        var expressions: [SQLExpression] = []
        for item in items {
            guard case .text(let text) = item.content else {
                throw Diagnostic("'change' has to be a list of \(SQLExpression.expected)", at: item.origin)
            }
            let expression = try placed(at: item.origin) { () throws(SQLMistake) in try SQLExpression(parsing: text) }
            guard !expressions.contains(expression) else {
                throw Diagnostic("'\(text)' stands in 'change' twice", at: item.origin, hint: "remove one of them")
            }
            expressions.append(expression)
        }
        guard !expressions.isEmpty else {
            throw Diagnostic("'change' is empty; expected \(SQLExpression.expected)", at: value.origin)
        }
        return expressions
    }

    private static func dataTime(in settings: Settings) throws(Diagnostic) -> SQLExpression? {
        guard let text = try settings.text("data_time") else { return nil }
        let origin = settings.origin(of: "data_time")
        let expression = try placed(at: origin) { () throws(SQLMistake) in try SQLExpression(parsing: text) }
        guard expression.function == .max || expression.function == .min else {
            throw Diagnostic("'data_time' has to be max(column) or min(column), not '\(text)'", at: origin)
        }
        return expression
    }

    private static func placed<Value>(
        at origin: Origin,
        _ parse: () throws(SQLMistake) -> Value
    ) throws(Diagnostic) -> Value {
        do { return try parse() } catch { throw Diagnostic(error.message, at: origin, hint: error.hint) }
    }
}
