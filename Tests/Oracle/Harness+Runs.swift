import FreshetCore
import FreshetEngine
import FreshetKit

// Runs: the real machine decides and ends them, the truth is read and written beside it.

extension Harness {
    mutating func begin(_ selected: [AssetKey], kind: TriggerRecord.Kind, forced: [AssetKey] = []) {
        let record = RunRecord(
            id: id("run"),
            trigger: kind,
            actor: .engine,
            selected: selected,
            forced: forced,
            overdue: selected.filter(world.overdue.contains),
            inputs: world.inputs(of: selected),
            configVersion: "c",
            graphHash: "g",
            createdAt: now
        )
        note("begin \(record.id): \(selected.map(\.path))")
        let recorded = world.materializations(behind: selected).mapValues(\.materialization)
        var active = Active(record: record, machine: machine(record, recorded), recorded: recorded, planned: truth.planned)
        for asset in selected {
            busy.insert(asset)
            active.steps[asset] = StepRecord(run: record.id, asset: asset)
        }
        runs[record.id] = active
        if bug == .commitAtDetection { commitAtOnce(record) }
        let actions = runs[record.id]?.machine.start(at: now) ?? []
        perform(actions, in: record.id)
    }

    /// The planted bug: what was detected counts as consumed.
    private mutating func commitAtOnce(_ record: RunRecord) {
        for asset in record.selected {
            guard var last = world.materializations[asset] else { continue }
            for read in last.materialization.provenance.inputs.keys {
                if case .known(let version)? = record.inputs[read.key]?.version {
                    last.materialization.provenance.inputs[read] = version
                }
            }
            world.apply(last)
            disk.materializations[asset] = last
        }
    }

    func machine(
        _ record: RunRecord,
        _ recorded: [AssetKey: Materialization],
        decided: [AssetKey: Decision] = [:]
    ) -> RunMachine {
        let input = PlanInput(
            graph: world.graph,
            recorded: recorded,
            observed: record.inputs,
            selected: Set(record.selected),
            forced: Set(record.forced),
            overdue: Set(record.overdue)
        )
        return RunMachine(bent(input), seed: UInt64(counter), decided: decided)
    }

    mutating func perform(_ actions: [RunMachine.Action], in run: RunID) {
        var isFinished = false
        for action in actions {
            guard let active = runs[run] else { return }
            switch action {
            case .launch(let asset, let attempt, let causes): launch(asset, attempt, causes, in: run)
            case .record(let materialization): record(materialization, in: run)
            case .recordSkip(let asset, let reason):
                note("skip \(asset): \(reason.code)")
                judgeSkip(asset, reason, in: active)
                end(asset, in: run) { $0.status = .skipped; $0.skipReason = reason }
            case .retry(let asset, _, let moment):
                runs[run]?.steps[asset]?.status = .retrying
                runs[run]?.steps[asset]?.retryAt = moment
            case .stop: break
            case .recordFailure(let asset, let failure):
                note("fail \(asset)")
                end(asset, in: run) { $0.status = .failed; $0.failure = failure }
            case .finish: isFinished = true
            }
        }
        if isFinished { finished(run) }
    }

    private mutating func launch(_ asset: AssetKey, _ attempt: Int, _ causes: [Cause], in run: RunID) {
        if attempt == 1 { judgeRun(asset, causes) }
        note("launch \(asset): \(Decision.run(causes).reason())")
        let model = Shape.index(asset)
        var step = runs[run]?.steps[asset] ?? StepRecord(run: run, asset: asset)
        step.status = .running
        step.attempt = attempt
        step.causes = causes
        step.startedAt = now
        runs[run]?.steps[asset] = step
        let extent = Extent(causes)
        let slots = truth.models[model].slots.indices.filter { index in
            if case .parts(let names) = extent { names.contains(truth.models[model].slots[index].part) } else { true }
        }
        if runs[run]?.before[asset] == nil { runs[run]?.before[asset] = truth.models[model].slots.map(\.held) }
        runs[run]?.attempts[asset] = Attempt(slots: Array(slots), left: Array(slots))
    }

    private mutating func record(_ materialization: Materialization, in run: RunID) {
        guard let active = runs[run] else { return }
        let asset = materialization.asset
        let model = Shape.index(asset)
        let isNewVersion = world.materializations[asset]?.materialization.version != materialization.version
        let isEmpty = isNewVersion && active.before[asset] == truth.models[model].slots.map(\.held)
        note("success \(asset)")
        truth.succeeded(model, active.planned, isEmpty: isEmpty)
        if shape.isBehindBranch(asset) { chosenOnce.insert(asset) }
        end(asset, in: run) { $0.status = .succeeded }
        let record = MaterializationRecord(
            materialization: materialization,
            run: run,
            startedAt: active.steps[asset]?.startedAt ?? now,
            at: now,
            extent: .whole
        )
        world.apply(record)
        disk.materializations[asset] = record
    }

