import FreshetCore
import FreshetKit

extension Engine {
    /// Decides on targets, and words what follows as decisions and triggers.
    ///
    /// Left out are targets in an active run, which are decided again when it ends, and targets with something upstream
    /// that has been hinted at and not been looked at yet: its look decides on them.
    ///
    /// - Parameters:
    ///   - targets: automated assets.
    ///   - kind: of the triggers.
    ///   - key: what makes the triggers' keys unique; a word for each group is appended.
    ///   - now: the present moment.
    /// - Returns: what to commit.
    func evaluate(
        _ targets: some Sequence<AssetKey>,
        kind: TriggerRecord.Kind,
        key: String,
        at now: Timestamp
    ) -> TriggerCommit {
        let idle = targets.filter { !isBusy($0) }
        let waiting = behindHint(idle)
        let targets = idle.filter { !waiting.contains($0) }
        guard !targets.isEmpty else { return TriggerCommit() }
        let plan = Plan(world.planInput(), for: Set(targets))
        let dues = Automation.dues(
            of: targets,
            by: plan,
            in: world.graph,
            at: now,
            zone: project.zone
        ) { asset, causes in
            var history = world.history(of: asset, causes: causes, at: now)
            if kind == .sensor, world.isAutomated(asset) { history.changes.append(now) }
            history.askedAt = history.askedAt ?? now
            return history
        }
        var commit = TriggerCommit(decisions: targets.compactMap { decision(on: $0, plan, dues, at: now) })
        // What may run one day and what may not are told apart, so that neither hides the other.
        for isDueOnce in [true, false] {
            let share = targets.filter { (dues[$0]?.at != nil) == isDueOnce }
            for group in Automation.groups(of: share, by: plan, in: world.graph) {
                commit.triggers.append(trigger(for: group.targets, dues, kind: kind, key: key, at: now))
            }
        }
        return commit
    }

    private func decision(
        on target: AssetKey,
        _ plan: Plan,
        _ dues: [AssetKey: Pace.Due],
        at now: Timestamp
    ) -> DecisionRecord? {
        guard var step = plan.step(target) else { return nil }
        // It is stale, and the reason why nothing is done about it is what a reader looks for.
        if dues[target]?.delay == .quotaExhausted, world.hold(of: target, at: now)?.delay == .quotaExhausted {
            step.decision = .skip(.quotaExhausted)
        }
        return record(step, at: now)
    }

    private func trigger(
        for targets: [AssetKey],
        _ dues: [AssetKey: Pace.Due],
        kind: TriggerRecord.Kind,
        key: String,
        at now: Timestamp
    ) -> TriggerRecord {
        let moments = targets.compactMap { dues[$0] }
        let due = moments.dropFirst().reduce(moments.first ?? Pace.Due(at: now, delay: nil)) { $0.earlier($1) }
        let id = newID()
        // Two looks of one sensor may begin in the same millisecond; everything else has a key of its own.
        let word = kind == .sensor ? id : targets.first?.path ?? ""
        var trigger = TriggerRecord(
            id: id,
            key: "\(kind.rawValue):\(key):\(word)",
            kind: kind,
            actor: .engine,
            targets: targets,
            createdAt: now,
            dueAt: due.at ?? now,
            delay: due.delay?.rawValue
        )
        if project.mode == .observe {
            trigger.disposition = Disposition(.skipped, reason: Self.observeMode, at: now)
        } else if due.at == nil {
            trigger.disposition = Disposition(.skipped, reason: due.delay?.rawValue ?? "", at: now)
        }
        return trigger
    }

    /// Whether an active run works on an asset, or on one that it is a step before.
    func isBusy(_ asset: AssetKey) -> Bool {
        busy[asset] != nil || world.graph.served(by: asset).contains { busy[$0] != nil }
    }

    static let observeMode = "observe_mode"

    /// Decides on targets and commits what follows; when the store refuses, it is owed and done again.
    ///
    /// - Parameters:
    ///   - targets: automated assets.
    ///   - kind: of the triggers.
    ///   - key: what makes the triggers' keys unique.
    ///   - keepsSkips: whether it is worth telling that there is nothing to do. Right after a run that succeeded it is not.
    ///   - now: the present moment.
    func decide(
        on targets: some Collection<AssetKey>,
        kind: TriggerRecord.Kind,
        key: String,
        keepsSkips: Bool = true,
        at now: Timestamp
    ) async {
        guard !targets.isEmpty else { return }
        var change = evaluate(targets, kind: kind, key: key, at: now)
        if !keepsSkips { change.decisions.removeAll(where: \.isIdle) }
        if await !commit(change) {
            agenda.owed.append(Agenda.Owed(targets: Set(targets), kind: kind, key: key))
        }
    }

    /// - Returns: false when the store refused, and then nothing has happened.
    @discardableResult
    func commit(_ change: TriggerCommit) async -> Bool {
        guard !change.isEmpty else { return true }
        do {
            let stored = try await store.commit(change, by: writer)
            // A trigger whose key was there already has been, or will be, answered as the older one.
            take(zip(change.triggers, stored).filter { $0.id == $1 }.map(\.0))
            for id in change.dispositions.keys { world.pending.remove(id) }
            return true
        } catch {
            notice(error)
            agenda.isRefused = true
            return false
        }
    }

    /// Takes stored triggers among what is to be answered.
    func take(_ triggers: [TriggerRecord]) {
        for trigger in triggers where trigger.disposition == nil {
            world.pending.insert(trigger)
            if trigger.isAutomatic { agenda.candidates.formUnion(trigger.targets) }
        }
    }

    func record(
        _ step: Plan.Step,
        run: RunID? = nil,
        trigger: TriggerID? = nil,
        at now: Timestamp
    ) -> DecisionRecord {
        DecisionRecord(
            asset: step.asset,
            decision: step.decision,
            evidence: step.evidence,
            at: now,
            run: run,
            trigger: trigger,
            configVersion: project.configVersion,
            graphHash: graphHash
        )
    }

    /// Those of the targets and their ancestors that something hinted at, and all of these that are behind one.
    private func behindHint(_ targets: [AssetKey]) -> Set<AssetKey> {
        guard !world.hinted.isEmpty else { return [] }
        var found: Set<AssetKey> = []
        for asset in world.graph.ancestry(of: targets)
        where world.hinted[asset.key] != nil || asset.upstreams.contains(where: found.contains) {
            found.insert(asset.key)
        }
        return found
    }
}

extension DecisionRecord {
    /// Whether there was nothing to do, and nothing in the way.
    fileprivate var isIdle: Bool { if case .skip(let reason) = decision { !reason.isHeld } else { false } }
}
