import FreshetCore

/// What is asked of a table, and what its answer means.
struct SQLReading {
    private static let longestReadable = 200

    var table: SQLTableName
    var measures: [SQLMeasure]
    var dataTime: SQLMeasure?

    /// What is watched, as a person reads it.
    var signal: String { measures.map(\.name).joined(separator: ", ") }

    /// One statement, so that all figures come from one snapshot.
    func statement(_ dialect: SQLDialect) -> String {
        let expressions = (measures + [dataTime].compactMap { $0 }).enumerated().map { index, measure in
            "\(measure.expression(dialect)) AS f\(index)"
        }
        return "SELECT \(expressions.joined(separator: ", ")) FROM \(dialect.quote(table))"
    }

    func observation(_ answer: SQLAnswer, observedAt: Timestamp) throws(SQLError) -> Observation {
        guard answer.row.count == measures.count + (dataTime == nil ? 0 : 1) else {
            throw .refused(code: "none", message: "the answer has \(answer.row.count) columns")
        }
        let figures = Array(zip(measures, answer.row))
        var values: [String: ObservedValue] = [:]
        for (measure, value) in figures { values[measure.name] = value.observed }
        return Observation(
            .known(DataVersion(Self.fingerprint(figures))),
            signal: signal,
            strength: strength,
            values: values,
            dataTime: dataTime == nil ? nil : answer.row.last?.timestamp,
            observedAt: observedAt
        )
    }

    /// A count misses updates, a maximum deletions; together they miss what hardly happens.
    private var strength: Strength {
        measures.contains(.rowCount) && measures.count > 1 ? .probable : .heuristic
    }

    private static func fingerprint(_ figures: [(SQLMeasure, SQLValue)]) -> String {
        let text = figures.map { "\($0.name)=\($1.canonical)" }.joined(separator: ";")
        guard text.count > longestReadable else { return text }
        var hash = Fingerprint()
        hash.add(text)
        return "hash=\(hash.hexadecimal)"
    }
}
