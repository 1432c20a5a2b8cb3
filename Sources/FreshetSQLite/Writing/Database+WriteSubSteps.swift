import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// Replaces what was told before of the same part of the same attempt.
    func keep(_ record: SubStepRecord) throws {
        let sql = """
            INSERT INTO sub_step (run, asset, attempt, name, status, started_at, ended_at, message, details)
            SELECT sequence, ?, ?, ?, ?, ?, ?, ?, ? FROM run WHERE id = ?
            ON CONFLICT (run, asset, partition, attempt, name) DO UPDATE SET
                status = excluded.status, started_at = excluded.started_at, ended_at = excluded.ended_at,
                message = excluded.message, details = excluded.details
            """
        let part = record.subStep
        let arguments: StatementArguments = [
            record.asset.path, record.attempt, part.name, part.status.rawValue, part.startedAt?.milliseconds,
            part.endedAt?.milliseconds, part.message, Details.write(part.details), record.run,
        ]
        try run(sql, arguments)
        guard changesCount > 0 else { return try requireRun(record.run) }
        try note(.subStep, record.asset.path, run: record.run, word: part.status.rawValue)
    }

    /// Adds a line, unless the step has as many as are kept.
    func insert(_ record: LogRecord) throws {
        let sql = """
            INSERT INTO step_log (run, asset, number, attempt, at, level, message)
            SELECT run.sequence, ?1, last.number + 1, ?2, ?3, ?4, ?5
            FROM run, (
                SELECT coalesce(max(number), 0) AS number FROM step_log
                WHERE run = (SELECT sequence FROM run WHERE id = ?6) AND asset = ?1 AND partition = ''
            ) AS last
            WHERE run.id = ?6 AND last.number < ?7
            """
        let line = record.line
        let arguments: StatementArguments = [
            record.asset.path, record.attempt, line.at.milliseconds, line.level.rawValue, line.message, record.run,
            LogRecord.limit,
        ]
        try run(sql, arguments)
        if changesCount == 0 { try requireRun(record.run) }
    }
}
