import GRDB

/// The retailer's tables, in a SQLite file that stands for a warehouse.
struct DemoWarehouse {
    private let database: DatabaseQueue

    init(path: String) throws {
        database = try DatabaseQueue(path: path)
        try database.write { db in
            for table in ["fct_sales", "dim_customer", "fct_stock", "dim_product"] {
                try db.execute(sql: "CREATE TABLE \(table) (id INTEGER PRIMARY KEY, amount INTEGER, updated_at TEXT)")
            }
        }
        for (table, rows) in [("fct_sales", 1000), ("dim_customer", 200), ("fct_stock", 500), ("dim_product", 80)] {
            try add(rows, to: table, at: "2026-05-03T02:00:00Z")
        }
    }

    func add(_ rows: Int, to table: String, at time: String) throws {
        try database.write { db in
            for _ in 0..<rows {
                try db.execute(sql: "INSERT INTO \(table) (amount, updated_at) VALUES (1, ?)", arguments: [time])
            }
        }
    }
}
