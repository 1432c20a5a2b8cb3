public import FreshetCore
import FreshetKit

extension Engine {
    /// Takes note of a trigger that somebody else committed to the store.
    public func notice(trigger id: TriggerID) async {
        do {
            guard let trigger = try await store.trigger(id), trigger.disposition == nil else { return }
            guard !world.pending.contains(where: { $0.id == id }) else { return }
            world.pending.append(trigger)
            triggersMoved.ring()
        } catch {
            notice(error)
        }
    }

    /// Takes note of a pause or resume that somebody else committed to the store.
    public func notice(isPaused: Bool, _ asset: AssetKey?) async {
        await exclusively {
            switch asset {
            case nil: world.isPaused = isPaused
            case let asset? where isPaused: world.pauses.insert(asset)
            case let asset?: world.pauses.remove(asset)
            }
        }
        triggersMoved.ring()
    }

    /// Decides on every automated asset: the configuration may be another than at the last start.
    public func evaluateAll() async {
        await exclusively {
            let now = clock.now
            let targets = world.graph.ordered.filter { $0.isMaterialized && $0.policy.automation != nil }.map(\.key)
            var change = evaluate(targets, in: world, kind: .startup, key: "\(epoch.number)", at: now)
            // What a former life decided stands in the store already; only what asks for work is new.
            let asked = Set(change.triggers.flatMap(\.targets))
            change.decisions.removeAll { !asked.contains($0.asset) }
            await commit(change)
        }
        triggersMoved.ring()
    }

    /// Answers what is due.
    ///
    /// - Returns: when to look again; `nil` for not before something moves.
    func answerTriggers() async -> Timestamp? {
        await answerManualTriggers()
        return await exclusively {
            let now = clock.now
            await noticeLongestSkips(at: now)
            await answerAutomation(at: now)
            return nextTriggerMoment(after: now)
        }
    }

    func commit(_ change: TriggerCommit) async {
        guard !change.isEmpty else { return }
        do {
            let stored = try await store.commit(change, by: writer)
            for (trigger, id) in zip(change.triggers, stored) where trigger.disposition == nil && trigger.id == id {
                world.pending.append(trigger)
            }
            world.pending.removeAll { change.dispositions[$0.id] != nil }
        } catch {
            notice(error)
        }
    }

    private func noticeLongestSkips(at now: Timestamp) async {
        for asset in world.overdue(at: now).sorted() {
            guard let since = world.materializations[asset]?.at, noticedSkips[asset] != since else { continue }
            noticedSkips[asset] = since
            await commit(evaluate([asset], in: world, kind: .maxSkip, key: "\(since.milliseconds)", at: now))
        }
    }

    /// Begins runs for the targets of pending automation triggers whose time has come.
    private func answerAutomation(at now: Timestamp) async {
        let pending = world.pending.filter(\.isAutomatic)
        guard !pending.isEmpty else { return }
        let busy = activeAssets
        let targets = Set(pending.flatMap(\.targets)).filter { !busy.contains($0) && !world.isPaused($0) }
        let ordered = world.graph.ordered.lazy.map(\.key).filter(targets.contains)
        guard !targets.isEmpty else { return await dropUnknown(pending, at: now) }
        let plan = Plan(world.planInput(at: now), for: targets)
        let groups = Automation.groups(of: Array(ordered), by: plan, in: world.graph)
        var postponed = Set(pending.flatMap(\.targets)).subtracting(targets)
        var begun: [AssetKey: RunID] = [:]
        for group in groups {
            guard group.targets.allSatisfy({ isDue($0, plan, at: now) }), group.selected.allSatisfy({ !busy.contains($0) })
            else {
                postponed.formUnion(group.targets)
                continue
            }
            // A trigger whose targets fall into several groups is answered by the first of them.
            let answered = world.pending.filter { trigger in
                trigger.isAutomatic && trigger.targets.contains(where: group.targets.contains)
            }
            if let run = await begin(group.selected, answering: answered, kind: pending[0].kind, at: now) {
                for target in group.targets { begun[target] = run }
            } else {
                postponed.formUnion(group.targets)
            }
        }
        await settle(pending, postponed: postponed, begun: begun, by: plan, at: now)
    }

    private func isDue(_ target: AssetKey, _ plan: Plan, at now: Timestamp) -> Bool {
        guard let moment = due(target, plan, at: now) else { return false }
        return moment <= now
    }

    private func due(_ target: AssetKey, _ plan: Plan, at now: Timestamp) -> Timestamp? {
        var causes: [Cause] = []
        if case .run(let found)? = plan[target] { causes = found }
        return pace(of: target, causes, world.history(of: target, causes: causes), in: world, at: now).at
    }

    /// Gives the triggers whose targets have all been answered their end.
    private func settle(
        _ pending: [TriggerRecord],
        postponed: Set<AssetKey>,
        begun: [AssetKey: RunID],
        by plan: Plan,
        at now: Timestamp
    ) async {
        var change = TriggerCommit()
        for trigger in pending where world.pending.contains(where: { $0.id == trigger.id }) {
            guard postponed.isDisjoint(with: trigger.targets) else { continue }
            if let run = trigger.targets.lazy.compactMap({ begun[$0] }).first {
                change.dispositions[trigger.id] = Disposition(.coalesced, reason: "in_flight_coalesced", into: run, at: now)
            } else {
                change.dispositions[trigger.id] = Disposition(.skipped, reason: reason(trigger, plan), at: now)
                for target in trigger.targets {
                    if let step = plan.step(target) { change.decisions.append(record(step, trigger: trigger.id, at: now)) }
                }
            }
        }
        await commit(change)
    }

    private func reason(_ trigger: TriggerRecord, _ plan: Plan) -> String {
        for target in trigger.targets {
            if case .skip(let reason)? = plan[target] { return reason.code }
        }
        return SkipReason.upToDate.code
    }

    /// Ends triggers of which no target is left in the project.
    private func dropUnknown(_ pending: [TriggerRecord], at now: Timestamp) async {
        var change = TriggerCommit()
        for trigger in pending where trigger.targets.allSatisfy({ world.graph[$0] == nil }) {
            change.dispositions[trigger.id] = Disposition(.rejected, reason: "no longer in the project", at: now)
        }
        await commit(change)
    }

    private func nextTriggerMoment(after now: Timestamp) -> Timestamp? {
        var moments = world.skipLimits.filter { noticedSkips[$0.key] != world.materializations[$0.key]?.at }.map(\.value)
        let busy = activeAssets
        let pending = world.pending.filter(\.isAutomatic)
        let targets = Set(pending.flatMap(\.targets)).filter { !busy.contains($0) && !world.isPaused($0) }
        if !targets.isEmpty {
            let plan = Plan(world.planInput(at: now), for: targets)
            moments += targets.compactMap { due($0, plan, at: now) }
        }
        return moments.filter { $0 > now }.min()
    }
}
