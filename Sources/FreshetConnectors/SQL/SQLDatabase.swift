private import FreshetCore
internal import FreshetKit

/// A connection whose tables can be asked for their versions.
protocol SQLDatabase: Connection {
    static var dialect: SQLDialect { get }

    /// Runs one statement that reads, off the cooperative pool.
    ///
    /// - Parameter limit: how long the caller waits, connecting included; a cancelled task waits no longer.
    /// - Returns: the rows, each with its values in the order of the statement.
    func read(_ query: SQLQuery, within limit: Duration) async throws(SQLError) -> [[SQLValue]]
}

/// A statement and the texts that stand for its parameters.
struct SQLQuery: Hashable, Sendable {
    var text: String
    var parameters: [String] = []
}

extension Connections {
    func database(_ name: String) throws(ConnectionError) -> any SQLDatabase {
        guard let connection = self[name] else { throw .unknown(name) }
        guard let database = connection as? any SQLDatabase else {
            let expected = "\(PostgreSQLConnection.name) or \(SQLiteFileConnection.name)"
            throw .wrongKind(name, is: type(of: connection).name, expected: expected)
        }
        return database
    }
}
