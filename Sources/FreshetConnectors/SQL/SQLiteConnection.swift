private import FreshetCore
package import FreshetKit
private import GRDB

/// An SQLite file that is only read.
///
/// It is opened for each question, so that a file which was replaced is noticed.
package struct SQLiteConnection: SQLDatabase {
    package static let name = "sqlite"
    package static let summary = "An SQLite database that is only read."
    package static let fields = [
        Field("path", .text, required: true, "The file; a relative path starts at the project's folder."),
        SQLBatch.field,
    ]
    package static let examples = [
        """
        kind: sqlite
        path: data/shop.db
        """
    ]
    static let dialect = SQLDialect.sqlite
    /// How long a writer may keep us waiting.
    private static let busyLimit = Duration.seconds(5)

    let batch: SQLBatch?
    private let path: String
    private let surroundings: Surroundings

    package init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {
        path = try settings.requiredText("path")
        self.surroundings = surroundings
        let unbatched = Self(path: path, surroundings: surroundings)
        batch = try SQLBatch(from: settings, surroundings.clock) { statement, limit throws(SQLError) in
            try await unbatched.query(statement, rows: 1, within: limit)
        }
    }

    private init(path: String, surroundings: Surroundings) {
        self.path = path
        self.surroundings = surroundings
        batch = nil
    }

    func query(_ statement: String, rows: Int, within limit: SQLLimit) async throws(SQLError) -> SQLAnswer {
        let file = try await location()
        let clock = surroundings.clock
        let timeout = limit.left(at: clock.now)
        do {
            return try await withThrowingTaskGroup(of: SQLAnswer.self) { group in
                defer { group.cancelAll() }
                // GRDB interrupts the statement when its task is cancelled.
                group.addTask { try await Self.read(file, statement, rows, min(timeout, Self.busyLimit)) }
                group.addTask {
                    try await clock.sleep(for: timeout)
                    throw SQLError.timedOut(after: timeout)
                }
                // Two children were added: there is a first result.
                return try await group.next()!
            }
        } catch let error as SQLError {
            throw error
        } catch let error as DatabaseError {
            throw Self.error(error, surroundings.redactor)
        } catch {
            throw .cancelled
        }
    }

    private func location() async throws(SQLError) -> String {
        do throws(SecretError) {
            let path = try await surroundings.secrets.resolve(path)
            return path.hasPrefix("/") ? path : "\(surroundings.root)/\(path)"
        } catch {
            throw .noCredentials(error)
        }
    }

    private static func read(
        _ file: String,
        _ statement: String,
        _ limit: Int,
        _ busyLimit: Duration
    ) async throws -> SQLAnswer {
        let queue = try await offPool {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(busyLimit.inSeconds)
            configuration.prepareDatabase { SQLiteFunctions.add(to: $0, file) }
            return try DatabaseQueue(path: file, configuration: configuration)
        }
        return try await queue.read { database in
            let statement = try database.makeStatement(sql: statement)
            var rows: [[SQLValue]] = []
            let cursor = try Row.fetchCursor(statement)
            // The row itself is read from under the cursor, see ``SQLiteCells``.
            let columns = statement.columnNames
            var size = SQLAnswerSize()
            while rows.count < limit, try cursor.next() != nil {
                rows.append(try SQLiteCells.row(statement.sqliteStatement, columns, &size))
            }
            return SQLAnswer(columns: columns, rows: rows)
        }
    }

    private static func error(_ error: DatabaseError, _ redactor: Redactor) -> SQLError {
        let message = SQLError.words(error.message ?? "no further explanation", redactor)
        if message.hasPrefix("no such table: ") { return .noTable(message) }
        if message.hasPrefix("no such column: ") { return .noColumn(String(message.dropFirst(16)), nearest: nil) }
        switch error.resultCode {
        case .SQLITE_CANTOPEN, .SQLITE_IOERR: return .unreachable(message)
        case .SQLITE_INTERRUPT: return .cancelled
        default: return .refused(code: String(error.extendedResultCode.rawValue), message: message)
        }
    }
}
