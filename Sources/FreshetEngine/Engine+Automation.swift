import FreshetCore
import FreshetKit

extension Engine {
    /// The most candidates that are taken at once, so that a tick need not wait for all of a large project.
    private static let share = 256

    /// What is known of some pending triggers while they are being answered.
    private struct Answering {
        /// Every trigger that asks for one of ``targets``, oldest first.
        var triggers: [TriggerRecord]
        /// All that these triggers ask for.
        var targets: Set<AssetKey>
        /// What has to wait; a trigger with such a target stays.
        var postponed: Set<AssetKey> = []
        var begun: [AssetKey: RunID] = [:]
        var dues: [AssetKey: Pace.Due] = [:]
    }

    /// Begins runs for the targets of pending automatic triggers whose time has come.
    ///
    /// To be called inside ``exclusively(_:)``.
    func answerAutomaticTriggers(at now: Timestamp) async {
        agenda.candidates.formUnion(agenda.later.due(at: now))
        guard project.mode == .act else { return await endAll(Self.observeMode, at: now) }
        guard !world.isPaused else {
            agenda.blocked.formUnion(agenda.candidates)
            agenda.candidates = []
            return
        }
        var answering = takeCandidates()
        guard !answering.triggers.isEmpty else { return }
        let reserved = Set(manualLooks.values.flatMap(\.targets))
        let isFree = { (asset: AssetKey) in !self.isBusy(asset) && !reserved.contains(asset) }
        let automated = answering.targets.filter { world.isAutomated($0) }
        let free = automated.filter { isFree($0) && !world.isPaused($0) }
        wait(automated.subtracting(free), in: &answering)

        let plan = Plan(world.planInput(heedsPauses: true), for: free)
        answering.dues = Automation.dues(
            of: free,
            by: plan,
            in: world.graph,
            at: now,
            zone: project.zone
        ) { asset, causes in
            world.history(of: asset, causes: causes, at: now)
        }
        var ready: [AssetKey] = []
        for target in free {
            guard let moment = answering.dues[target]?.at else { continue }
            if moment <= now {
                ready.append(target)
            } else {
                answering.postponed.insert(target)
                agenda.later.set(target, moment)
            }
        }
        let groups = Automation.groups(of: ready, by: plan, in: world.graph)
        for group in groups where !group.selected.allSatisfy(isFree) { wait(group.targets, in: &answering) }
        for group in groups where group.selected.allSatisfy(isFree) { await begin(group, &answering, at: now) }
        await settle(answering, by: plan, at: now)
    }

    private func wait(_ targets: some Sequence<AssetKey>, in answering: inout Answering) {
        answering.postponed.formUnion(targets)
        agenda.blocked.formUnion(targets)
    }

    /// Takes some candidates with all that was asked for together with them.
    private func takeCandidates() -> Answering {
        var found: [TriggerID: TriggerRecord] = [:]
        var targets: Set<AssetKey> = []
        var next = Array(agenda.candidates.prefix(Self.share))
        while let target = next.popLast() {
            agenda.candidates.remove(target)
            guard targets.insert(target).inserted else { continue }
            for trigger in world.pending.triggers(for: target) {
                if found.updateValue(trigger, forKey: trigger.id) == nil { next += trigger.targets }
            }
        }
        let triggers = found.values.sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        return Answering(triggers: triggers, targets: triggers.isEmpty ? [] : targets)
    }

    private func begin(_ group: Automation.Group, _ answering: inout Answering, at now: Timestamp) async {
        let wanted = Set(group.targets)
        let asking = answering.triggers.filter { !wanted.isDisjoint(with: $0.targets) }
        let postponed = answering.postponed
        // A trigger that also asks for what has to wait is not answered yet.
        let answered = asking.filter { world.pending.contains($0.id) && postponed.isDisjoint(with: $0.targets) }
        let kind = (answered.first ?? asking.first)?.kind ?? .sensor
        if let run = await begin(group.selected, answering: answered, kind: kind, at: now) {
            for target in group.targets { answering.begun[target] = run }
        } else {
            answering.postponed.formUnion(wanted)
            // A trigger that asked for it may have been answered by a run before this one.
            agenda.owed.append(Agenda.Owed(targets: wanted, kind: .sensor, key: "refused"))
        }
    }

    /// Gives the triggers whose targets have all been answered their end.
    private func settle(_ answering: Answering, by plan: Plan, at now: Timestamp) async {
        var change = TriggerCommit()
        var told: Set<AssetKey> = []
        for trigger in answering.triggers where world.pending.contains(trigger.id) {
            guard answering.postponed.isDisjoint(with: trigger.targets) else { continue }
            change.dispositions[trigger.id] = end(of: trigger, answering, plan, at: now)
            for target in trigger.targets where answering.begun[target] == nil && told.insert(target).inserted {
                guard let step = plan.step(target) else { continue }
                change.decisions.append(record(step, trigger: trigger.id, at: now))
            }
        }
        // What the store refuses to end is tried again.
        if await !commit(change) { agenda.candidates.formUnion(answering.targets) }
    }

    private func end(of trigger: TriggerRecord, _ answering: Answering, _ plan: Plan, at now: Timestamp) -> Disposition
    {
        if let run = trigger.targets.lazy.compactMap({ answering.begun[$0] }).first {
            return Disposition(.coalesced, reason: "in_flight_coalesced", into: run, at: now)
        }
        guard trigger.targets.contains(where: world.isAutomated) else {
            return Disposition(.rejected, reason: "no longer in the project", at: now)
        }
        for target in trigger.targets {
            if let due = answering.dues[target], due.at == nil, let delay = due.delay {
                return Disposition(.skipped, reason: delay.rawValue, at: now)
            }
            if case .skip(let reason)? = plan[target] { return Disposition(.skipped, reason: reason.code, at: now) }
        }
        return Disposition(.skipped, reason: SkipReason.upToDate.code, at: now)
    }

    /// Ends every automatic trigger unanswered.
    private func endAll(_ reason: String, at now: Timestamp) async {
        agenda.candidates = []
        var change = TriggerCommit()
        for trigger in world.pending.automatic {
            change.dispositions[trigger.id] = Disposition(.skipped, reason: reason, at: now)
        }
        await commit(change)
    }
}
