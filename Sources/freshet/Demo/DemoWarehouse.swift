import FreshetCore
import GRDB

/// The retailer's tables, in a SQLite file that stands for a warehouse.
struct DemoWarehouse {
    /// The tables of the first scene, and how many rows they have then.
    static let tables = [("fct_sales", 1000), ("dim_customer", 200), ("fct_stock", 500), ("dim_product", 80)].map {
        (name: $0.0, rows: $0.1)
    }
    /// When last night's load began: on the newest weekday whose morning is over, so that what has only its data is late.
    let night: Timestamp
    private let database: DatabaseQueue

    /// - Parameters:
    ///   - path: of the file, which is made.
    ///   - now: the moment of the first scene.
    /// - Throws: an error of the database.
    init(path: String, now: Timestamp) throws {
        night = Self.night(before: now)
        database = try DatabaseQueue(path: path)
        for table in Self.tables {
            let isStock = ["fct_stock", "dim_product"].contains(table.name)
            try make(table.name, rows: table.rows, at: isStock ? now - .seconds(6 * 3600) : night - .seconds(2 * 3600))
        }
    }

    func make(_ table: String, rows: Int, at time: Timestamp) throws {
        try database.write { db in
            try db.execute(sql: "CREATE TABLE \(table) (id INTEGER PRIMARY KEY, amount INTEGER, updated_at TEXT)")
        }
        try add(rows, to: table, at: time)
    }

    func add(_ rows: Int, to table: String, at time: Timestamp) throws {
        try database.write { db in
            for _ in 0..<rows {
                try db.execute(
                    sql: "INSERT INTO \(table) (amount, updated_at) VALUES (1, ?)",
                    arguments: [time.iso8601]
                )
            }
        }
    }

    /// Two o'clock of the newest Monday to Friday on which half past seven has passed in Berlin.
    private static func night(before now: Timestamp) -> Timestamp {
        let morning = now - .seconds(6 * 3600 + 1800)
        var date = CivilDate(daysSinceEpoch: Int(morning.milliseconds / 86_400_000))
        while date.weekday > 5 { date = date.adding(days: -1) }
        return Timestamp(milliseconds: Int64(date.daysSinceEpoch) * 86_400_000) + .seconds(2 * 3600)
    }
}
