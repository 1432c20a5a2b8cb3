import FreshetCore
import FreshetKit

/// What a store holds, as plain lists in the order of their making; each write is a function that throws or succeeds.
struct MemoryContents: Sendable {
    var epoch = Epoch(0)
    var triggers: [TriggerRecord] = []
    private var positions: [TriggerID: Int] = [:]
    private var keys: [String: TriggerID] = [:]
    private var ticks: [TickRecord] = []
    private var cursors: [String: String] = [:]
    private var observations: [AssetKey: ObservationRecord] = [:]
    private var logged: [LoggedObservation] = []
    private var schedules: [String: ScheduleRecord] = [:]
    private var decisions: [DecisionRecord] = []
    private var runs: [RunRecord] = []
    private var runPositions: [RunID: Int] = [:]
    private var steps: [RunID: [StepRecord]] = [:]
    private var operations: [OperationDetail] = []
    private var checks: [CheckRecord] = []
    private var subSteps: [SubStepRecord] = []
    private var logs: [RunID: [AssetKey: [LogRecord]]] = [:]
    private var materializations: [MaterializationRecord] = []
    private var lastSteps: [AssetKey: StoreSnapshot.LastStep] = [:]
    private var staleSince: [AssetKey: Timestamp] = [:]
    private var pauses: Set<AssetKey> = []
    private var budgets: [String: BudgetRecord] = [:]
    private var isPaused = false
    private var pausedSensors: Set<String> = []
    private var pausedSchedules: Set<String> = []
    var ledger = MemoryLedger()
}

// Triggers, ticks, decisions.
extension MemoryContents {
    mutating func commit(_ commit: TickCommit) throws(StoreError) {
        insert(commit.tick)
        ledger.note(.tick, commit.tick.sensor, word: commit.tick.status.rawValue)
        if let cursor = commit.cursor { cursors[commit.tick.sensor] = cursor }
        for (asset, observation) in commit.observations {
            keep(observation, of: asset, at: observation.observedAt ?? commit.tick.startedAt)
        }
        for asset in commit.verified where observations[asset]?.observation.version != .unknown {
            observations[asset]?.verify(at: commit.tick.startedAt)
        }
        _ = try self.commit(commit.change)
    }

    private mutating func insert(_ tick: TickRecord) {
        if tick.status == .unchanged, let last = ticks.lastIndex(where: { $0.sensor == tick.sensor }),
            ticks[last].status == .unchanged
        {
            ticks[last].message = tick.message
            ticks[last].endedAt = tick.endedAt
            ticks[last].count += tick.count
            return
        }
        var tick = tick
        tick.sequence = (ticks.last?.sequence ?? 0) + 1
        ticks.append(tick)
    }

    private mutating func keep(_ observation: Observation, of asset: AssetKey, at now: Timestamp) {
        guard var record = observations[asset] else {
            log(observation, of: asset, at: now)
            observations[asset] = ObservationRecord(observation: observation, changedAt: now, verifiedAt: now)
            return
        }
        if record.observation.version != observation.version || record.observation.health != observation.health {
            record.changedAt = now
            log(observation, of: asset, at: now)
        }
        if observation.version != .unknown { record.verify(at: now) }
        record.observation = observation
        observations[asset] = record
    }

    private mutating func log(_ observation: Observation, of asset: AssetKey, at now: Timestamp) {
        let sequence = Int64(logged.count + 1)
        logged.append(LoggedObservation(sequence: sequence, asset: asset, observation: observation, at: now))
        ledger.note(.observation, asset.path, word: observation.health.rawValue)
    }

    mutating func commit(_ change: TriggerCommit) throws(StoreError) -> [TriggerID] {
        var stored: [TriggerID: TriggerID] = [:]
        var ids: [TriggerID] = []
        for trigger in change.triggers {
            let id = try insert(trigger)
            stored[trigger.id] = id
            ids.append(id)
            if id == trigger.id { auditPerson(trigger) }
        }
        for (trigger, disposition) in change.dispositions {
            var disposition = disposition
            disposition.into = disposition.into.map { stored[$0] ?? $0 }
            try dispose(of: stored[trigger] ?? trigger, disposition)
        }
        for var decision in change.decisions {
            decision.trigger = decision.trigger.map { stored[$0] ?? $0 }
            insert(decision)
        }
        for schedule in change.schedules { schedules[schedule.name] = schedule }
        return ids
    }

