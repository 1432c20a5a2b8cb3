import FreshetCore
import FreshetKit

/// Everything that the engine decides by: what the store holds, kept up to date as commits succeed.
struct World {
    let project: Project
    let definitions: [AssetKey: AssetDefinition]
    private let longestSkips: [AssetKey: Duration]
    private(set) var observations: [AssetKey: ObservationRecord]
    private(set) var materializations: [AssetKey: MaterializationRecord]
    /// The same two as a plan takes them, so that none has to be built for each decision.
    private var observed: [AssetKey: Observation]
    private var recorded: [AssetKey: Materialization]
    var cursors: [String: String]
    var pauses: Set<AssetKey>
    var isPaused: Bool
    /// Oldest first.
    var pending: [TriggerRecord]
    var lastSteps: [AssetKey: StoreSnapshot.LastStep]
    /// Observed assets that something upstream hinted at, and that have not been looked at since; with the hint's time.
    var hinted: [AssetKey: Timestamp] = [:]

    init(_ project: Project, _ snapshot: StoreSnapshot) {
        self.project = project
        definitions = Dictionary(project.assets.map { ($0.spec.key, $0) }) { first, _ in first }
        longestSkips = Dictionary(
            project.assets.compactMap { asset in asset.spec.policy.automation?.maxSkip.map { (asset.spec.key, $0) } }
        ) { first, _ in first }
        observations = snapshot.observations
        materializations = snapshot.materializations
        observed = snapshot.observations.mapValues(\.observation)
        recorded = snapshot.materializations.mapValues(\.materialization)
        cursors = snapshot.cursors
        pauses = snapshot.pauses
        isPaused = snapshot.isPaused
        pending = snapshot.pendingTriggers
        lastSteps = snapshot.lastSteps
    }

    var graph: AssetGraph { project.graph }

    func planInput(at now: Timestamp) -> PlanInput {
        PlanInput(graph: graph, recorded: recorded, observed: observed, overdue: overdue(at: now))
    }

    /// What the ancestry of these assets was last seen as; what a run over them is frozen to.
    func inputs(of assets: [AssetKey]) -> [AssetKey: Observation] {
        var inputs: [AssetKey: Observation] = [:]
        for spec in graph.ancestry(of: assets) where spec.isObserved { inputs[spec.key] = observed[spec.key] }
        return inputs
    }

    func isPaused(_ asset: AssetKey) -> Bool { isPaused || pauses.contains(asset) }

    /// The automated assets whose longest skip has passed.
    func overdue(at now: Timestamp) -> Set<AssetKey> {
        Set(skipLimits.lazy.filter { $0.value <= now }.map(\.key))
    }

    /// When each automated asset that has a longest skip reaches it.
    var skipLimits: [AssetKey: Timestamp] {
        var limits: [AssetKey: Timestamp] = [:]
        for (asset, longest) in longestSkips {
            if let last = materializations[asset] { limits[asset] = last.at + longest }
        }
        return limits
    }

    mutating func apply(_ observation: Observation, to asset: AssetKey, changed: Bool, at now: Timestamp) {
        let before = observations[asset]
        observations[asset] = ObservationRecord(
            observation: observation,
            changedAt: changed ? now : before?.changedAt ?? now,
            verifiedAt: observation.version == .unknown ? before?.verifiedAt ?? now : now
        )
        observed[asset] = observation
    }

    mutating func verify(_ asset: AssetKey, at now: Timestamp) { observations[asset]?.verifiedAt = now }

    mutating func apply(_ record: MaterializationRecord) {
        materializations[record.materialization.asset] = record
        recorded[record.materialization.asset] = record.materialization
    }

    /// Takes note of a finished step, as the store does for its snapshot.
    mutating func apply(finished step: StepRecord) {
        guard step.status.isFinished, step.status != .skipped else { return }
        let before = lastSteps[step.asset]?.failuresInARow ?? 0
        lastSteps[step.asset] = StoreSnapshot.LastStep(
            step: step,
            failuresInARow: step.status == .failed ? before + 1 : 0
        )
    }

    /// What is known of a target for its pace.
    func history(of target: AssetKey, causes: [Cause]) -> Pace.History {
        let last = lastSteps[target]?.step
        let changes = pending.filter { $0.kind == .sensor && $0.targets.contains(target) }.map(\.createdAt)
        let starts = [last?.startedAt, materializations[target]?.startedAt].compactMap { $0 }
        return Pace.History(changes: changes, lastStart: starts.max(), failure: failure(of: target, causes: causes))
    }

    private func failure(of target: AssetKey, causes: [Cause]) -> Pace.History.Failure? {
        guard let last = lastSteps[target], last.step.status == .failed || last.step.status == .cancelled,
            let ended = last.step.endedAt
        else { return nil }
        let began = last.step.startedAt ?? ended
        let moved = graph.inputs(of: target).contains { input in
            (observations[input.key]?.changedAt ?? began) > began || (materializations[input.key]?.at ?? began) > began
        }
        return Pace.History.Failure(
            at: ended,
            retry: last.step.status == .cancelled ? .never : last.step.failure?.retry ?? .later,
            inARow: max(1, last.failuresInARow),
            inputsMoved: moved || !Set(causes).isSubset(of: last.step.causes)
        )
    }
}
