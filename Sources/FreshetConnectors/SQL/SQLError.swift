private import FreshetCore
package import FreshetKit

/// Why a database did not say what it was asked.
///
/// Texts of the database itself are quoted without secrets, and never the connection's URL.
package enum SQLError: Error, Equatable, CustomStringConvertible {
    /// Somebody else writes to the file. Asking again may succeed.
    case busy
    /// The one who asked has gone.
    case cancelled
    /// The connection broke. Asking again may succeed.
    case connectionLost(reason: String)
    /// The URL is neither `postgresql://…` nor `key=value …`; it is not quoted, for it may hold a password.
    case invalidURL
    case noConnection(reason: String)
    case noSecret(SecretError)
    case noSuchColumn(String, table: String, nearest: String?)
    case noSuchFile(String)
    case permissionDenied(message: String)
    /// `code` is an SQLSTATE of five characters, or SQLite's extended result code.
    case refused(code: String, message: String)
    case timedOut(after: Duration)
    case unreadableFile(String, reason: String)
    /// The dialect has no way to write this name.
    case unusableName(String, reason: String)
    /// A function behind the table tried to write; Freshet only reads.
    case wouldWrite(message: String)

    package var description: String {
        switch self {
        case .busy: "the database file is locked by a writer; asking again may succeed"
        case .cancelled: "the question was withdrawn"
        case .connectionLost(let reason): "the connection to the database broke: \(reason)"
        case .invalidURL:
            "the connection's 'url' cannot be read; write postgresql://user:password@host:5432/database and "
                + "percent-encode special characters of the password"
        case .noConnection(let reason):
            "cannot connect to the database: \(reason); check that it runs, and the host, port, database, user, "
                + "password and sslmode in the connection's 'url'"
        case .noSecret(let error): "cannot connect to the database: \(error)"
        case .noSuchColumn(let column, let table, let nearest):
            "the table \(table) has no column '\(column)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
        case .noSuchFile(let path): "there is no file \(path); check the connection's 'path'"
        case .permissionDenied(let message): "the database denied access: \(message); grant SELECT to the url's user"
        case .refused(let code, let message): "the database refused the question (\(code): \(message))"
        case .timedOut(let limit):
            "the database took longer than \(limit.briefly); raise 'timeout', or ask for less in 'change'"
        case .unreadableFile(let path, let reason): "the database file \(path) cannot be read: \(reason)"
        case .unusableName(let name, let reason): "the name '\(name)' cannot be used: \(reason)"
        case .wouldWrite(let message):
            "what stands behind the table tried to write, which Freshet does not allow: \(message)"
        }
    }
}