    private mutating func end(_ asset: AssetKey, in run: RunID, _ change: (inout StepRecord) -> Void) {
        guard var step = runs[run]?.steps[asset] else { return }
        change(&step)
        step.endedAt = now
        runs[run]?.steps[asset] = step
        world.apply(finished: step)
        disk.lastSteps[asset] = world.lastSteps[asset]
    }

    private mutating func finished(_ run: RunID) {
        guard let active = runs.removeValue(forKey: run) else { return }
        busy.subtract(active.record.selected)
        note("end \(run)")
        evaluate(Automation.targets(of: active.record.selected, in: world.graph), kind: .sensor)
    }

    // MARK: What attempts do

    /// The attempts at work, in a fixed order.
    var atWork: [(run: RunID, asset: AssetKey)] {
        runs.keys.sorted().flatMap { run in
            (runs[run]?.attempts.keys.sorted() ?? []).map { (run, $0) }
        }
    }

    /// The work reads some of what it has to read.
    mutating func read(_ asset: AssetKey, in run: RunID, count: Int) {
        guard var attempt = runs[run]?.attempts[asset] else { return }
        for slot in attempt.left.prefix(count) { truth.read(slot, of: Shape.index(asset)) }
        attempt.left.removeFirst(min(count, attempt.left.count))
        runs[run]?.attempts[asset] = attempt
    }

    mutating func succeed(_ asset: AssetKey, in run: RunID) {
        read(asset, in: run, count: .max)
        runs[run]?.attempts[asset] = nil
        let nonce = id("request")
        let actions = runs[run]?.machine.succeeded(asset, nonce: nonce) ?? []
        perform(actions, in: run)
    }

    /// Ends without success; what it has read by then stays read.
    mutating func fail(_ asset: AssetKey, in run: RunID) {
        let model = Shape.index(asset)
        if let before = runs[run]?.before[asset], before != truth.models[model].slots.map(\.held) {
            truth.models[model].excuses.insert(.workedAndFailed)
        }
        runs[run]?.attempts[asset] = nil
        let failure = StepFailure(.timedOut, .later, message: "scripted")
        let actions = runs[run]?.machine.failed(asset, failure, at: now) ?? []
        perform(actions, in: run)
    }

    func hasBegun(_ asset: AssetKey, in run: RunID) -> Bool {
        runs[run]?.attempts[asset].map { $0.left.count < $0.slots.count } ?? false
    }

    mutating func hold(_ asset: AssetKey, in run: RunID) {
        runs[run]?.attempts[asset] = nil
        world.hold(asset, for: .foreignRefreshRunning, at: now)
        let actions = runs[run]?.machine.held(asset, .foreignRefreshRunning) ?? []
        perform(actions, in: run)
        // Whoever was in the way is asked about again after a while.
        if !busy.contains(asset) { evaluate([asset], kind: .sensor) }
    }

    /// Begins the attempts whose time has come.
    mutating func serveTimers() {
        for run in runs.keys.sorted() {
            let actions = runs[run]?.machine.due(at: now) ?? []
            perform(actions, in: run)
        }
    }

    /// Ends the process and begins another from what is on disk; work at the other side goes on.
    mutating func restart() {
        note("restart")
        world = World(shape.project, disk)
        for run in runs.keys.sorted() {
            guard var active = runs[run] else { continue }
            var machine = machine(active.record, active.recorded, decided: active.steps.compactMapValues(\.decided))
            let versions = world.materializations.mapValues(\.materialization.version)
            let (rest, resumed) = machine.replay(active.steps, versions, at: now)
            for asset in resumed { machine.resume(asset, attempt: max(active.steps[asset]?.attempt ?? 1, 1)) }
            active.machine = machine
            runs[run] = active
            perform(rest.filter { !$0.isKnown(to: active.steps) }, in: run)
        }
        evaluate(
            world.graph.ordered.filter { $0.policy.automation != nil && $0.isMaterialized }.map(\.key),
            kind: .startup
        )
    }
}

extension RunMachine.Action {
    /// Whether a former process has carried it out already.
    fileprivate func isKnown(to steps: [AssetKey: StepRecord]) -> Bool {
        switch self {
        case .recordSkip(let asset, _), .recordFailure(let asset, _): steps[asset]?.status.isFinished == true
        case .retry: true
        default: false
        }
    }
}