    private mutating func auditPerson(_ trigger: TriggerRecord) {
        switch trigger.kind {
        case .manual:
            ledger.audit(AuditEntry("runs.create", target: trigger.id), by: trigger.actor, at: trigger.createdAt)
        case .retry:
            ledger.audit(AuditEntry("runs.retry", target: trigger.id), by: trigger.actor, at: trigger.createdAt)
        case .dayChange, .maxSkip, .schedule, .sensor, .startup: break
        }
    }

    mutating func insert(_ trigger: TriggerRecord) throws(StoreError) -> TriggerID {
        if let id = keys[trigger.key] { return id }
        guard positions[trigger.id] == nil else { throw .failed("there is a trigger \(trigger.id) already") }
        positions[trigger.id] = triggers.count
        keys[trigger.key] = trigger.id
        triggers.append(trigger)
        ledger.note(.trigger, trigger.id, word: trigger.disposition?.kind.rawValue ?? "pending")
        return trigger.id
    }

    @discardableResult
    private mutating func dispose(of id: TriggerID, _ end: Disposition) throws(StoreError) -> Bool {
        guard let position = positions[id] else { throw .failed("there is no trigger \(id)") }
        guard triggers[position].disposition == nil else { return false }
        triggers[position].disposition = end
        ledger.note(.trigger, id, run: end.kind == .run ? end.into : nil, word: end.kind.rawValue)
        return true
    }

    private mutating func insert(_ decision: DecisionRecord) {
        var decision = decision
        decision.sequence = Int64(decisions.count + 1)
        decisions.append(decision)
        let word = "\(decision.outcome.rawValue):\(decision.decision.code)"
        ledger.note(.decision, decision.asset.path, run: decision.run, word: word)
        guard case .run = decision.decision, staleSince[decision.asset] == nil else { return }
        staleSince[decision.asset] = decision.at
    }
}

// Runs, steps, operations.
extension MemoryContents {
    mutating func begin(_ run: RunRecord, answering answered: [TriggerID]) throws(StoreError) {
        guard !run.status.isFinished else { throw .failed("run \(run.id) begins as \(run.status)") }
        guard runPositions[run.id] == nil else { throw .failed("there is a run \(run.id) already") }
        guard run.selected.count == Set(run.selected).count else { throw .failed("an asset is selected twice") }
        var run = run
        run.endedAt = nil
        runPositions[run.id] = runs.count
        runs.append(run)
        steps[run.id] = run.selected.map { StepRecord(run: run.id, asset: $0) }
        ledger.note(.run, run.id, run: run.id, word: run.status.rawValue)
        for trigger in answered {
            let end = Disposition(.run, reason: "run", into: run.id, at: run.createdAt)
            guard try dispose(of: trigger, end) else { throw .failed("trigger \(trigger) has been answered already") }
        }
    }

    mutating func append(_ event: RunEvent) throws(StoreError) {
        switch event {
        case .step(let step): try keep(step)
        case .materialized(let record): try insert(record)
        case .decided(let decision): insert(decision)
        case .checked(let check): try insert(check)
        case .throttled(let record): budgets[record.name] = record
        case .subStep(let record): try keep(record)
        case .logged(let record):
            _ = try position(of: record.run)
            var record = record
            record.number = (logs[record.run]?[record.asset]?.count ?? 0) + 1
            guard record.number <= LogRecord.limit else { return }
            logs[record.run, default: [:]][record.asset, default: []].append(record)
            ledger.note(.log, record.asset.path, run: record.run)
        case .ended(let id, let status, let now):
            guard status.isFinished else { throw .failed("run \(id) cannot end as \(status)") }
            let position = try position(of: id)
            guard runs[position].endedAt == nil else { return }
            runs[position].status = status
            runs[position].endedAt = now
            ledger.note(.run, id, run: id, word: status.rawValue)
        }
    }

    private func position(of run: RunID) throws(StoreError) -> Int {
        guard let position = runPositions[run] else { throw .failed("there is no run \(run)") }
        return position
    }

    private mutating func keep(_ step: StepRecord) throws(StoreError) {
        guard runs[try position(of: step.run)].endedAt == nil else { return }
        if let index = steps[step.run]?.firstIndex(where: { $0.asset == step.asset }) {
            guard steps[step.run]?[index].status.isFinished == false else { return }
            steps[step.run]?[index] = step
        } else {
            steps[step.run, default: []].append(step)
        }
        ledger.note(.step, step.asset.path, run: step.run, word: step.status.rawValue)
        guard step.status.isFinished, step.status != .skipped else { return }
        let before = lastSteps[step.asset]?.failuresInARow ?? 0
        let failures = step.status == .failed ? before + 1 : 0
        lastSteps[step.asset] = StoreSnapshot.LastStep(step: step, failuresInARow: failures)
    }

