extension Schema {
    /// Where an observation comes from, and what a step tells of its work.
    static let fourthFormat = """
        ALTER TABLE observation ADD COLUMN query TEXT;
        ALTER TABLE observation ADD COLUMN source TEXT;
        ALTER TABLE observation ADD COLUMN cost TEXT;
        ALTER TABLE observation_log ADD COLUMN query TEXT;
        ALTER TABLE observation_log ADD COLUMN source TEXT;
        ALTER TABLE observation_log ADD COLUMN cost TEXT;
        ALTER TABLE run_input ADD COLUMN query TEXT;
        ALTER TABLE run_input ADD COLUMN source TEXT;
        ALTER TABLE run_input ADD COLUMN cost TEXT;

        CREATE TABLE sub_step (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            run INTEGER NOT NULL REFERENCES run,
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            attempt INTEGER NOT NULL,
            name TEXT NOT NULL,
            status TEXT NOT NULL,
            started_at INTEGER,
            ended_at INTEGER,
            message TEXT,
            details TEXT NOT NULL,
            UNIQUE (run, asset, partition, attempt, name)
        ) STRICT;

        CREATE TABLE step_log (
            run INTEGER NOT NULL REFERENCES run,
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            number INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            at INTEGER NOT NULL,
            level TEXT NOT NULL,
            message TEXT NOT NULL,
            PRIMARY KEY (run, asset, partition, number)
        ) STRICT, WITHOUT ROWID;

        """
}
