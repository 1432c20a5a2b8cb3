import FreshetCore

/// The figures of a table that one statement reads, and what its answer means.
struct SQLReading {
    private static let longestReadable = 200

    var table: SQLTableName
    var measures: [SQLMeasure]
    var dataTime: SQLMeasure?
    /// Of the table; needed where ``needsColumns(_:)`` says so.
    var allColumns: [SQLIdentifier] = []

    /// What is watched, as a person reads it.
    var signal: String { Self.signal(measures) }

    static func signal(_ measures: [SQLMeasure]) -> String { measures.map(\.name).joined(separator: ", ") }

    /// How many columns the answer has.
    var width: Int { all.count }

    private var all: [SQLMeasure] { measures + [dataTime].compactMap { $0 } }

    /// Whether the dialect has no word for a whole row, and a figure needs one.
    func needsColumns(_ dialect: SQLDialect) -> Bool { dialect == .sqlite && measures.contains(.checksum([])) }

    /// One statement, so that all figures come from one snapshot.
    func statement(_ dialect: SQLDialect) -> String {
        let table = dialect.quote(self.table)
        let expressions = all.enumerated().map { index, measure in
            "\(measure.expression(dialect, table: self.table, allColumns: allColumns)) AS f\(index)"
        }
        let alias = dialect == .postgresql && measures.contains(.checksum([])) ? " AS \(SQLMeasure.rowAlias)" : ""
        return "SELECT \(expressions.joined(separator: ", ")) FROM \(table)\(alias)"
    }

    /// - Throws: ``SQLError/refused(code:message:)`` when the answer is not one of this statement.
    func figures(_ answer: SQLAnswer) throws(SQLError) -> SQLFigures {
        guard answer.row.count == width else {
            throw .refused(code: "none", message: "the answer has \(answer.row.count) columns, not \(width)")
        }
        var figures = SQLFigures()
        for (measure, value) in zip(measures, answer.row) { figures.add(measure.name, value) }
        if let dataTime { figures.dataTime = try answer.row.last?.dataTime(dataTime.name) }
        return figures
    }

    /// The text in full while a person can read it, else its hash.
    static func fingerprint(_ text: String) -> String {
        guard text.count > longestReadable else { return text }
        var hash = Fingerprint()
        hash.add(text)
        return "hash=\(hash.hexadecimal)"
    }
}

/// What was read of a table.
struct SQLFigures: Hashable, Sendable {
    /// By name, in the order in which they are watched.
    private(set) var entries: [Entry] = []
    /// Why they make no version, though the table is there; `nil` when they do.
    var unknown: String?
    var dataTime: Timestamp?
    /// For the next look and for people; not part of the version.
    var notes: [String: ObservedValue] = [:]

    struct Entry: Hashable, Sendable {
        var name: String
        var value: SQLValue
    }

    mutating func add(_ name: String, _ value: SQLValue) { entries.append(Entry(name: name, value: value)) }

    /// The figures of both.
    mutating func append(_ other: SQLFigures) {
        entries += other.entries
        unknown = unknown ?? other.unknown
        dataTime = dataTime ?? other.dataTime
        notes.merge(other.notes) { first, _ in first }
    }

    /// For conditions and for evidence.
    var values: [String: ObservedValue] {
        var values = notes
        for entry in entries { values[entry.name] = entry.value.observed }
        return values
    }

    /// Equal if and only if all figures are.
    var fingerprint: String {
        SQLReading.fingerprint(entries.map { "\($0.name)=\($0.value.canonical)" }.joined(separator: ";"))
    }

    var version: VersionState { unknown == nil ? .known(DataVersion(fingerprint)) : .unknown }
}
