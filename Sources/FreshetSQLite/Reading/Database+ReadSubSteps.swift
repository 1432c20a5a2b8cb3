import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// The parts of the steps of each run, in the order in which they were first told of.
    func subSteps(ofRuns sequences: [Int64]) throws -> [RunID: [SubStepRecord]] {
        var found: [RunID: [SubStepRecord]] = [:]
        let sql = """
            SELECT run.id, part.asset, part.attempt, part.name, part.status, part.started_at, part.ended_at,
                part.message, part.details
            FROM sub_step AS part JOIN run ON run.sequence = part.run
            WHERE part.run IN \(Self.listed) ORDER BY part.sequence
            """
        try each(sql, [Self.list(sequences)]) { row in
            let run: RunID = try row.next()
            let asset = try row.key()
            let attempt: Int = try row.next()
            let part = SubStep(
                name: try row.next(),
                status: try row.word(),
                startedAt: try row.optionalTime(),
                endedAt: try row.optionalTime(),
                message: try row.optional(),
                details: try Details.read(try row.next())
            )
            found[run, default: []].append(SubStepRecord(run: run, asset: asset, attempt: attempt, subStep: part))
        }
        return found
    }

    func log(_ query: LogQuery) throws -> [LogRecord] {
        var rows = Conditions()
        rows.add("run = (SELECT sequence FROM run WHERE id = ?)", query.run)
        rows.add("asset = ?", query.asset)
        rows.add("number > ?", query.after)
        let sql = """
            SELECT asset, attempt, number, at, level, message FROM step_log \(rows.clause)
            ORDER BY asset, partition, number LIMIT ?
            """
        return try all(sql, rows.arguments + [max(0, query.limit)]) { row in
            let asset = try row.key()
            return LogRecord(
                run: query.run,
                asset: asset,
                attempt: try row.next(),
                number: try row.next(),
                line: LogLine(at: try row.time(), level: try row.word(), message: try row.next())
            )
        }
    }
}
