import FreshetCore
import FreshetKit

extension SQLMeasure {
    /// How far these figures together can be trusted, in a database of this kind; `nil` for any kind.
    static func strength(of measures: [SQLMeasure], in dialect: SQLDialect? = nil) -> Strength {
        if measures.contains(where: { $0.isExact(in: dialect) }) { return .exact }
        let partial = measures.contains { if case .checksum = $0 { true } else { $0 == .tableVersion } }
        // A count misses updates, a maximum deletions; together they miss what hardly happens.
        return partial || (measures.contains(.rowCount) && measures.count > 1) ? .probable : .heuristic
    }

    private func isExact(in dialect: SQLDialect?) -> Bool {
        switch self {
        case .checksum(let columns): columns.isEmpty
        // The counters of PostgreSQL are told late, and forgotten in a crash; a file may be copied over that of SQLite.
        case .tableVersion: dialect == .databricks
        case .rowCount, .max, .min, .sum, .recent: false
        }
    }

    /// What these figures miss and what makes them cry wolf, in whatever database.
    static func caveats(of measures: [SQLMeasure]) -> Caveats {
        let strength = strength(of: measures)
        var misses: [String] = []
        switch strength {
        case .exact: misses = ["two changes whose hashes cancel out, one in 2^64"]
        case .probable where measures.contains(.tableVersion):
            misses = [
                "PostgreSQL: what a session has not told the statistics yet, for about a second",
                "SQLite: a file copied over this one with the same counters, size and time",
            ]
        case .probable where measures.contains(.rowCount) && measures.count > 1:
            misses = ["updates that leave the count and every other figure as they were"]
        case .probable, .heuristic: for measure in measures { misses += measure.misses }
        }
        var criesWolf: [String] = []
        for wolf in measures.flatMap(\.criesWolf) where !criesWolf.contains(wolf) { criesWolf.append(wolf) }
        return Caveats(strength, misses: misses, criesWolf: criesWolf)
    }

    private var misses: [String] {
        switch self {
        case .rowCount: ["updates in place", "as many rows deleted as inserted"]
        case .max(let column):
            [
                "deletions and back-dated rows", "rows stamped in \(column.text) early and committed late",
                "everything, once a row holds infinity in \(column.text)",
            ]
        case .min: ["everything but a new or vanished least value"]
        case .sum(let column):
            [
                "changes outside \(column.text), and those that add up to nothing",
                "everything, once a row holds NaN or infinity in \(column.text)",
            ]
        case .checksum(let columns) where !columns.isEmpty:
            ["changes outside \(columns.map(\.text).joined(separator: ", "))"]
        case .checksum, .tableVersion, .recent: []
        }
    }

    private var criesWolf: [String] {
        switch self {
        case .rowCount, .min: []
        case .max(let column): ["writers that touch \(column.text) and change nothing else"]
        case .sum: ["sums of floating-point numbers, which may differ from run to run"]
        case .checksum: ["a column added, moved, renamed or retyped, and types that are written in several ways"]
        case .tableVersion:
            [
                "writes that leave every row as it was",
                "PostgreSQL: rolled back transactions, VACUUM FULL; SQLite: commits to any table of the file, and a touched file",
            ]
        case .recent: ["a row stamped in the future, when its time comes"]
        }
    }
}
