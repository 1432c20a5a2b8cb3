import FreshetCore
import FreshetEngine
import FreshetKit

/// Freshet's bookkeeping without its loops: the same world, plans, paces and run machines as the engine's, driven event
/// by event, with the oracle asked at each decision.
struct Harness {
    let shape: Shape
    let bug: Bug?
    var truth: Truth
    var world: World
    /// What a restart finds.
    var disk = StoreSnapshot()
    var now = Timestamp(milliseconds: 1_700_000_000_000)
    var runs: [RunID: Active] = [:]
    var busy: Set<AssetKey> = []
    var counter = 0
    var failures: [Int]
    /// What the look before the last saw; for a planted bug.
    var versionsBefore: [AssetKey: DataVersion] = [:]
    /// What each branch chose for the last success behind it; for a planted bug.
    var chosenOnce: Set<AssetKey> = []
    var verdict = Verdict()
    var trace: [String] = []

    struct Active {
        var record: RunRecord
        var machine: RunMachine
        var steps: [AssetKey: StepRecord] = [:]
        /// The latest successes when it began.
        var recorded: [AssetKey: Materialization]
        var planned: Truth.Planned
        /// The attempts that are at work, each with the slots that it has yet to read.
        var attempts: [AssetKey: Attempt] = [:]
        /// What a refresh began with, to tell whether it changed anything.
        var before: [AssetKey: [[Int]]] = [:]
    }

    struct Attempt {
        var slots: [Int]
        var left: [Int]
    }

    init(_ shape: Shape, bug: Bug? = nil) {
        self.shape = shape
        self.bug = bug
        truth = Truth(tables: shape.signals, models: shape.models)
        world = shape.start
        failures = shape.signals.map { _ in 0 }
    }

    mutating func note(_ text: String) { trace.append(text) }

    mutating func id(_ prefix: String) -> String {
        counter += 1
        return "\(prefix)\(counter)"
    }

    // MARK: Looks

    /// What a table's signal shows now.
    private func version(of table: Int) -> DataVersion {
        let state = truth.tables[table]
        return switch state.signal {
        case .exact: DataVersion("r\(state.revision).\(state.touches)")
        case .count: DataVersion("n\(state.rows)")
        case .watermark: DataVersion("w\(state.newestStamp)")
        }
    }

    /// A look that answers.
    mutating func look(at table: Int) {
        let key = Shape.table(table)
        let before = world.observations[key]?.observation
        var observation = Observation(.known(version(of: table)), observedAt: now)
        observation.values = ["row_count": .integer(Int64(truth.tables[table].rows))]
        failures[table] = 0
        truth.tables[table].seenRevision = truth.tables[table].revision
        truth.tables[table].seenTouches = truth.tables[table].touches
        truth.tables[table].isSeenUnknown = false
        if bug == .skipOnFewerRows, let before, case .integer(let rows)? = before.values["row_count"],
            rows > truth.tables[table].rows
        {
            observation.version = before.version
            observation.values = before.values
        }
        if bug == .compareWithTick, case .known(let last)? = before?.version { versionsBefore[key] = last }
        note("look \(key) sees \(observation.version.text)")
        commit(observation, to: key)
    }

    /// A look that fails; the third in a row, or one that somebody waits for, makes the version unknown.
    mutating func lookFails(at table: Int, isAsked: Bool) {
        let key = Shape.table(table)
        failures[table] += isAsked ? SensorTiming.failuresUntilUnknown : 1
        note("look \(key) fails")
        guard failures[table] >= SensorTiming.failuresUntilUnknown, var seen = world.observations[key]?.observation else {
            return
        }
        seen.version = .unknown
        truth.tables[table].isSeenUnknown = true
        if bug == .unknownAsSame { return }
        commit(seen, to: key)
    }

    private mutating func commit(_ observation: Observation, to key: AssetKey) {
        let isChanged = world.observations[key]?.observation.version != observation.version
        world.apply(observation, to: key, changed: isChanged, at: now)
        disk.observations[key] = world.observations[key]
        if isChanged { evaluate(Automation.targets(of: [key], in: world.graph), kind: .sensor) }
    }

    // MARK: Deciding

    func input() -> PlanInput { bent(world.planInput(heedsPauses: true)) }

    /// With the planted bug, if there is one.
    func bent(_ input: PlanInput) -> PlanInput {
        guard bug == .compareWithTick else { return input }
        var input = input
        for (key, last) in input.recorded {
            for read in last.provenance.inputs.keys {
                guard let before = versionsBefore[read.key] else { continue }
                input.recorded[key]?.provenance.inputs[read] = before
            }
        }
        return input
    }

    /// Whether the planted bug keeps a branch from choosing the same arm twice.
    private func isOldChoice(_ asset: AssetKey, _ decision: Decision) -> Bool {
        guard bug == .branchWithVersion, shape.isBehindBranch(asset), case .run(let causes) = decision else { return false }
        return chosenOnce.contains(asset) && !causes.contains(.forced)
    }

