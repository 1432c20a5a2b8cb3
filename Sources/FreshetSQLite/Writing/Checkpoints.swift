import CSQLite
import GRDB

/// When the writer copies the WAL into the database: after its callers have been answered, and never waiting for a
/// reader.
///
/// Used on the writer's queue only, which makes it safe to send.
final class Checkpoints: @unchecked Sendable {
    /// The length of the WAL after the last commit, in pages.
    private var pages = 0
    private var threshold = Connections.pagesBetweenCheckpoints

    /// Has SQLite report the length of the WAL with each commit; this object has to outlive the connection's commits.
    func watch(_ db: Database) {
        _ = sqlite3_wal_hook(
            db.sqliteConnection,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<Checkpoints>.fromOpaque(context).takeUnretainedValue().pages = Int(pages)
                return SQLITE_OK
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    func unwatch(_ db: Database) { _ = sqlite3_wal_hook(db.sqliteConnection, nil, nil) }

    /// A checkpoint that did not reach the end, because a reader still needs the old pages, is tried again only after
    /// as many pages more; once it has, SQLite begins the WAL anew.
    func afterCommit(_ db: Database) {
        if pages < threshold - Connections.pagesBetweenCheckpoints { threshold = Connections.pagesBetweenCheckpoints }
        guard pages >= threshold else { return }
        threshold = pages + Connections.pagesBetweenCheckpoints
        // The commits are durable without it. If the disk is failing, the next commit says so.
        do { _ = try db.checkpoint(.passive) } catch {}
    }
}
