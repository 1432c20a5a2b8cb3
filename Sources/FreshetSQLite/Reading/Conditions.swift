import FreshetCore
import GRDB

/// What rows have to be like, each condition with its argument; of none, every row is taken.
struct Conditions {
    private var terms: [String] = []
    private(set) var arguments = StatementArguments()

    /// One that always counts, with its arguments.
    mutating func add(_ term: String, _ values: StatementArguments = StatementArguments()) {
        terms.append(term)
        arguments += values
    }

    /// One that counts where a value is given.
    mutating func add(_ term: String, _ value: (some DatabaseValueConvertible)?) {
        if let value { add(term, StatementArguments([value])) }
    }

    mutating func add(_ term: String, _ key: AssetKey?) { add(term, key?.path) }

    mutating func add(_ term: String, _ word: (some RawRepresentable<String>)?) { add(term, word?.rawValue) }

    mutating func add(_ term: String, _ moment: Timestamp?) { add(term, moment?.milliseconds) }

    /// The clause of the statement; empty without conditions.
    var clause: String { terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ") }
}
