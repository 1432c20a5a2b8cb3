import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// Replaces a step, unless it or its run has ended.
    func keep(_ step: StepRecord) throws {
        let update = """
            UPDATE step SET status = ?3, attempt = ?4, causes = ?5, skip_reason = ?6, skip_asset = ?7, failure = ?8,
                started_at = ?9, ended_at = ?10, deadline = ?11, retry_at = ?12, details = ?13,
                park_count = ?14, parked_since = ?15
            WHERE run = (SELECT sequence FROM run WHERE id = ?1 AND ended_at IS NULL) AND asset = ?2 AND partition = ''
                AND status NOT IN ('succeeded', 'failed', 'skipped', 'cancelled')
            """
        let arguments = step.arguments
        try run(update, arguments)
        if changesCount == 0 {
            // A step of its own accord, an end that stands, or a run that is not there.
            let insert = """
                INSERT INTO step (run, asset, status, attempt, causes, skip_reason, skip_asset, failure,
                    started_at, ended_at, deadline, retry_at, details, park_count, parked_since)
                SELECT sequence, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15
                FROM run WHERE id = ?1 AND ended_at IS NULL
                ON CONFLICT DO NOTHING
                """
            try run(insert, arguments)
            if changesCount == 0 { return try requireRun(step.run) }
        }
        try note(.step, step.asset.path, run: step.run, word: step.status.rawValue)
        if step.status.isFinished && step.status != .skipped { try remember(step) }
    }

    /// Makes it the latest step of its asset that was worked on.
    private func remember(_ step: StepRecord) throws {
        let sql = """
            INSERT INTO latest_step (asset, step, failures_in_a_row)
            SELECT step.asset, step.sequence, ?3
            FROM step JOIN run ON run.sequence = step.run
            WHERE run.id = ?1 AND step.asset = ?2 AND step.partition = ''
            ON CONFLICT DO UPDATE SET
                step = excluded.step,
                failures_in_a_row = iif(excluded.failures_in_a_row, failures_in_a_row + 1, 0)
            """
        try run(sql, [step.run, step.asset.path, step.status == .failed ? 1 : 0])
    }

    /// A run materializes an asset once; what is reported again is the same.
    func insert(_ record: MaterializationRecord) throws {
        let sql = """
            INSERT INTO materialization (run, asset, version, code_version, parts, started_at, at, data_time, details)
            SELECT sequence, ?, ?, ?, ?, ?, ?, ?, ? FROM run WHERE id = ?
            ON CONFLICT DO NOTHING
            """
        let made = record.materialization
        let arguments: StatementArguments = [
            made.asset.path, made.version.fingerprint, made.provenance.codeVersion, record.extent.column,
            record.startedAt.milliseconds, record.at.milliseconds, record.dataTime?.milliseconds,
            Details.write(record.details), record.run,
        ]
        try run(sql, arguments)
        guard changesCount > 0 else { return try requireRun(record.run) }
        let sequence = lastInsertedRowID
        for (input, version) in made.provenance.inputs {
            let sql = "INSERT INTO provenance (materialization, part, input, version) VALUES (?, ?, ?, ?)"
            try run(sql, [sequence, input.part, input.key.path, version.fingerprint])
        }
        let latest = """
            INSERT INTO latest_materialization (asset, materialization) VALUES (?, ?)
            ON CONFLICT DO UPDATE SET materialization = excluded.materialization
            """
        try run(latest, [made.asset.path, sequence])
        try run("DELETE FROM stale_since WHERE asset = ? AND partition = ''", [made.asset.path])
    }
}

extension StepRecord {
    fileprivate var arguments: StatementArguments {
        let skip = skipReason.map { SkipColumns($0) }
        let failure = failure.map { JSONText.write($0.json) }
        return [
            run, asset.path, status.rawValue, attempt, Cause.write(causes), skip?.code, skip?.asset, failure,
            startedAt?.milliseconds, endedAt?.milliseconds, deadline?.milliseconds, retryAt?.milliseconds,
            Details.write(details), parking?.count ?? 0, parking?.since.milliseconds,
        ]
    }
}
