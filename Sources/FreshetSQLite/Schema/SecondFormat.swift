extension Schema {
    /// What services asked to wait for: of a step, and of everything that is charged to one budget.
    static let secondFormat = """
        ALTER TABLE step ADD COLUMN park_count INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE step ADD COLUMN parked_since INTEGER;

        CREATE TABLE budget (
            name TEXT PRIMARY KEY,
            blocked_until INTEGER NOT NULL,
            "limit" INTEGER,
            since INTEGER NOT NULL,
            reason TEXT NOT NULL,
            count INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        """
}
