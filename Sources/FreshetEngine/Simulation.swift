package import FreshetCore
package import FreshetKit

/// Replays what was observed through a configuration: the same decisions and paces, with every refresh succeeding.
package struct Simulation {
    /// What was decided about an asset at one moment.
    package struct Outcome: Hashable, Sendable {
        package var at: Timestamp
        package var asset: AssetKey
        package var decision: Decision
    }

    private let project: Project
    private var world: World
    private var now: Timestamp
    private var end = Timestamp(milliseconds: 0)
    /// When the targets of pending triggers are worth another look.
    private var dues = Timers<AssetKey>()
    /// When each asset's schedules have their next slot.
    private var slots = Timers<AssetKey>()
    private var timetables: [AssetKey: Timetable] = [:]
    private var counter = 0
    /// How long a refresh takes, which keeps the next one waiting.
    private let took: [AssetKey: Duration]
    private var busyUntil: [AssetKey: Timestamp] = [:]
    private var outcomes: [Outcome] = []

    private init(_ project: Project, _ snapshot: StoreSnapshot, at start: Timestamp, took: [AssetKey: Duration]) {
        self.project = project
        self.took = took
        world = World(project, snapshot)
        now = start
    }

    /// - Parameters:
    ///   - log: what moved, oldest first.
    ///   - project: the configuration to try.
    ///   - snapshot: what was known at the beginning: observations and successes.
    ///   - start: the beginning.
    ///   - end: when it stops.
    ///   - took: how long a refresh of each asset takes; none for an asset that is not named.
    /// - Returns: each refresh and each skip, in their order.
    package static func replay(
        _ log: [LoggedObservation],
        through project: Project,
        knowing snapshot: StoreSnapshot,
        from start: Timestamp,
        to end: Timestamp,
        took: [AssetKey: Duration] = [:]
    ) -> [Outcome] {
        var simulation = Simulation(project, snapshot, at: start, took: took)
        simulation.end = end
        for timetable in Timetable.all(of: project) {
            simulation.timetables[timetable.asset] = timetable
            simulation.setSlot(of: timetable)
        }
        let targets = project.graph.ordered.filter { $0.isMaterialized && $0.policy.automation?.actsOnChange == true }
        simulation.evaluate(targets.map(\.key), kind: .startup)
        for entry in log where entry.at > start && entry.at <= end {
            simulation.pass(until: entry.at)
            simulation.see(entry)
        }
        simulation.pass(until: end)
        return simulation.outcomes
    }

    private mutating func see(_ entry: LoggedObservation) {
        guard world.graph[entry.asset]?.isObserved == true else { return }
        let before = world.observations[entry.asset]?.observation
        let hasMoved = before?.version != entry.observation.version || before?.health != entry.observation.health
        world.apply(entry.observation, to: entry.asset, changed: hasMoved, at: entry.at)
        guard hasMoved else { return }
        evaluate(Automation.targets(of: [entry.asset], in: world.graph), kind: .sensor)
    }

    /// Lets time pass, with all that happens in it by itself.
    private mutating func pass(until moment: Timestamp) {
        while let next = [dues.first, slots.first, world.nextSkipLimit, world.nextDayLimit].compactMap({ $0 }).min(),
            next <= moment
        {
            now = max(now, next)
            evaluate(world.passSkipLimits(at: now), kind: .maxSkip)
            evaluate(world.passDayLimits(at: now), kind: .dayChange)
            for asset in slots.due(at: now) {
                guard let timetable = timetables[asset] else { continue }
                let isForced = timetable.schedules.contains { _, schedule in
                    let zone = project.zone(schedule.timeZone)
                    return schedule.refreshesAlways && schedule.next(after: now - .milliseconds(1), in: zone) == now
                }
                ask(for: asset, kind: .schedule, slot: now, isForced: isForced)
                setSlot(of: timetable)
            }
            serve(Set(dues.due(at: now)))
        }
        now = max(now, moment)
    }

    private mutating func setSlot(of timetable: Timetable) {
        let next = timetable.schedules.compactMap { $1.next(after: now, in: project.zone($1.timeZone)) }.min()
        if let next, next <= end { slots.set(timetable.asset, next) }
    }

    private mutating func evaluate(_ targets: [AssetKey], kind: TriggerRecord.Kind) {
        guard !targets.isEmpty else { return }
        let plan = Plan(world.planInput(), for: Set(targets))
        for target in targets {
            guard let step = plan.step(target) else { continue }
            if step.mayRun { ask(for: target, kind: kind) } else { keep(step) }
        }
        serve(Set(targets))
    }

    private mutating func keep(_ step: Plan.Step) {
        outcomes.append(Outcome(at: now, asset: step.asset, decision: step.decision))
    }

    private mutating func ask(
        for target: AssetKey,
        kind: TriggerRecord.Kind,
        slot: Timestamp? = nil,
        isForced: Bool = false
    ) {
        counter += 1
        let id = "s\(counter)"
        world.pending.insert(
            TriggerRecord(
                id: id,
                key: id,
                kind: kind,
                slot: slot,
                actor: .engine,
                targets: [target],
                isForced: isForced,
                createdAt: now,
                dueAt: now
            )
        )
        dues.set(target, now)
    }

    /// Refreshes what is due among these, at once and with success.
    private mutating func serve(_ targets: Set<AssetKey>) {
        let pending = targets.filter(world.pending.isTarget)
        guard !pending.isEmpty else { return }
        let plan = Plan(world.planInput(), for: pending)
        let moments = Automation.dues(of: pending, by: plan, in: world.graph, at: now, zone: project.zone) {
            world.history(of: $0, causes: $1, at: now)
        }
        var ready: [AssetKey] = []
        for target in pending.sorted() {
            guard let step = plan.step(target), step.mayRun else {
                if let step = plan.step(target) { keep(step) }
                forget(target)
                continue
            }
            guard let due = moments[target]?.at else { continue }
            let moment = max(due, busyUntil[target] ?? due)
            if moment <= now { ready.append(target) } else { dues.set(target, moment) }
        }
        for group in Automation.groups(of: ready, by: plan, in: world.graph) { run(group.selected) }
        for target in ready { forget(target) }
    }

    private mutating func forget(_ target: AssetKey) {
        for trigger in world.pending.triggers(for: target) { world.pending.remove(trigger.id) }
        dues.clear(target)
    }

    private mutating func run(_ selected: [AssetKey]) {
        var input = world.planInput()
        input.selected = Set(selected)
        var machine = RunMachine(input)
        var queue = machine.start(at: now)
        var next = 0
        while next < queue.count {
            switch queue[next] {
            case .launch(let asset, _, let causes):
                outcomes.append(Outcome(at: now, asset: asset, decision: .run(causes)))
                counter += 1
                queue += machine.succeeded(asset, nonce: "s\(counter)")
            case .record(let materialization):
                let took = took[materialization.asset] ?? .zero
                busyUntil[materialization.asset] = now + took
                world.apply(
                    MaterializationRecord(
                        materialization: materialization,
                        run: "simulated",
                        startedAt: now,
                        at: now + took,
                        extent: .whole
                    )
                )
            case .recordSkip(let asset, let reason):
                outcomes.append(Outcome(at: now, asset: asset, decision: .skip(reason)))
            case .retry, .stop, .recordFailure, .finish: break
            }
            next += 1
        }
    }
}
