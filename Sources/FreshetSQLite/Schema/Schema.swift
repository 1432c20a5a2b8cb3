import GRDB

/// The format of the store, as numbered steps from an empty file.
///
/// A step that has been released is never edited: what comes later is a new step at the end. One step is one
/// transaction. Times are milliseconds since 1970 (UTC), lists and documents are JSON, and a partition is empty where
/// an asset has none. Order is that of the integer sequences, never that of the clocks.
enum Schema {
    /// `Frsh`; it tells a store of Freshet from the database of another program.
    static let applicationID = 0x4672_7368

    /// The number of the newest format that this version reads and writes.
    static var version: Int { steps.count }

    private static let steps = [
        firstFormat, secondFormat, checksByRun, fourthFormat, slots, sixthFormat, access, traces,
    ]

    /// - Postcondition: the identifiers are "1", "2" and so on, so that a newer format has a number too.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (index, sql) in steps.enumerated() {
            migrator.registerMigration(String(index + 1)) { try $0.execute(sql: sql) }
        }
        return migrator
    }

    /// The number of the format of an open database; 0 for an empty one.
    static func version(of db: Database) throws -> Int {
        guard try db.tableExists("grdb_migrations") else { return 0 }
        return try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations").compactMap { Int($0) }.max() ?? 0
    }
}
