import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// The position in the sequence of changes that the surrounding read includes.
    func changePosition() throws -> Int64 {
        try first("SELECT seq FROM sqlite_sequence WHERE name = 'change'")?.decode(atIndex: 0) ?? 0
    }

    func changes(after sequence: Int64?, limit: Int) throws -> Changes {
        let newest = try changePosition()
        let oldest: Int64? = try first("SELECT min(sequence) FROM change")?.decode(atIndex: 0)
        var found = Changes(newest: newest, oldest: oldest ?? newest + 1, records: [])
        guard let sequence else { return found }
        let sql = """
            SELECT sequence, kind, subject, run_id, word FROM change WHERE sequence > ? ORDER BY sequence LIMIT ?
            """
        found.records = try all(sql, [sequence, max(0, limit)]) { row in
            let sequence: Int64 = try row.next()
            let kind = try row.word(ChangeRecord.Kind.self)
            let subject: String = try row.next()
            return ChangeRecord(sequence: sequence, kind, subject, run: try row.optional(), word: try row.next())
        }
        return found
    }

    func audit(_ query: AuditQuery) throws -> [AuditRecord] {
        var rows = Conditions()
        rows.add("actor = ?", query.actor?.name)
        if let action = query.action {
            // The character after the dot ends the range of all that begin with it.
            rows.add("(action = ? OR (action >= ? AND action < ?))", [action, action + ".", action + "/"])
        }
        rows.add("subject = ?", query.target)
        rows.add("outcome = ?", query.outcome)
        rows.add("sequence < ?", query.before)
        let sql = """
            SELECT sequence, at, actor, action, subject, outcome, reason, method, address, hash
            FROM audit \(rows.clause) ORDER BY sequence DESC LIMIT ?
            """
        return try all(sql, rows.arguments + [max(0, query.limit)]) { row in
            let sequence: Int64 = try row.next()
            let at = try row.time()
            let actor = Actor(try row.next())
            let action: String = try row.next()
            let target: String = try row.next()
            let entry = AuditEntry(
                action,
                target: target.isEmpty ? nil : target,
                outcome: try row.word(),
                reason: try row.optional(),
                method: try row.word(),
                address: try row.optional()
            )
            return AuditRecord(sequence: sequence, at: at, actor: actor, entry: entry, hash: try row.next())
        }
    }

    func finishedSteps(_ query: StepQuery) throws -> [FinishedStep] {
        var rows = Conditions()
        rows.add("step.ended_at >= ?", query.since)
        rows.add("step.started_at IS NOT NULL")
        rows.add("step.status <> 'skipped'")
        rows.add("step.asset = ?", query.asset)
        let sql = """
            SELECT run.id, step.asset, step.status, run.created_at, step.started_at, step.ended_at, step.causes
            FROM step JOIN run ON run.sequence = step.run
            \(rows.clause) ORDER BY step.ended_at DESC, step.sequence DESC LIMIT ?
            """
        return try all(sql, rows.arguments + [max(0, query.limit)]) { row in
            FinishedStep(
                run: try row.next(),
                asset: try row.key(),
                status: try row.word(),
                createdAt: try row.time(),
                startedAt: try row.time(),
                endedAt: try row.time(),
                causes: try Cause.read(try row.next())
            )
        }
    }
}
