import CSQLite
import FreshetKit
import GRDB

/// How connections to the database are set up.
///
/// SQLite up to 3.51.2 can lose commits when two connections write or checkpoint at the same moment
/// (sqlite.org/wal.html#walresetbug), and Debian 12 ships such a version. So there is exactly one connection that
/// writes and checkpoints: a `DatabaseQueue`. Reads go through a `DatabasePool` that is opened read-only as a whole,
/// so that not even its "writer" can write; a pool alone would keep its writer and its readers under one configuration,
/// and checkpoint wherever SQLite's default says.
enum Connections {
    /// Pages in the WAL after which the writer copies them into the database; SQLite's own default.
    static let pagesBetweenCheckpoints = 1000

    /// The connection that writes.
    ///
    /// `synchronous=FULL` makes a commit durable before it returns: NORMAL, which is usual with WAL, may roll back
    /// commits when the power fails.
    static func writer(path: String) throws -> DatabaseQueue {
        var configuration = common()
        configuration.label = "freshet.store.writer"
        configuration.prepareDatabase { db in
            let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw StoreError.cannotOpen(path: path, reason: "the file system does not support WAL")
            }
            try db.execute(
                sql: """
                    PRAGMA synchronous = FULL;
                    PRAGMA wal_autocheckpoint = 0;
                    PRAGMA journal_size_limit = 67108864;
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    """
            )
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// The connections that read, up to four at a time; none of them writes or checkpoints, not even when it closes.
    static func readers(path: String) throws -> DatabasePool {
        var configuration = common()
        configuration.label = "freshet.store.reader"
        configuration.readonly = true
        configuration.maximumReaderCount = 4
        configuration.prepareDatabase { db in
            try db.execute(
                sql: """
                    PRAGMA query_only = ON;
                    PRAGMA busy_timeout = 5000;
                    PRAGMA wal_autocheckpoint = 0;
                    PRAGMA trusted_schema = OFF;
                    PRAGMA cell_size_check = ON;
                    """
            )
            let code = fr_sqlite3_no_checkpoint_on_close(db.sqliteConnection)
            guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        }
        return try DatabasePool(path: path, configuration: configuration)
    }

    private static func common() -> Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        return configuration
    }
}
