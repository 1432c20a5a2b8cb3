import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// A run, a waiting step for each asset it may work on, and the end of the triggers it answers.
    func begin(_ record: RunRecord, answering triggers: [TriggerID]) throws {
        guard !record.status.isFinished else { throw StoreError.failed("run \(record.id) begins as \(record.status)") }
        guard try first("SELECT 1 FROM run WHERE id = ?", [record.id]) == nil else {
            throw StoreError.failed("there is a run \(record.id) already")
        }
        try insert(record)
        let sequence = lastInsertedRowID
        try insertTargets(of: record, sequence)
        let input = """
            INSERT INTO run_input (run, asset, \(Observation.columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        for (asset, observation) in record.inputs {
            try run(input, [sequence, asset.path] + observation.arguments)
        }
        for asset in record.selected {
            let sql = """
                INSERT INTO step (run, asset, status, attempt, causes, details) VALUES (?, ?, 'waiting', 0, '[]', '{}')
                """
            try run(sql, [sequence, asset.path])
        }
        try note(.run, record.id, run: record.id, word: record.status.rawValue)
        for trigger in triggers {
            let end = Disposition(.run, reason: "run", into: record.id, at: record.createdAt)
            guard try dispose(of: trigger, end) else {
                throw StoreError.failed("trigger \(trigger) has been answered already")
            }
        }
    }

    private func insert(_ record: RunRecord) throws {
        let sql = """
            INSERT INTO run (id, status, trigger_kind, actor, priority, tags, parent_id, backfill_id, config_version,
                graph_hash, created_at, cancel_requested_by, cancel_requested_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        let arguments: StatementArguments = [
            record.id, record.status.rawValue, record.trigger.rawValue, record.actor.name, record.priority,
            TagList.write(record.tags), record.parent, record.backfill, record.configVersion, record.graphHash,
        ]
        let cancel = record.cancelRequestedBy
        let times: StatementArguments = [
            record.createdAt.milliseconds, cancel?.name, cancel.map { _ in record.createdAt.milliseconds },
        ]
        try run(sql, arguments + times)
    }

    private func insertTargets(of record: RunRecord, _ sequence: Int64) throws {
        let sql = "INSERT INTO run_target (run, role, position, asset) VALUES (?, ?, ?, ?)"
        for (role, assets) in [
            (RunTarget.selected, record.selected), (.forced, record.forced), (.overdue, record.overdue),
            (.dayChanged, record.dayChanged),
        ] {
            for (position, asset) in assets.enumerated() {
                try run(sql, [sequence, role.rawValue, position, asset.path])
            }
        }
        let slotted = "INSERT INTO run_target (run, role, position, asset, slot) VALUES (?, ?, ?, ?, ?)"
        for (role, slots) in [(RunTarget.scheduled, record.scheduled), (.shadowed, record.shadowed)] {
            for (position, entry) in slots.sorted(by: { $0.key < $1.key }).enumerated() {
                try run(slotted, [sequence, role.rawValue, position, entry.key.path, entry.value.milliseconds])
            }
        }
    }

    func append(_ event: RunEvent) throws {
        switch event {
        case .step(let step): try keep(step)
        case .materialized(let materialization): try insert(materialization)
        case .decided(let decision): try insert(decision)
        case .checked(let check): try insert(check)
        case .ended(let run, let status, let now): try end(run, status, at: now)
        case .throttled(let record): try keep(record)
        case .subStep(let record): try keep(record)
        case .logged(let record): try insert(record)
        }
    }

    private func end(_ id: RunID, _ status: RunStatus, at now: Timestamp) throws {
        guard status.isFinished else { throw StoreError.failed("run \(id) cannot end as \(status)") }
        let sql = "UPDATE run SET status = ?, ended_at = ? WHERE id = ? AND ended_at IS NULL"
        try run(sql, [status.rawValue, now.milliseconds, id])
        guard changesCount > 0 else { return try requireRun(id) }
        try note(.run, id, run: id, word: status.rawValue)
    }

    func requestCancel(of id: RunID, at now: Timestamp, by actor: Actor) throws -> Bool {
        let sql = """
            UPDATE run SET cancel_requested_by = coalesce(cancel_requested_by, ?),
                cancel_requested_at = coalesce(cancel_requested_at, ?)
            WHERE id = ? AND ended_at IS NULL
            """
        try run(sql, [actor.name, now.milliseconds, id])
        guard changesCount > 0 else { return false }
        try note(.run, id, run: id, word: "cancelling")
        return true
    }

    func setPaused(_ isPaused: Bool, _ scope: PauseScope, at now: Timestamp, by actor: Actor) throws {
        let subject = scope.text
        if isPaused {
            let sql = "INSERT INTO pause (asset, actor, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
            try run(sql, [subject, actor.name, now.milliseconds])
        } else {
            try run("DELETE FROM pause WHERE asset = ?", [subject])
        }
        try note(.pause, subject, word: isPaused ? "paused" : "resumed")
    }

    /// - Throws: ``StoreError/failed(_:)`` when there is no such run.
    func requireRun(_ id: RunID) throws {
        guard try first("SELECT 1 FROM run WHERE id = ?", [id]) != nil else {
            throw StoreError.failed("there is no run \(id)")
        }
    }
}

/// What an asset is to a run; the words of the column `role`.
enum RunTarget: String {
    case dayChanged = "day_changed"
    case forced
    case overdue
    case scheduled
    case selected
    case shadowed
}
