extension Schema {
    /// What schedules need: how far each has been answered, and one answer to each slot.
    static let slots = """
        CREATE TABLE schedule (
            name TEXT PRIMARY KEY,
            definition TEXT NOT NULL,
            answered_through INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE UNIQUE INDEX trigger_slot ON trigger (kind, targets, slot) WHERE slot IS NOT NULL;

        ALTER TABLE run_target ADD COLUMN slot INTEGER;

        CREATE INDEX observation_log_time ON observation_log (changed_at);

        CREATE INDEX decision_time ON decision (at);

        """
}
