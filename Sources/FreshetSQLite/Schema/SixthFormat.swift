extension Schema {
    /// What an API needs: what has changed, what was answered to whom, and an audit with its circumstances.
    static let sixthFormat = """
        CREATE TABLE change (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            run_id TEXT,
            word TEXT NOT NULL
        ) STRICT;

        CREATE TABLE answer (
            actor TEXT NOT NULL,
            key TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            status INTEGER NOT NULL,
            body TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (actor, key)
        ) STRICT;
        CREATE INDEX answer_time ON answer (at);

        ALTER TABLE audit ADD COLUMN outcome TEXT NOT NULL DEFAULT 'allowed';
        ALTER TABLE audit ADD COLUMN reason TEXT;
        ALTER TABLE audit ADD COLUMN method TEXT NOT NULL DEFAULT 'socket';
        ALTER TABLE audit ADD COLUMN address TEXT;
        ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';
        UPDATE audit SET action = CASE action
            WHEN 'cancel' THEN 'runs.cancel' WHEN 'pause' THEN 'pauses.set' WHEN 'resume' THEN 'pauses.clear'
            WHEN 'retry' THEN 'runs.retry' WHEN 'run' THEN 'runs.create' ELSE action END;

        CREATE INDEX trigger_into ON trigger (into_id) WHERE into_id IS NOT NULL;
        CREATE INDEX step_ended ON step (ended_at) WHERE started_at IS NOT NULL;
        CREATE INDEX step_asset ON step (asset, ended_at) WHERE started_at IS NOT NULL;

        """
}
