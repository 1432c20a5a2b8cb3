extension Schema {
    /// What the first release needs, and columns for what is known to come: schedules, backfills, partitions, checks,
    /// alerts.
    static let firstFormat = deciding + running + remembering + keeping + finals

    /// Triggers, looks and decisions.
    private static let deciding = """
        CREATE TABLE epoch (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            number INTEGER NOT NULL,
            owner TEXT NOT NULL,
            claimed_at INTEGER NOT NULL
        ) STRICT;
        INSERT INTO epoch VALUES (1, 0, '', 0);

        CREATE TABLE trigger (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            key TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            slot INTEGER,
            actor TEXT NOT NULL,
            targets TEXT NOT NULL,
            is_forced INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            delay TEXT,
            disposition TEXT,
            reason TEXT,
            into_id TEXT,
            disposed_at INTEGER,
            CHECK ((disposition IS NULL) = (reason IS NULL) AND (disposition IS NULL) = (disposed_at IS NULL))
        ) STRICT;
        CREATE INDEX trigger_pending ON trigger (sequence) WHERE disposition IS NULL;

        CREATE TABLE tick (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            sensor TEXT NOT NULL,
            status TEXT NOT NULL,
            message TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            ended_at INTEGER NOT NULL,
            count INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX tick_sensor ON tick (sensor, sequence);

        CREATE TABLE cursor (
            sensor TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE observation (
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            state TEXT NOT NULL,
            version TEXT,
            health TEXT NOT NULL,
            signal TEXT NOT NULL,
            strength TEXT NOT NULL,
            value_list TEXT NOT NULL,
            data_time INTEGER,
            observed_at INTEGER,
            message TEXT,
            changed_at INTEGER NOT NULL,
            verified_at INTEGER NOT NULL,
            PRIMARY KEY (asset, partition)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE observation_log (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            state TEXT NOT NULL,
            version TEXT,
            health TEXT NOT NULL,
            signal TEXT NOT NULL,
            strength TEXT NOT NULL,
            value_list TEXT NOT NULL,
            data_time INTEGER,
            observed_at INTEGER,
            message TEXT,
            changed_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX observation_log_asset ON observation_log (asset, partition, sequence);

        CREATE TABLE decision (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            outcome TEXT NOT NULL,
            reason_code TEXT NOT NULL,
            detail TEXT NOT NULL,
            evidence TEXT NOT NULL,
            at INTEGER NOT NULL,
            run_id TEXT,
            trigger_id TEXT,
            config_version TEXT NOT NULL,
            graph_hash TEXT NOT NULL
        ) STRICT;
        CREATE INDEX decision_asset ON decision (asset, sequence);

        """

    /// Runs and their steps.
    private static let running = """
        CREATE TABLE run (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            status TEXT NOT NULL,
            trigger_kind TEXT NOT NULL,
            actor TEXT NOT NULL,
            priority INTEGER NOT NULL,
            tags TEXT NOT NULL,
            parent_id TEXT,
            backfill_id TEXT,
            config_version TEXT NOT NULL,
            graph_hash TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            ended_at INTEGER,
            cancel_requested_by TEXT,
            cancel_requested_at INTEGER,
            CHECK ((ended_at IS NULL) = (status IN ('queued', 'running')))
        ) STRICT;
        CREATE INDEX run_unfinished ON run (sequence) WHERE ended_at IS NULL;
        CREATE INDEX run_status ON run (status, sequence);

        CREATE TABLE run_target (
            run INTEGER NOT NULL REFERENCES run,
            role TEXT NOT NULL,
            position INTEGER NOT NULL,
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (run, role, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX run_target_asset ON run_target (asset, run);

        CREATE TABLE run_input (
            run INTEGER NOT NULL REFERENCES run,
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            state TEXT NOT NULL,
            version TEXT,
            health TEXT NOT NULL,
            signal TEXT NOT NULL,
            strength TEXT NOT NULL,
            value_list TEXT NOT NULL,
            data_time INTEGER,
            observed_at INTEGER,
            message TEXT,
            PRIMARY KEY (run, asset, partition)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE step (
            sequence INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES run,
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            status TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            causes TEXT NOT NULL,
            skip_reason TEXT,
            skip_asset TEXT,
            failure TEXT,
            started_at INTEGER,
            ended_at INTEGER,
            deadline INTEGER,
            retry_at INTEGER,
            details TEXT NOT NULL,
            UNIQUE (run, asset, partition)
        ) STRICT;

        CREATE TABLE latest_step (
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            step INTEGER NOT NULL REFERENCES step,
            failures_in_a_row INTEGER NOT NULL,
            PRIMARY KEY (asset, partition)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE remote_op (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            run INTEGER NOT NULL REFERENCES run,
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            attempt INTEGER NOT NULL,
            target TEXT NOT NULL,
            state TEXT NOT NULL,
            request_id TEXT,
            is_adopted INTEGER NOT NULL,
            body_hash TEXT NOT NULL,
            objects TEXT NOT NULL,
            known_ids TEXT NOT NULL,
            prepared_at INTEGER NOT NULL,
            deadline INTEGER,
            cancel_requested_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX remote_op_in_flight ON remote_op (target)
            WHERE state IN ('prepared', 'ambiguous', 'accepted');
        CREATE INDEX remote_op_target ON remote_op (target, sequence);
        CREATE INDEX remote_op_run ON remote_op (run);

        CREATE TABLE remote_op_event (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            remote_op INTEGER NOT NULL REFERENCES remote_op,
            at INTEGER NOT NULL,
            name TEXT NOT NULL,
            evidence TEXT NOT NULL
        ) STRICT;
        CREATE INDEX remote_op_event_op ON remote_op_event (remote_op, sequence);

        """

    /// Successes with what went in, and the checks on them.
    private static let remembering = """
        CREATE TABLE materialization (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            run INTEGER NOT NULL REFERENCES run,
            version TEXT NOT NULL,
            code_version TEXT NOT NULL,
            parts TEXT,
            started_at INTEGER NOT NULL,
            at INTEGER NOT NULL,
            data_time INTEGER,
            details TEXT NOT NULL,
            UNIQUE (run, asset, partition)
        ) STRICT;
        CREATE INDEX materialization_asset ON materialization (asset, partition, sequence);

        CREATE TABLE provenance (
            materialization INTEGER NOT NULL REFERENCES materialization,
            part TEXT NOT NULL,
            input TEXT NOT NULL,
            input_partition TEXT NOT NULL DEFAULT '',
            version TEXT,
            PRIMARY KEY (materialization, part, input, input_partition)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE latest_materialization (
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            materialization INTEGER NOT NULL REFERENCES materialization,
            PRIMARY KEY (asset, partition)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE stale_since (
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            at INTEGER NOT NULL,
            PRIMARY KEY (asset, partition)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE asset_check (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            asset TEXT NOT NULL,
            partition TEXT NOT NULL DEFAULT '',
            name TEXT NOT NULL,
            severity TEXT NOT NULL,
            is_blocking INTEGER NOT NULL,
            status TEXT NOT NULL,
            run INTEGER REFERENCES run,
            materialization INTEGER REFERENCES materialization,
            at INTEGER NOT NULL,
            details TEXT NOT NULL
        ) STRICT;
        CREATE INDEX asset_check_asset ON asset_check (asset, partition, name, sequence);

        """

    /// What people asked for, and what has to be told to others.
    private static let keeping = """
        CREATE TABLE pause (
            asset TEXT PRIMARY KEY,
            actor TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL
        ) STRICT;

        CREATE TABLE outbox (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            payload TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            delivered_at INTEGER
        ) STRICT;
        CREATE INDEX outbox_undelivered ON outbox (sequence) WHERE delivered_at IS NULL;

        """

    /// The second line of defence: the code does not write these, and nobody else may either.
    private static let finals = """
        CREATE TRIGGER trigger_is_answered_once BEFORE UPDATE ON trigger WHEN OLD.disposition IS NOT NULL
            BEGIN SELECT RAISE(ABORT, 'a trigger is answered once'); END;
        CREATE TRIGGER run_is_final BEFORE UPDATE ON run WHEN OLD.ended_at IS NOT NULL
            BEGIN SELECT RAISE(ABORT, 'a run that has ended does not change'); END;
        CREATE TRIGGER run_plan_is_frozen
            BEFORE UPDATE OF sequence, id, trigger_kind, actor, priority, tags, parent_id, backfill_id,
                config_version, graph_hash, created_at ON run
            BEGIN SELECT RAISE(ABORT, 'the plan of a run does not change'); END;
        CREATE TRIGGER run_target_is_frozen BEFORE UPDATE ON run_target
            BEGIN SELECT RAISE(ABORT, 'the plan of a run does not change'); END;
        CREATE TRIGGER run_input_is_frozen BEFORE UPDATE ON run_input
            BEGIN SELECT RAISE(ABORT, 'the plan of a run does not change'); END;
        CREATE TRIGGER step_is_final BEFORE UPDATE ON step
            WHEN OLD.status IN ('succeeded', 'failed', 'skipped', 'cancelled')
            BEGIN SELECT RAISE(ABORT, 'a step that has ended does not change'); END;
        CREATE TRIGGER remote_op_is_final BEFORE UPDATE ON remote_op
            WHEN OLD.state IN ('rejected', 'not_found', 'completed', 'failed', 'cancelled', 'lost')
            BEGIN SELECT RAISE(ABORT, 'a remote operation that has ended does not change'); END;
        CREATE TRIGGER materialization_is_final BEFORE UPDATE ON materialization
            BEGIN SELECT RAISE(ABORT, 'a materialization does not change'); END;

        """
}
