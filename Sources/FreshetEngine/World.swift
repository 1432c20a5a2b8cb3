package import FreshetCore
package import FreshetKit

/// Everything that the engine decides by: what the store holds, kept up to date as commits succeed.
package struct World {
    let project: Project
    let definitions: [AssetKey: AssetDefinition]
    private let longestSkips: [AssetKey: Duration]
    package private(set) var observations: [AssetKey: ObservationRecord]
    package private(set) var materializations: [AssetKey: MaterializationRecord]
    /// The same two as a plan takes them, so that none has to be built for each decision.
    private var observed: [AssetKey: Observation]
    private var recorded: [AssetKey: Materialization]
    var cursors: [String: String]
    var pauses: Set<AssetKey>
    var isPaused: Bool
    var pausedSensors: Set<String>
    /// By ``ScheduleRecord/name``.
    var pausedSchedules: Set<String>
    package var pending: PendingTriggers
    package private(set) var lastSteps: [AssetKey: StoreSnapshot.LastStep]
    /// Observed assets that something upstream hinted at, and that have not been looked at since; with the hint's number.
    var hinted: [AssetKey: Int] = [:]
    /// Of the latest hint; numbers, since two things may happen at one moment.
    private(set) var hintNumber = 0
    /// When automated assets reach their longest skip; those that have are in ``overdue``.
    private var skipLimits = Timers<AssetKey>()
    package private(set) var overdue: Set<AssetKey> = []
    /// How far each schedule has been answered, by its name.
    var schedules: [String: ScheduleRecord]
    /// When assets that go by the calendar reach the next date; those that have are in ``dayChanges``.
    private var dayLimits = Timers<AssetKey>()
    private(set) var dayChanges: [AssetKey: DayChange] = [:]
    /// The names of the budgets that an asset is charged to.
    let budgets: [AssetKey: [String]]
    let quotas: [AssetKey: Quota]
    /// The refreshes that count towards a quota, by the operation's id.
    var uses: [AssetKey: [String: Timestamp]] = [:]
    /// What an attempt found in its way, until it is worth another.
    var holds: [AssetKey: Pace.History.Hold] = [:]

    package init(_ project: Project, _ snapshot: StoreSnapshot) {
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
        pausedSensors = snapshot.pausedSensors
        pausedSchedules = snapshot.pausedSchedules
        pending = PendingTriggers(snapshot.pendingTriggers)
        lastSteps = snapshot.lastSteps
        schedules = snapshot.schedules
        budgets = Dictionary(project.assets.map { ($0.spec.key, $0.budgets) }) { first, _ in first }
        quotas = Dictionary(
            project.assets.compactMap { asset in
                guard case .materialized(let kind) = asset.work else { return nil }
                return kind.quota.map { (asset.spec.key, $0) }
            }
        ) { first, _ in first }
        for (asset, last) in materializations { setLimits(of: asset, last) }
        restoreHolds(snapshot.pendingTriggers)
    }

    /// When a success is too old, by its age or by the calendar.
    private mutating func setLimits(of asset: AssetKey, _ last: MaterializationRecord) {
        if let longest = longestSkips[asset] { skipLimits.set(asset, last.at + longest) }
        guard graph[asset]?.policy.automation?.refreshesOnDayChange == true else { return }
        dayLimits.set(asset, DayChange.next(after: last.startedAt, in: zone))
    }

    /// The zone whose clocks say the date.
    private var zone: TimeZoneRules { project.zone(project.timeZone) }

    package var graph: AssetGraph { project.graph }

    /// What a plan for the present moment is made from; one for a run heeds pauses, one that only decides does not.
    package func planInput(heedsPauses: Bool = false) -> PlanInput {
        let demands = slotDemands
        return PlanInput(
            graph: graph,
            recorded: recorded,
            observed: observed,
            overdue: overdue,
            dayChanges: dayChanges,
            scheduled: demands.scheduled,
            shadowed: demands.shadowed,
            paused: heedsPauses ? pauses : []
        )
    }

    /// What pending slots ask for whatever the inputs are.
    var slotDemands: (scheduled: [AssetKey: Timestamp], shadowed: [AssetKey: Timestamp]) {
        let slots = pending.slots
        return (slots.forced, slots.compared.filter { graph[$0.key]?.policy.automation?.isShadowed == true })
    }

    /// What the ancestry of these assets was last seen as; what a run over them is frozen to.
    package func inputs(of assets: [AssetKey]) -> [AssetKey: Observation] {
        var inputs: [AssetKey: Observation] = [:]
        for spec in graph.ancestry(of: assets) where spec.isObserved { inputs[spec.key] = observed[spec.key] }
        return inputs
    }

    /// The latest successes that a run over these assets may ask for.
    ///
    /// A dictionary of its own: a run that kept the whole one would make each success copy it.
    package func materializations(behind assets: [AssetKey]) -> [AssetKey: MaterializationRecord] {
        var found: [AssetKey: MaterializationRecord] = [:]
        for spec in graph.ancestry(of: assets) {
            switch spec.role {
            case .observed: break
            case .materialized: found[spec.key] = materializations[spec.key]
            case .branch(let branch):
                for target in graph.materialized(behind: branch.arms.flatMap(\.targets)) {
                    found[target] = materializations[target]
                }
            }
        }
        return found
    }

    func isPaused(_ asset: AssetKey) -> Bool { isPaused || pauses.contains(asset) }

    func isAutomated(_ asset: AssetKey) -> Bool {
        graph[asset].map { $0.isMaterialized && $0.policy.automation != nil } ?? false
    }

    /// When the next automated asset reaches its longest skip.
    package var nextSkipLimit: Timestamp? { skipLimits.first }

    /// Moves the assets whose longest skip has passed to ``overdue``.
    ///
    /// - Returns: those that were not there yet.
    package mutating func passSkipLimits(at now: Timestamp) -> [AssetKey] {
        let passed = skipLimits.due(at: now)
        overdue.formUnion(passed)
        return passed
    }

    /// When the next date begins for an asset that goes by the calendar.
    var nextDayLimit: Timestamp? { dayLimits.first }

    /// Moves the assets for which a new date has begun to ``dayChanges``.
    ///
    /// - Returns: all for which one has begun since the last call, also if an older one had not been answered.
    mutating func passDayLimits(at now: Timestamp) -> [AssetKey] {
        let passed = dayLimits.due(at: now)
        for asset in passed {
            dayChanges[asset] = dayChange(of: asset, at: now)
            dayLimits.set(asset, DayChange.next(after: now, in: zone))
        }
        return passed.filter { dayChanges[$0] != nil }
    }

    /// The date at this moment, if it is another than when the last success began.
    func dayChange(of asset: AssetKey, at now: Timestamp) -> DayChange? {
        materializations[asset].flatMap { DayChange(since: $0.startedAt, at: now, in: zone) }
    }

    package mutating func apply(_ observation: Observation, to asset: AssetKey, changed: Bool, at now: Timestamp) {
        let before = observations[asset]
        let record = ObservationRecord(
            observation: observation,
            changedAt: changed ? now : before?.changedAt ?? now,
            verifiedAt: observation.version == .unknown ? before?.verifiedAt ?? now : now
        )
        put(record, to: asset)
    }

    mutating func hint(at assets: Set<AssetKey>) {
        hintNumber += 1
        for asset in assets { hinted[asset] = hintNumber }
    }

    /// Lays a record in place of the present one; `nil` takes it away.
    mutating func put(_ record: ObservationRecord?, to asset: AssetKey) {
        observations[asset] = record
        observed[asset] = record?.observation
    }

    package mutating func apply(_ record: MaterializationRecord) {
        let asset = record.materialization.asset
        materializations[asset] = record
        recorded[asset] = record.materialization
        overdue.remove(asset)
        dayChanges[asset] = nil
        holds[asset] = nil
        setLimits(of: asset, record)
    }

    /// Takes note of a finished step, as the store does for its snapshot.
    package mutating func apply(finished step: StepRecord) {
        guard step.status.isFinished, step.status != .skipped else { return }
        let before = lastSteps[step.asset]?.failuresInARow ?? 0
        lastSteps[step.asset] = StoreSnapshot.LastStep(
            step: step,
            failuresInARow: step.status == .failed ? before + 1 : 0
        )
    }

    /// When the newest change among an asset's inputs was seen; `nil` when one of them has no such time.
    func newestChange(of asset: AssetKey) -> Timestamp? {
        var newest: Timestamp?
        for input in graph.inputs(of: asset) {
            guard let moment = observations[input.key]?.changedAt ?? materializations[input.key]?.at else { return nil }
            newest = max(newest ?? moment, moment)
        }
        return newest
    }

    /// What is known of an asset for its pace.
    package func history(of asset: AssetKey, causes: [Cause], at now: Timestamp) -> Pace.History {
        let last = lastSteps[asset]?.step
        let start = [last?.startedAt, materializations[asset]?.startedAt].compactMap { $0 }.max()
        let triggers = pending.triggers(for: asset)
        let changes = triggers.filter { $0.kind == .sensor }.map(\.createdAt)
        return Pace.History(
            changes: changes.filter { change in start.map { change >= $0 } ?? true },
            lastStart: start,
            failure: failure(of: asset, causes: causes),
            askedAt: triggers.map(\.createdAt).min(),
            hold: hold(of: asset, at: now)
        )
    }

    private func failure(of asset: AssetKey, causes: [Cause]) -> Pace.History.Failure? {
        guard let last = lastSteps[asset], last.step.status == .failed || last.step.status == .cancelled,
            let ended = last.step.endedAt
        else { return nil }
        let began = last.step.startedAt ?? ended
        let moved = graph.inputs(of: asset).contains { input in
            (observations[input.key]?.changedAt ?? began) > began || (materializations[input.key]?.at ?? began) > began
        }
        return Pace.History.Failure(
            at: ended,
            retry: last.step.status == .cancelled ? .never : last.step.failure?.retry ?? .later,
            inARow: max(1, last.failuresInARow),
            // What was cancelled before it began says nothing of its causes.
            inputsMoved: moved || last.step.attempt > 0 && !Set(causes.filter(\.isMove)).isSubset(of: last.step.causes)
        )
    }
}

extension Cause {
    /// Whether it says that something is another than it was, rather than that it is time.
    fileprivate var isMove: Bool {
        switch self {
        // The calendar moved: what failed yesterday is worth an attempt today.
        case .dayChanged, .scheduled, .codeChanged, .inputAdded, .inputRemoved, .inputChanged: true
        case .forced, .shadowed, .maxSkipPassed, .neverMaterialized, .inputUnverifiable: false
        }
    }
}
