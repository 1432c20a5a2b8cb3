package import FreshetCore
package import FreshetKit

/// Watches the answer to a question in free SQL.
///
/// The question stands as a table within a `SELECT`, in a transaction that cannot write where the database has one:
/// what is no question is refused. Rows are compared whatever their order.
package struct SQLQueryProbe: Probe {
    package static let name = "sql.query"
    package static let summary = "The answer to a question in SQL, which is only read; it changes when the answer does."
    package static let fields = [
        Field(
            "connection",
            .connection([DatabricksConnection.name, PostgresConnection.name, SQLiteConnection.name]),
            required: true,
            "The database that is asked."
        ),
        Field("query", .text, required: true, "One SELECT; best one that gives one row."),
        Field("max_rows", .integer(1...10_000), default: "100", "More rows than this are an error."),
        Field(
            "strength",
            .choice([Strength.heuristic, .probable, .exact].map(\.rawValue)),
            default: "heuristic",
            altersWork: false,
            "How far the answer can be trusted to move when, and only when, the data does."
        ),
        Field("data_time", .text, "The column of the answer that holds the data's own time; the newest one counts."),
    ]
    package static let examples = [
        """
        key: warehouse/last_load
        kind: sql.query
        connection: warehouse
        query: SELECT max(batch_id) AS batch, max(ended_at) AS ended_at FROM etl.loads WHERE state = 'done'
        strength: probable
        data_time: ended_at
        """
    ]

    private let connection: String
    private let query: String
    private let mostRows: Int
    private let strength: Strength
    private let dataTime: String?
    private let timeout: Duration

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        query = Self.trimmed(try settings.requiredText("query"))
        guard !query.isEmpty else {
            throw Diagnostic("'query' is empty", at: settings.origin(of: "query"), hint: "write one SELECT")
        }
        let word = query.prefix { $0.isLetter }.lowercased()
        guard
            ["select", "with", "values", "table"].contains(word) || query.first == "(" || query.hasPrefix("--")
                || query.hasPrefix("/*")
        else {
            throw Diagnostic(
                "'query' is not a question, as it begins with '\(query.prefix { !$0.isWhitespace })'",
                at: settings.origin(of: "query"),
                hint: "write one SELECT"
            )
        }
        mostRows = try settings.integer("max_rows") ?? 100
        strength = try settings.text("strength").flatMap(Strength.init(rawValue:)) ?? .heuristic
        dataTime = try settings.text("data_time")
        timeout = try settings.duration("timeout") ?? .seconds(30)
    }

    package var caveats: Caveats {
        Caveats(
            strength,
            misses: strength == .exact ? [] : ["changes that the query does not read"],
            criesWolf: ["an answer that depends on the time or on chance"]
        )
    }

    package var patience: Duration { max(.seconds(60), timeout + .seconds(10)) }

    package func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation {
        let clock = context.surroundings.clock
        let began = clock.now
        let database = try context.connections.database(connection)
        let limit = SQLLimit(timeout: timeout, deadline: context.deadline)
        guard limit.left(at: began) > .zero else { throw SQLError.timedOut(after: timeout) }
        // A line of its own: the question may end in a comment.
        let statement = "SELECT * FROM (\(query)\n) AS freshet_query LIMIT \(mostRows + 1)"
        let answer: SQLAnswer
        do throws(SQLError) {
            answer = try await database.query(statement, rows: mostRows + 1, within: limit)
        } catch .noTable(let message) {
            return Observation(
                .missing,
                signal: "query",
                observedAt: began,
                message: "a table of the query is not there: \(message)",
                source: connection
            )
        }
        guard answer.rows.count <= mostRows else {
            throw SQLError.refused(
                code: "none",
                message:
                    "the answer has more than \(mostRows) rows; let the query count or add them up, or raise max_rows"
            )
        }
        var observation = Observation(
            SQLSubject(connection, [query]).marked(.known(DataVersion(Self.fingerprint(answer)))),
            signal: "query",
            strength: strength,
            values: values(answer),
            dataTime: try newest(answer),
            observedAt: began
        )
        observation.query = context.surroundings.redactor.redact(String(statement.prefix(2000)))
        observation.source = connection
        observation.cost = ProbeCost(
            took: clock.now - began,
            requests: answer.requests,
            bytes: answer.bytes,
            rows: Int64(answer.rows.count)
        )
        return observation
    }

    /// One row is written out; of several, the columns' names and the rows, sorted.
    private static func fingerprint(_ answer: SQLAnswer) -> String {
        let rows = answer.rows.map { row in
            zip(answer.columns, row).map { "\($0)=\($1.canonical)" }.joined(separator: ";")
        }
        guard rows.count != 1 else { return SQLReading.fingerprint(rows[0]) }
        var hash = Fingerprint()
        for row in rows.sorted() { hash.add(row) }
        return "rows=\(rows.count);hash=\(hash.hexadecimal)"
    }

    private func values(_ answer: SQLAnswer) -> [String: ObservedValue] {
        guard answer.rows.count == 1 else { return ["rows": .integer(Int64(answer.rows.count))] }
        var values: [String: ObservedValue] = [:]
        for (column, value) in zip(answer.columns, answer.row) { values[column] = value.observed }
        return values
    }

    private func newest(_ answer: SQLAnswer) throws(SQLError) -> Timestamp? {
        guard let dataTime else { return nil }
        guard let index = answer.columns.firstIndex(where: { $0.lowercased() == dataTime.lowercased() }) else {
            throw .noColumn(dataTime, nearest: Spelling.nearest(to: dataTime, among: answer.columns))
        }
        var newest: Timestamp?
        for row in answer.rows where row.indices.contains(index) {
            guard let moment = try row[index].dataTime(dataTime) else { continue }
            newest = max(newest ?? moment, moment)
        }
        return newest
    }

    /// Without the space and the semicolons around it.
    private static func trimmed(_ text: String) -> String {
        let front = text.drop { $0.isWhitespace }
        return String(front.reversed().drop { $0.isWhitespace || $0 == ";" }.reversed())
    }
}