    private mutating func insert(_ record: MaterializationRecord) throws(StoreError) {
        _ = try position(of: record.run)
        let asset = record.materialization.asset
        guard !materializations.contains(where: { $0.run == record.run && $0.materialization.asset == asset })
        else { return }
        materializations.append(record)
        staleSince[asset] = nil
    }

    private mutating func insert(_ check: CheckRecord) throws(StoreError) {
        _ = try position(of: check.run)
        let isSame = { (other: CheckRecord) in
            (other.run, other.asset, other.result.name) == (check.run, check.asset, check.result.name)
        }
        if let index = checks.firstIndex(where: isSame) { checks[index] = check } else { checks.append(check) }
    }

    private mutating func keep(_ record: SubStepRecord) throws(StoreError) {
        _ = try position(of: record.run)
        ledger.note(.subStep, record.asset.path, run: record.run, word: record.subStep.status.rawValue)
        let isSame = { (other: SubStepRecord) in
            (other.run, other.asset, other.attempt, other.subStep.name)
                == (record.run, record.asset, record.attempt, record.subStep.name)
        }
        if let index = subSteps.firstIndex(where: isSame) {
            subSteps[index] = record
        } else {
            subSteps.append(record)
        }
    }

    mutating func requestCancel(of id: RunID, by actor: Actor) -> Bool {
        guard let position = runPositions[id], runs[position].endedAt == nil else { return false }
        if runs[position].cancelRequestedBy == nil { runs[position].cancelRequestedBy = actor }
        ledger.note(.run, id, run: id, word: "cancelling")
        return true
    }

    mutating func setPaused(_ isPaused: Bool, _ scope: PauseScope) {
        switch scope {
        case .everything: self.isPaused = isPaused
        case .asset(let key): if isPaused { pauses.insert(key) } else { pauses.remove(key) }
        case .sensor(let name): if isPaused { pausedSensors.insert(name) } else { pausedSensors.remove(name) }
        case .schedule(let name): if isPaused { pausedSchedules.insert(name) } else { pausedSchedules.remove(name) }
        }
        ledger.note(.pause, scope.text, word: isPaused ? "paused" : "resumed")
    }

    mutating func forgetCursor(of sensor: String) {
        cursors[sensor] = nil
        ledger.note(.tick, sensor, word: "reset")
    }

    mutating func commit(_ operation: RemoteOperation, _ event: RemoteEvent) throws(StoreError) {
        let busy = operations.contains {
            $0.operation.id != operation.id && $0.operation.target == operation.target && $0.operation.state.isInFlight
        }
        if let index = operations.firstIndex(where: { $0.operation.id == operation.id }) {
            let stored = operations[index].operation
            guard stored.state.mayBecome(operation.state) else {
                throw .failed("operation \(operation.id) is \(stored.state) and cannot become \(operation.state)")
            }
            if stored.state.isFinal { return }
            guard stored.target == operation.target else { throw .failed("\(operation.id) has another target") }
            if busy, operation.state.isInFlight { throw .operationInFlight(target: operation.target) }
            var operation = operation
            (operation.run, operation.asset, operation.attempt) = (stored.run, stored.asset, stored.attempt)
            operations[index].operation = operation
            operations[index].events.append(event)
            ledger.note(.operation, operation.id, run: operation.run, word: operation.state.rawValue)
        } else {
            _ = try position(of: operation.run)
            if busy, operation.state.isInFlight { throw .operationInFlight(target: operation.target) }
            operations.append(OperationDetail(operation: operation, events: [event]))
            ledger.note(.operation, operation.id, run: operation.run, word: operation.state.rawValue)
        }
    }
}

