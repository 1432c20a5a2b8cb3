import FreshetCore
import FreshetKit
import GRDB

extension Database {
    func decisions(_ query: DecisionQuery) throws -> [DecisionRecord] {
        var conditions: [String] = []
        var arguments = StatementArguments()
        if let asset = query.asset {
            conditions.append("asset = ?")
            arguments += [asset.path]
        }
        if let outcome = query.outcome {
            let held = "reason_code IN ('\(Self.heldCodes.joined(separator: "', '"))')"
            switch outcome {
            case .run, .wait: conditions.append("outcome = '\(outcome.rawValue)'")
            case .skip: conditions.append("outcome = 'skip' AND NOT \(held)")
            case .hold: conditions.append("outcome = 'skip' AND \(held)")
            }
        }
        if let at = query.at {
            conditions.append("at <= ?")
            arguments += [at.milliseconds]
        }
        if let since = query.since {
            conditions.append("at >= ?")
            arguments += [since.milliseconds]
        }
        if let before = query.before {
            conditions.append("sequence < ?")
            arguments += [before]
        }
        let sql = """
            SELECT sequence, asset, outcome, reason_code, detail, evidence, at, run_id, trigger_id, config_version,
                graph_hash
            FROM decision \(filter(conditions)) ORDER BY sequence DESC LIMIT ?
            """
        return try all(sql, arguments + [max(0, query.limit)]) { try $0.decision() }
    }

    /// The reasons of ``SkipReason/isHeld``; a check of conformance holds them together.
    private static let heldCodes = [
        "foreign_refresh_running", "quota_exhausted", "upstream_failed", "upstream_missing", "upstream_unknown",
    ]

    func ticks(_ query: TickQuery) throws -> [TickRecord] {
        var conditions: [String] = []
        var arguments = StatementArguments()
        if let sensor = query.sensor {
            conditions.append("sensor = ?")
            arguments += [sensor]
        }
        if let status = query.status {
            conditions.append("status = ?")
            arguments += [status.rawValue]
        }
        if let since = query.since {
            conditions.append("ended_at >= ?")
            arguments += [since.milliseconds]
        }
        if let before = query.before {
            conditions.append("sequence < ?")
            arguments += [before]
        }
        let sql = """
            SELECT sequence, sensor, status, message, started_at, ended_at, count
            FROM tick \(filter(conditions)) ORDER BY sequence DESC LIMIT ?
            """
        return try all(sql, arguments + [max(0, query.limit)]) { row in
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
        var conditions = ["partition = ''"]
        var arguments = StatementArguments()
        if let asset = query.asset {
            conditions.append("asset = ?")
            arguments += [asset.path]
        }
        if let version = query.version {
            conditions.append("version = ?")
            arguments += [version.fingerprint]
        }
        if let since = query.since {
            conditions.append("changed_at >= ?")
            arguments += [since.milliseconds]
        }
        if let after = query.after {
            conditions.append("sequence > ?")
            arguments += [after]
        }
        if let before = query.before {
            conditions.append("sequence < ?")
            arguments += [before]
        }
        let order = query.isNewestFirst ? "DESC" : "ASC"
        let sql = """
            SELECT sequence, asset, changed_at, \(Observation.columns)
            FROM observation_log \(filter(conditions)) ORDER BY sequence \(order) LIMIT ?
            """
        return try all(sql, arguments + [max(0, query.limit)]) { row in
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

    func filter(_ conditions: [String]) -> String {
        conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    }
}

extension TriggerRecord {
    static let columns = """
        id, key, kind, slot, actor, targets, is_forced, created_at, due_at, delay, disposition, reason, into_id, disposed_at
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
            delay: try optional()
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