    mutating func evaluate(_ targets: [AssetKey], kind: TriggerRecord.Kind) {
        let targets = targets.filter { !busy.contains($0) }
        guard !targets.isEmpty else { return }
        let plan = Plan(input(), for: Set(targets))
        for target in targets {
            guard let step = plan.step(target) else { continue }
            if case .skip(let reason) = step.decision {
                judgeSkip(target, reason, seen: truth.planned.revisions)
            } else if isOldChoice(target, step.decision) {
                judgeSkip(target, .notSelected(byBranch: "g"), seen: truth.planned.revisions)
            } else {
                ask(for: target, kind: kind)
            }
        }
    }

    mutating func ask(for target: AssetKey, kind: TriggerRecord.Kind) {
        let id = id("q")
        world.pending.insert(
            TriggerRecord(id: id, key: id, kind: kind, actor: .engine, targets: [target], createdAt: now, dueAt: now)
        )
        disk.pendingTriggers = world.pending.automatic
    }

    /// Begins what is due, as the trigger loop does.
    mutating func serve() {
        evaluate(world.passSkipLimits(at: now), kind: .maxSkip)
        let free = world.pending.targets.filter { !busy.contains($0) }
        guard !free.isEmpty else { return }
        let plan = Plan(input(), for: free)
        let dues = Automation.dues(of: free, by: plan, in: world.graph, at: now) { world.history(of: $0, causes: $1, at: now) }
        var ready: [AssetKey] = []
        var waiting: Set<AssetKey> = []
        for target in free.sorted() {
            if let step = plan.step(target), isOldChoice(target, step.decision) { continue }
            guard let due = dues[target] else { continue }
            guard let moment = due.at else { continue }
            if moment <= now { ready.append(target) } else { waiting.insert(target) }
        }
        for group in Automation.groups(of: ready, by: plan, in: world.graph) {
            guard group.selected.allSatisfy({ !busy.contains($0) }) else {
                waiting.formUnion(group.targets)
                continue
            }
            begin(group.selected, kind: .sensor)
        }
        for target in free.subtracting(waiting) {
            if case .skip(let reason)? = plan[target] { judgeSkip(target, reason, seen: truth.planned.revisions) }
            for trigger in world.pending.triggers(for: target) { world.pending.remove(trigger.id) }
        }
        disk.pendingTriggers = world.pending.automatic
    }

    // MARK: Verdicts

    private mutating func judgeSkip(_ asset: AssetKey, _ reason: SkipReason, seen: [Int]) {
        verdict.decisions += 1
        switch reason {
        case .upToDate, .notSelected, .nothingSelected: break
        default: return
        }
        verdict.skips += 1
        let model = Shape.index(asset)
        let missed = truth.falselySkipped(model, seen: seen)
        if !missed.isEmpty { fail("false skip of \(asset) (\(reason.code)): it lacks changes of \(missed.map { "t\($0)" })") }
    }

    mutating func judgeSkip(_ asset: AssetKey, _ reason: SkipReason, in run: Active) {
        // What was put off upstream stays stale, and is done later with all that follows: the end of the history judges.
        let before = Set(world.graph.ancestry(of: [asset]).map(\.key)).subtracting([asset])
        guard !before.contains(where: { run.steps[$0]?.skipReason?.isHeld == true }) else { return }
        judgeSkip(asset, reason, seen: run.planned.revisions)
    }

    mutating func judgeRun(_ asset: AssetKey, _ causes: [Cause]) {
        verdict.decisions += 1
        verdict.runs += 1
        let model = Shape.index(asset)
        var parts: Set<String>?
        if case .parts(let names) = Extent(causes) { parts = names }
        guard truth.isCurrent(model, parts: parts) else { return }
        verdict.falseRuns += 1
        var excuses = truth.excuses(for: model)
        if causes.contains(.forced) || causes.contains(.maxSkipPassed) { excuses.insert(.asked) }
        for excuse in excuses { verdict.excuses[excuse.rawValue, default: 0] += 1 }
        if excuses.isEmpty {
            fail("false refresh of \(asset) that nothing explains: \(Decision.run(causes).sentence())")
        }
    }

    mutating func fail(_ text: String) {
        if verdict.failure == nil { verdict.failure = text }
    }
}

/// What the oracle made of a history.
package struct Verdict: Sendable {
    package var decisions = 0
    package var skips = 0
    package var runs = 0
    package var falseRuns = 0
    package var excuses: [String: Int] = [:]
    /// The first false skip or unexplained refresh.
    package var failure: String?

    package mutating func add(_ other: Verdict) {
        decisions += other.decisions
        skips += other.skips
        runs += other.runs
        falseRuns += other.falseRuns
        excuses.merge(other.excuses, uniquingKeysWith: +)
        failure = failure ?? other.failure
    }
}
