package import FreshetKit

/// A database that is only ever read.
protocol SQLDatabase: Connection {
    static var dialect: SQLDialect { get }

    /// Runs one statement in a transaction that cannot write.
    ///
    /// - Parameters:
    ///   - statement: exactly one; names in it are quoted for ``dialect``.
    ///   - timeout: from the moment it is its turn; the database ends the statement then.
    /// - Returns: the names of the columns, and the first row where there is one.
    /// - Throws: ``SQLError``; the next question may be asked all the same.
    func query(_ statement: String, timeout: Duration) async throws(SQLError) -> SQLAnswer
}

struct SQLAnswer: Hashable, Sendable {
    var columns: [String]
    var row: [SQLValue]
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
    case badURL
    case cancelled

    /// Whether asking again later, with nothing changed on our side, may succeed.
    package var isTransient: Bool {
        switch self {
        case .unreachable, .timedOut, .cancelled: true
        // Insufficient resources, operator intervention, rolled back transactions; SQLite's busy and locked.
        case .refused(let code, _): ["53", "57", "40"].contains(code.prefix(2)) || ["5", "6", "261"].contains(code)
        case .noTable, .noColumn, .noCredentials, .badURL: false
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
        case .badURL: "the connection's url is not one of PostgreSQL; write postgresql://user@host:5432/database"
        case .cancelled: "the question was withdrawn"
        }
    }
}

extension Connections {
    /// A connection of any kind that tables can be read from.
    func database(_ name: String) throws(ConnectionError) -> any SQLDatabase {
        guard let connection = self[name] else { throw .unknown(name) }
        guard let database = connection as? any SQLDatabase else {
            throw .wrongKind(name, is: type(of: connection).name, expected: "postgresql or sqlite")
        }
        return database
    }
}
