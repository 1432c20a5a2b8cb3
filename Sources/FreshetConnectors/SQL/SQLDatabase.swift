import FreshetCore
package import FreshetKit

/// A database that is only ever read.
protocol SQLDatabase: Connection {
    static var dialect: SQLDialect { get }
    /// Joins what is asked at the same time into one statement; `nil` where a statement costs nothing to speak of.
    var batch: SQLBatch? { get }

    /// Runs one statement that cannot write.
    ///
    /// - Parameters:
    ///   - statement: exactly one; names in it are quoted for ``dialect``.
    ///   - rows: the most rows that are read of its answer.
    ///   - limit: the database ends the statement when it is over.
    /// - Returns: the names of the columns, and the rows in the order of the answer.
    /// - Throws: ``SQLError``; the next question may be asked all the same.
    func query(_ statement: String, rows: Int, within limit: SQLLimit) async throws(SQLError) -> SQLAnswer
}

/// How long a question may take.
struct SQLLimit: Hashable, Sendable {
    /// Of the statement, from the moment it is its turn.
    var timeout: Duration
    /// When whoever asks no longer waits, by the engine's clock; `nil` for no such moment.
    var deadline: Timestamp?

    /// What the statement may take when its turn is at `now`; nothing when nobody waits for it any longer.
    func left(at now: Timestamp) -> Duration { max(.zero, deadline.map { min(timeout, $0 - now) } ?? timeout) }
}

extension SQLDatabase {
    /// For its first row.
    func query(_ statement: String, timeout: Duration) async throws(SQLError) -> SQLAnswer {
        try await query(statement, rows: 1, within: SQLLimit(timeout: timeout))
    }

    /// Asks for exactly one row, together with what others ask at this moment where that saves a statement.
    ///
    /// - Parameters:
    ///   - select: whose answer is one row.
    ///   - width: how many columns it has, named `f0`, `f1` and so on.
    ///   - limit: of the statement.
    /// - Returns: the row, alone or out of a statement with others.
    /// - Throws: ``SQLError``, only for what is wrong with this question.
    func row(_ select: String, width: Int, within limit: SQLLimit) async throws(SQLError) -> SQLAnswer {
        guard let batch else { return try await query(select, rows: 1, within: limit) }
        return try await batch.answer(SQLBatch.Member(select: select, width: width), within: limit)
    }
}

struct SQLAnswer: Hashable, Sendable {
    var columns: [String]
    var rows: [[SQLValue]]
    /// What was sent for it.
    var requests = 1
    var bytes: Int64?
    /// How many others were asked for in the same statement.
    var companions = 0

    init(columns: [String], rows: [[SQLValue]]) {
        self.columns = columns
        self.rows = rows
    }

    init(columns: [String], row: [SQLValue]) { self.init(columns: columns, rows: row.isEmpty ? [] : [row]) }

    /// The first row; empty when there is none.
    var row: [SQLValue] { rows.first ?? [] }
}

/// Why a database did not answer.
package enum SQLError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No connection, or the connection was lost.
    case unreachable(String)
    /// The statement took longer than allowed.
    case timedOut(after: Duration)
    /// `code` is the database's own: an SQLSTATE, or SQLite's extended code.
    case refused(code: String, message: String)
    case noTable(String)
    /// `nearest` is the column of the table that is written most alike.
    case noColumn(String, nearest: String?)
    case noCredentials(SecretError)
    /// The database knows the user or the secret not, or no longer.
    case credentialsRefused(String)
    case badURL
    /// More bytes than are read.
    case tooLarge(String)
    case cancelled

    /// Whether asking again later, with nothing changed on our side, may succeed.
    package var isTransient: Bool {
        switch self {
        case .unreachable, .timedOut, .cancelled: true
        // Insufficient resources, operator intervention, rolled back transactions; SQLite's busy and locked.
        case .refused(let code, _): ["53", "57", "40"].contains(code.prefix(2)) || ["5", "6", "261"].contains(code)
        case .noCredentials(let error): error.isTransient
        case .noTable, .noColumn, .credentialsRefused, .badURL, .tooLarge: false
        }
    }

    package var description: String {
        switch self {
        case .unreachable(let message): "the database cannot be reached: \(message)"
        case .timedOut(let limit):
            "the database took longer than \(limit); raise 'timeout', or watch something cheaper than this"
        case .refused(let code, let message): "the database refused (\(code)): \(message)"
        case .noTable(let message): "the table does not exist: \(message)"
        case .noColumn(let column, let nearest?): "there is no column '\(column)'; did you mean '\(nearest)'?"
        case .noColumn(let column, nil): "there is no column '\(column)'"
        case .noCredentials(let error): "no address for the database: \(error)"
        case .credentialsRefused(let message):
            "the database does not let us in: \(message); check the connection's user and secret"
        case .badURL:
            "the connection's url is not one of PostgreSQL; write postgresql://user@host:5432/database, and in a password "
                + "%40 for @, %2F for /, %3A for : and %25 for %"
        case .tooLarge(let message):
            "the answer is too large: \(message); let the database count, shorten or hash what it holds"
        case .cancelled: "the question was withdrawn"
        }
    }
}

extension SQLError {
    private static let longestWords = 500

    /// What a database says, fit to be shown: without secrets and control characters, and not without end.
    static func words(_ text: String, _ redactor: Redactor) -> String {
        // First the secrets, of which a cut would leave a part.
        let shown = redactor.redact(text).unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control && scalar != "\n" ? "\u{FFFD}" : scalar
        }
        guard shown.count > longestWords else { return String(String.UnicodeScalarView(shown)) }
        return String(String.UnicodeScalarView(shown.prefix(longestWords - 1))) + "…"
    }
}

extension Connections {
    /// A connection of any kind that tables can be read from.
    func database(_ name: String) throws(ConnectionError) -> any SQLDatabase {
        guard let connection = self[name] else { throw .unknown(name) }
        guard let database = connection as? any SQLDatabase else {
            throw .wrongKind(name, is: type(of: connection).name, expected: "databricks, postgresql or sqlite")
        }
        return database
    }
}
