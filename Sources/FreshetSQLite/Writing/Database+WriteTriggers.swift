import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// - Returns: the ids under which the triggers are stored, in their order.
    func commit(_ change: TriggerCommit) throws -> [TriggerID] {
        var stored: [TriggerID: TriggerID] = [:]
        let ids = try change.triggers.map { trigger in
            let (id, isNew) = try insert(trigger)
            if isNew { try auditPerson(trigger) }
            stored[trigger.id] = id
            return id
        }
        for (trigger, disposition) in change.dispositions {
            var disposition = disposition
            disposition.into = disposition.into.map { stored[$0] ?? $0 }
            try dispose(of: stored[trigger] ?? trigger, disposition)
        }
        for var decision in change.decisions {
            decision.trigger = decision.trigger.map { stored[$0] ?? $0 }
            try insert(decision)
        }
        for schedule in change.schedules { try keep(schedule) }
        return ids
    }

    /// - Returns: the id under which a trigger of this key is stored, and whether it was not before.
    func insert(_ trigger: TriggerRecord) throws -> (id: TriggerID, isNew: Bool) {
        let sql = """
            INSERT INTO trigger (id, key, kind, slot, actor, targets, is_forced, created_at, due_at, delay,
                trace_parent, disposition, reason, into_id, disposed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (key) DO NOTHING
            """
        let end = trigger.disposition
        let arguments: StatementArguments = [
            trigger.id, trigger.key, trigger.kind.rawValue, trigger.slot?.milliseconds, trigger.actor.name,
            NameList.write(trigger.targets.map(\.path)), trigger.isForced, trigger.createdAt.milliseconds,
            trigger.dueAt.milliseconds, trigger.delay, trigger.traceParent?.description,
        ]
        try run(sql, arguments + [end?.kind.rawValue, end?.reason, end?.into, end?.at.milliseconds])
        if changesCount == 0, let row = try first("SELECT id FROM trigger WHERE key = ?", [trigger.key]) {
            return (try row.decode(atIndex: 0), false)
        }
        try note(.trigger, trigger.id, word: trigger.disposition?.kind.rawValue ?? "pending")
        return (trigger.id, true)
    }

    /// A run that a person asks for without the API is in the audit all the same.
    private func auditPerson(_ trigger: TriggerRecord) throws {
        let action: String
        switch trigger.kind {
        case .manual: action = "runs.create"
        case .retry: action = "runs.retry"
        case .dayChange, .maxSkip, .schedule, .sensor, .startup: return
        }
        try audit(AuditEntry(action, target: trigger.id), by: trigger.actor, at: trigger.createdAt)
    }

    /// - Returns: false when the trigger has its end already, which stays.
    @discardableResult
    func dispose(of trigger: TriggerID, _ end: Disposition) throws -> Bool {
        let sql = """
            UPDATE trigger SET disposition = ?, reason = ?, into_id = ?, disposed_at = ?
            WHERE id = ? AND disposition IS NULL
            """
        try run(sql, [end.kind.rawValue, end.reason, end.into, end.at.milliseconds, trigger])
        if changesCount > 0 {
            try note(.trigger, trigger, run: end.kind == .run ? end.into : nil, word: end.kind.rawValue)
            return true
        }
        guard try first("SELECT 1 FROM trigger WHERE id = ?", [trigger]) != nil else {
            throw StoreError.failed("there is no trigger \(trigger)")
        }
        return false
    }

    private func keep(_ schedule: ScheduleRecord) throws {
        let sql = """
            INSERT INTO schedule (name, definition, answered_through) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET definition = excluded.definition, answered_through = excluded.answered_through
            """
        try run(sql, [schedule.name, schedule.definition, schedule.answeredThrough.milliseconds])
    }

    func insert(_ decision: DecisionRecord) throws {
        let sql = """
            INSERT INTO decision (asset, outcome, reason_code, detail, evidence, at, run_id, trigger_id,
                config_version, graph_hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        let columns = DecisionColumns(decision.decision)
        let arguments: StatementArguments = [
            decision.asset.path, columns.outcome, columns.reasonCode, columns.detail, Evidence.write(decision.evidence),
            decision.at.milliseconds, decision.run, decision.trigger, decision.configVersion, decision.graphHash,
        ]
        try run(sql, arguments)
        try note(decision)
        guard case .run = decision.decision else { return }
        try run(
            "INSERT INTO stale_since (asset, at) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [decision.asset.path, decision.at.milliseconds]
        )
    }
}
