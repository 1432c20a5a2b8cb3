import FreshetCore
import FreshetKit
import GRDB

extension Database {
    func runs(_ query: RunQuery) throws -> [RunRecord] { try runs(sequences(of: query)) }

    func details(_ query: RunQuery) throws -> [RunDetail] { try details(of: sequences(of: query)) }

    private func sequences(of query: RunQuery) throws -> [Int64] {
        var rows = Conditions()
        rows.add("sequence IN (SELECT run FROM run_target WHERE asset = ? AND role = 'selected')", query.asset)
        rows.add("status = ?", query.status)
        rows.add("trigger_kind = ?", query.trigger)
        rows.add("created_at >= ?", query.since)
        rows.add("created_at < ?", query.until)
        rows.add("sequence < (SELECT sequence FROM run WHERE id = ?)", query.before)
        let sql = "SELECT sequence FROM run \(rows.clause) ORDER BY sequence DESC LIMIT ?"
        return try all(sql, rows.arguments + [max(0, query.limit)]) { try $0.next() }
    }

    func runDetail(_ id: RunID) throws -> RunDetail? {
        let sequences: [Int64] = try all("SELECT sequence FROM run WHERE id = ?", [id]) { try $0.next() }
        guard var detail = try details(of: sequences).first else { return nil }
        detail.triggers = try triggers(into: id)
        for sequence in sequences {
            try each("SELECT asset, max(number) FROM step_log WHERE run = ? GROUP BY asset", [sequence]) { row in
                let asset = try row.key()
                detail.logLines[asset] = try row.next()
            }
        }
        return detail
    }

    func unfinishedRuns() throws -> [RunDetail] {
        try details(of: all("SELECT sequence FROM run WHERE ended_at IS NULL ORDER BY sequence") { try $0.next() })
    }

    private func details(of sequences: [Int64]) throws -> [RunDetail] {
        let runs = try runs(sequences)
        var steps: [RunID: [StepRecord]] = [:]
        let sql = """
            SELECT \(StepRecord.columns) FROM step JOIN run ON run.sequence = step.run
            WHERE run.sequence IN \(Self.listed) ORDER BY step.sequence
            """
        try each(sql, [Self.list(sequences)]) { row in
            let step = try row.step()
            steps[step.run, default: []].append(step)
        }
        let operations = try operations(ofRuns: sequences)
        let checks = try checks(ofRuns: sequences)
        let subSteps = try subSteps(ofRuns: sequences)
        return runs.map { run in
            RunDetail(
                run: run,
                steps: steps[run.id] ?? [],
                operations: operations[run.id] ?? [],
                checks: checks[run.id] ?? [],
                subSteps: subSteps[run.id] ?? []
            )
        }
    }

    /// The runs of these sequence numbers, in that order, with one query for each table.
    private func runs(_ sequences: [Int64]) throws -> [RunRecord] {
        var runs: [Int64: RunRecord] = [:]
        let list: StatementArguments = [Self.list(sequences)]
        let columns = """
            sequence, id, status, trigger_kind, actor, priority, tags, parent_id, backfill_id, config_version,
            graph_hash, created_at, ended_at, cancel_requested_by
            """
        try each("SELECT \(columns) FROM run WHERE sequence IN \(Self.listed)", list) { row in
            let sequence: Int64 = try row.next()
            runs[sequence] = try row.run()
        }
        let targets = """
            SELECT run, role, asset, slot FROM run_target WHERE run IN \(Self.listed) ORDER BY run, role, position
            """
        try each(targets, list) { row in
            let run: Int64 = try row.next()
            let role = try row.word(RunTarget.self)
            let asset = try row.key()
            let slot = try row.optionalTime()
            switch role {
            case .dayChanged: runs[run]?.dayChanged.append(asset)
            case .forced: runs[run]?.forced.append(asset)
            case .overdue: runs[run]?.overdue.append(asset)
            case .scheduled: runs[run]?.scheduled[asset] = slot
            case .selected: runs[run]?.selected.append(asset)
            case .shadowed: runs[run]?.shadowed[asset] = slot
            }
        }
        let inputs = "SELECT run, asset, \(Observation.columns) FROM run_input WHERE run IN \(Self.listed)"
        try each(inputs, list) { row in
            let run: Int64 = try row.next()
            let asset = try row.key()
            runs[run]?.inputs[asset] = try row.observation()
        }
        return sequences.compactMap { runs[$0] }
    }

    /// A set of numbers as one argument, so that the statement is the same for every size.
    static let listed = "(SELECT value FROM json_each(?))"

    static func list(_ sequences: [Int64]) -> String { JSONText.write(.list(sequences.map { .integer($0) })) }
}

extension StepRecord {
    static let columns = """
        run.id, step.asset, step.status, step.attempt, step.causes, step.skip_reason, step.skip_asset, step.failure,
        step.started_at, step.ended_at, step.deadline, step.retry_at, step.park_count,
        step.parked_since, step.details
        """
}

extension Columns {
    fileprivate mutating func run() throws -> RunRecord {
        let id: RunID = try next()
        let status: RunStatus = try word()
        let trigger: TriggerRecord.Kind = try word()
        let actor = Actor(try next())
        return RunRecord(
            id: id,
            status: status,
            trigger: trigger,
            actor: actor,
            priority: try next(),
            tags: try TagList.read(try next()),
            parent: try optional(),
            backfill: try optional(),
            selected: [],
            inputs: [:],
            configVersion: try next(),
            graphHash: try next(),
            createdAt: try time(),
            endedAt: try optionalTime(),
            cancelRequestedBy: try optional(String.self).map { Actor($0) }
        )
    }

    mutating func step() throws -> StepRecord {
        let run: RunID = try next()
        let asset = try key()
        var step = StepRecord(
            run: run,
            asset: asset,
            status: try word(),
            attempt: try next(),
            causes: try Cause.read(try next())
        )
        let skip: String? = try optional()
        let skipAsset: String? = try optional()
        step.skipReason = try skip.map { try SkipColumns(code: $0, asset: skipAsset).reason() }
        step.failure = try optional(String.self).map { try StepFailure(json: JSONText.parse($0)) }
        step.startedAt = try optionalTime()
        step.endedAt = try optionalTime()
        step.deadline = try optionalTime()
        step.retryAt = try optionalTime()
        let parks: Int = try next()
        step.parking = try optionalTime().map { Parking(since: $0, count: parks) }
        step.details = try Details.read(try next())
        return step
    }
}