// What is asked for.
extension MemoryContents {
    var snapshot: StoreSnapshot {
        var snapshot = StoreSnapshot(
            observations: observations,
            materializations: Dictionary(materializations.map { ($0.materialization.asset, $0) }) { _, last in last },
            cursors: cursors,
            pauses: pauses,
            isPaused: isPaused,
            pendingTriggers: triggers.filter { $0.disposition == nil },
            unfinishedRuns: runs.filter { $0.endedAt == nil }.compactMap { detail(of: $0.id) },
            lastSteps: lastSteps
        )
        snapshot.pausedSensors = pausedSensors
        snapshot.pausedSchedules = pausedSchedules
        snapshot.sequence = ledger.position
        snapshot.staleSince = staleSince
        snapshot.budgets = budgets
        snapshot.schedules = schedules
        for tick in ticks where tick.status != .failed { snapshot.lastLooks[tick.sensor] = tick.endedAt }
        return snapshot
    }

    func detail(of id: RunID) -> RunDetail? {
        guard let position = runPositions[id] else { return nil }
        let mine = operations.filter { $0.operation.run == id }
        var detail = RunDetail(
            run: runs[position],
            steps: steps[id] ?? [],
            operations: mine,
            checks: checks.filter { $0.run == id },
            subSteps: subSteps.filter { $0.run == id }
        )
        detail.triggers = triggers.filter { $0.disposition?.into == id }
        detail.logLines = (logs[id] ?? [:]).mapValues(\.count)
        return detail
    }

    func log(_ query: LogQuery) -> [LogRecord] {
        let steps = (logs[query.run] ?? [:]).filter { query.asset == nil || query.asset == $0.key }
        let found = steps.sorted { $0.key.path.utf8.lexicographicallyPrecedes($1.key.path.utf8) }.lazy
            .flatMap(\.value).filter { $0.number > query.after ?? 0 }
        return Array(found.prefix(max(0, query.limit)))
    }

    func runs(_ query: RunQuery) -> [RunRecord] {
        let end = query.before.map { runPositions[$0] ?? 0 } ?? runs.count
        let found = runs[..<end].reversed().lazy.filter { run in
            (query.status.map { $0 == run.status } ?? true)
                && (query.trigger.map { $0 == run.trigger } ?? true)
                && (query.since.map { run.createdAt >= $0 } ?? true)
                && (query.until.map { run.createdAt < $0 } ?? true)
                && (query.asset.map(run.selected.contains) ?? true)
        }
        return Array(found.prefix(max(0, query.limit)))
    }

    func decisions(_ query: DecisionQuery) -> [DecisionRecord] {
        let found = decisions.reversed().lazy.filter { decision in
            (query.asset.map { $0 == decision.asset } ?? true)
                && (query.outcome.map { $0 == decision.outcome } ?? true)
                && (query.at.map { decision.at <= $0 } ?? true)
                && (query.since.map { decision.at >= $0 } ?? true)
                && (query.before.map { decision.sequence < $0 } ?? true)
        }
        return Array(found.prefix(max(0, query.limit)))
    }

    func observations(_ query: ObservationQuery) -> [LoggedObservation] {
        let found = (query.isNewestFirst ? logged.reversed() : logged).lazy.filter { entry in
            (query.asset.map { $0 == entry.asset } ?? true)
                && (query.version.map { .known($0) == entry.observation.version } ?? true)
                && (query.since.map { entry.at >= $0 } ?? true)
                && (query.after.map { entry.sequence > $0 } ?? true)
                && (query.before.map { entry.sequence < $0 } ?? true)
        }
        return Array(found.prefix(max(0, query.limit)))
    }

    func ticks(_ query: TickQuery) -> [TickRecord] {
        let found = ticks.reversed().lazy.filter { tick in
            (query.sensor.map { $0 == tick.sensor } ?? true) && (query.before.map { tick.sequence < $0 } ?? true)
                && (query.status.map { $0 == tick.status } ?? true)
                && (query.since.map { tick.endedAt >= $0 } ?? true)
        }
        return Array(found.prefix(max(0, query.limit)))
    }

    func materializations(of asset: AssetKey, limit: Int) -> [MaterializationRecord] {
        Array(materializations.reversed().lazy.filter { $0.materialization.asset == asset }.prefix(max(0, limit)))
    }

    /// Every step with its run, the oldest run first.
    var allSteps: [(step: StepRecord, run: RunRecord)] {
        runs.flatMap { run in (steps[run.id] ?? []).map { ($0, run) } }
    }

    func operations(on target: String, limit: Int) -> [RemoteOperation] {
        let found = operations.reversed().lazy.map(\.operation).filter { $0.target == target }
        return Array(found.prefix(max(0, limit)))
    }
}

extension ObservationRecord {
    fileprivate mutating func verify(at now: Timestamp) { verifiedAt = max(verifiedAt, now) }
}
