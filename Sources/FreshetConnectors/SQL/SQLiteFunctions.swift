private import CSQLite
import GRDB
private import Glibc

/// What SQLite has no word for, added to a connection that only reads.
enum SQLiteFunctions {
    /// - Parameters:
    ///   - database: a connection to `file`.
    ///   - file: its path.
    static func add(to database: Database, _ file: String) {
        if let connection = database.sqliteConnection { SQLiteChecksum.add(to: connection) }
        // The connection outlives its functions.
        let handle = database.sqliteConnection.map { UInt(bitPattern: $0) }
        database.add(
            function: DatabaseFunction("freshet_change_counter", argumentCount: 1) { _ in
                handle.flatMap { OpaquePointer(bitPattern: $0) }.flatMap { changeCounter($0, file) }
            }
        )
    }

    /// The number that every committed transaction raises, and which file it was read from.
    ///
    /// Read through SQLite's own handle of the file: opening and closing the file beside it would drop its locks.
    ///
    /// - Returns: `nil` in WAL mode, where the number stands still until a checkpoint.
    /// - SeeAlso: sqlite.org, "Database File Format", 1.3.3 and 1.3.7; `fcntl(2)` on advisory locks.
    private static func changeCounter(_ database: OpaquePointer, _ path: String) -> String? {
        var header = [UInt8](repeating: 0, count: 28)
        guard fr_sqlite3_read_header(database, &header, Int32(header.count)) == SQLITE_OK, header[18] == 1,
            header[19] == 1
        else { return nil }
        let counter = header[24..<28].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return "\(counter)@\(status.st_dev):\(status.st_ino)"
    }
}
