private import FreshetCore
package import FreshetKit
private import GRDB
private import Glibc

/// A database file of SQLite, opened for each look and only for reading.
package struct SQLiteFileConnection: SQLDatabase {
    package static let name = "sqlite"
    package static let summary = "A database file of SQLite, read only."
    package static let fields = [
        Field("path", .text, required: true, "The file; a relative path starts at the project's folder.")
    ]
    package static let examples = [
        """
        kind: sqlite
        path: data/warehouse.db
        """
    ]
    static let dialect = SQLDialect.sqlite
    /// How long another process may hold the file before the look fails.
    private static let patience = Duration.seconds(5)

    private let path: String
    private let surroundings: Surroundings
    private let lane = SQLLane("freshet.sqlite")

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        path = try settings.requiredText("path")
        self.surroundings = surroundings
        guard !path.isEmpty else {
            throw Diagnostic("'path' is empty", at: settings.origin(of: "path"), hint: "write the path of the file")
        }
    }

    func read(_ query: SQLQuery, within limit: Duration) async throws(SQLError) -> [[SQLValue]] {
        let file = try await location()
        let redactor = surroundings.redactor
        return try await lane.run(within: limit) { call throws(SQLError) in
            var status = stat()
            guard stat(file, &status) == 0 else {
                if errno == ENOENT || errno == ENOTDIR { throw .noSuchFile(file) }
                throw .unreadableFile(file, reason: String(cString: strerror(errno)))
            }
            do {
                return try Self.rows(of: query, in: file, call)
            } catch let error as DatabaseError {
                throw Self.failure(error, file, redactor, call)
            } catch {
                throw .unreadableFile(file, reason: redactor.redact("\(error)"))
            }
        }
    }

    private func location() async throws(SQLError) -> String {
        do {
            let path = try await surroundings.secrets.resolve(path)
            return path.hasPrefix("/") ? path : "\(surroundings.root)/\(path)"
        } catch {
            throw .noSecret(error)
        }
    }

    private static func rows(of query: SQLQuery, in file: String, _ call: SQLCall) throws -> [[SQLValue]] {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(max(0, min(call.left, patience).inSeconds))
        let database = try DatabaseQueue(path: file, configuration: configuration)
        call.whenInterrupted { _ in database.interrupt() }
        return try database.read { db in
            // SQLite forgets an interruption that came before its statement.
            if let reason = call.interruption { throw reason }
            let rows = try Row.fetchAll(db, sql: query.text, arguments: StatementArguments(query.parameters))
            return rows.map { row in row.databaseValues.map(SQLValue.init) }
        }
    }

    private static func failure(_ error: DatabaseError, _ file: String, _ redactor: Redactor, _ call: SQLCall) -> SQLError {
        let message = redactor.redact(error.message ?? "no reason given")
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .busy
        case .SQLITE_CANTOPEN:
            return .unreadableFile(file, reason: "\(message); a file in WAL mode needs a folder that may be written to")
        case .SQLITE_CORRUPT, .SQLITE_IOERR, .SQLITE_NOTADB: return .unreadableFile(file, reason: message)
        case .SQLITE_AUTH, .SQLITE_PERM: return .permissionDenied(message: message)
        case .SQLITE_INTERRUPT: return call.interruption ?? .cancelled
        case .SQLITE_READONLY: return .wouldWrite(message: message)
        default: return .refused(code: String(error.extendedResultCode.rawValue), message: message)
        }
    }
}

extension SQLValue {
    /// Keeps what SQLite's types tell apart: 5, 5.0, '5' and x'35' are four values.
    fileprivate init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let whole): .number(String(whole))
            case .double(let number): .number(String(number))
            case .string(let text): .text(text)
            case .blob(let data): .bytes(Array(data))
            }
    }
}
