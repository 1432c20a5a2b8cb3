import FreshetCore
import FreshetKit
import GRDB

extension Database {
    func decisions(_ query: DecisionQuery) throws -> [DecisionRecord] {
        var rows = Conditions()
        rows.add("asset = ?", query.asset)
        if let outcome = query.outcome {
            let held = "reason_code IN ('\(Self.heldCodes.joined(separator: "', '"))')"
            switch outcome {
            case .run, .wait: rows.add("outcome = '\(outcome.rawValue)'")
            case .skip: rows.add("outcome = 'skip' AND NOT \(held)")
            case .hold: rows.add("outcome = 'skip' AND \(held)")
            }
        }
        rows.add("at <= ?", query.at)
        rows.add("at >= ?", query.since)
        rows.add("sequence < ?", query.before)
        let sql = """
            SELECT sequence, asset, outcome, reason_code, detail, evidence, at, run_id, trigger_id, config_version,
                graph_hash
            FROM decision \(rows.clause) ORDER BY sequence DESC LIMIT ?
            """
        return try all(sql, rows.arguments + [max(0, query.limit)]) { try $0.decision() }
    }

    /// The reasons of ``SkipReason/isHeld``; a check of conformance holds them together.
    private static let heldCodes = [
        "foreign_refresh_running", "quota_exhausted", "upstream_failed", "upstream_missing", "upstream_unknown",
    ]

    func ticks(_ query: TickQuery) throws -> [TickRecord] {
        var rows = Conditions()
        rows.add("sensor = ?", query.sensor)
        rows.add("status = ?", query.status)
        rows.add("ended_at >= ?", query.since)
        rows.add("sequence < ?", query.before)
        let sql = """
            SELECT sequence, sensor, status, message, started_at, ended_at, count
            FROM tick \(rows.clause) ORDER BY sequence DESC LIMIT ?
            """
        return try all(sql, rows.arguments + [max(0, query.limit)]) { row in
            TickRecord(
                sequence: try row.next(),
                sensor: try row.next(),
                status: try row.word(),
                message: try row.next(),
                startedAt: try row.time(),
                endedAt: try row.time(),
                count: try row.next()
            )
        }
    }

    func observations(_ query: ObservationQuery) throws -> [LoggedObservation] {
        var rows = Conditions()
        rows.add("partition = ''")
        rows.add("asset = ?", query.asset)
        rows.add("version = ?", query.version?.fingerprint)
        rows.add("changed_at >= ?", query.since)
        rows.add("sequence > ?", query.after)
        rows.add("sequence < ?", query.before)
        let order = query.isNewestFirst ? "DESC" : "ASC"
        let sql = """
            SELECT sequence, asset, changed_at, \(Observation.columns)
            FROM observation_log \(rows.clause) ORDER BY sequence \(order) LIMIT ?
            """
        return try all(sql, rows.arguments + [max(0, query.limit)]) { row in
            let sequence: Int64 = try row.next()
            let asset = try row.key()
            let at = try row.time()
            return LoggedObservation(sequence: sequence, asset: asset, observation: try row.observation(), at: at)
        }
    }

    func trigger(_ id: TriggerID) throws -> TriggerRecord? {
        try all("SELECT \(TriggerRecord.columns) FROM trigger WHERE id = ?", [id]) { try $0.trigger() }.first
    }

    /// Those that became a run, or were coalesced into it.
    func triggers(into run: RunID) throws -> [TriggerRecord] {
        let sql = "SELECT \(TriggerRecord.columns) FROM trigger WHERE into_id = ? ORDER BY sequence"
        return try all(sql, [run]) { try $0.trigger() }
    }

    func pendingTriggers() throws -> [TriggerRecord] {
        let sql = "SELECT \(TriggerRecord.columns) FROM trigger WHERE disposition IS NULL ORDER BY sequence"
        return try all(sql) { try $0.trigger() }
    }
}

extension TriggerRecord {
    static let columns = """
        id, key, kind, slot, actor, targets, is_forced, created_at, due_at, delay, trace_parent, disposition, reason,
        into_id, disposed_at
        """
}

extension Columns {
    fileprivate mutating func trigger() throws -> TriggerRecord {
        var record = TriggerRecord(
            id: try next(),
            key: try next(),
            kind: try word(),
            slot: try optionalTime(),
            actor: Actor(try next()),
            targets: try NameList.readKeys(try next()),
            isForced: try next(),
            createdAt: try time(),
            dueAt: try time(),
            delay: try optional(),
            traceParent: try optional(String.self).flatMap { TraceParent($0) }
        )
        if let kind = try optional(String.self) {
            record.disposition = Disposition(
                try Disposition.Kind(word: kind),
                reason: try next(),
                into: try optional(),
                at: try time()
            )
        }
        return record
    }

    fileprivate mutating func decision() throws -> DecisionRecord {
        DecisionRecord(
            sequence: try next(),
            asset: try key(),
            decision: try DecisionColumns(outcome: try next(), reasonCode: try next(), detail: try next()).decision(),
            evidence: try Evidence.read(try next()),
            at: try time(),
            run: try optional(),
            trigger: try optional(),
            configVersion: try next(),
            graphHash: try next()
        )
    }
}
