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

    /// The numbers that every committed transaction and every change of the schema raise, and which file they were read
    /// from: a file that was copied over this one may have both, but hardly its size and time.
    ///
    /// Read through SQLite's own handle of the file: opening and closing the file beside it would drop its locks.
    ///
    /// - Returns: `nil` in WAL mode, where the numbers stand still until a checkpoint.
    /// - SeeAlso: sqlite.org, "Database File Format", 1.3.3, 1.3.7 and 1.3.9; `fcntl(2)` on advisory locks.
    private static func changeCounter(_ database: OpaquePointer, _ path: String) -> String? {
        var header = [UInt8](repeating: 0, count: 44)
        guard fr_sqlite3_read_header(database, &header, Int32(header.count)) == SQLITE_OK, header[18] == 1,
            header[19] == 1
        else { return nil }
        func number(at place: Int) -> UInt32 { header[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        let written = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        return "\(number(at: 24)).\(number(at: 40))@\(status.st_dev):\(status.st_ino):\(status.st_size):\(written)"
    }
}
