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
    ///   - world: the world to decide by.
    ///   - kind: of the triggers.
    ///   - key: what makes the triggers' keys unique; a word for each group is appended.
    ///   - now: the present moment.
    /// - Returns: what to commit.
    func evaluate(
        _ targets: [AssetKey],
        in world: World,
        kind: TriggerRecord.Kind,
        key: String,
        at now: Timestamp
    ) -> TriggerCommit {
        let busy = activeAssets
        let targets = targets.filter { !busy.contains($0) && !isBehindHint($0, in: world) }
        guard !targets.isEmpty else { return TriggerCommit() }
        let plan = Plan(world.planInput(at: now), for: Set(targets))
        var commit = TriggerCommit()
        var causes: [AssetKey: [Cause]] = [:]
        for target in targets {
            guard let step = plan.step(target) else { continue }
            if case .run(let found) = step.decision { causes[target] = found }
            commit.decisions.append(record(step, at: now))
        }
        for group in Automation.groups(of: targets, by: plan, in: world.graph) {
            commit.triggers.append(trigger(for: group, causes, in: world, kind: kind, key: key, at: now))
        }
        return commit
    }

    private func trigger(
        for group: Automation.Group,
        _ causes: [AssetKey: [Cause]],
        in world: World,
        kind: TriggerRecord.Kind,
        key: String,
        at now: Timestamp
    ) -> TriggerRecord {
        var due = Pace.Due(at: now, delay: nil)
        for target in group.targets {
            var history = world.history(of: target, causes: causes[target] ?? [])
            if kind == .sensor { history.changes.append(now) }
            let own = pace(of: target, causes[target] ?? [], history, in: world, at: now)
            guard let moment = own.at else {
                due = own
                break
            }
            if moment > due.at ?? now { due = own }
        }
        var trigger = TriggerRecord(
            id: newID(),
            key: "\(kind.rawValue):\(key):\(group.targets.first?.path ?? "")",
            kind: kind,
            actor: .engine,
            targets: group.targets,
            createdAt: now,
            dueAt: due.at ?? now,
            delay: due.delay?.rawValue
        )
        if world.project.mode == .observe {
            trigger.disposition = Disposition(.skipped, reason: "observe_mode", at: now)
        } else if due.at == nil {
            trigger.disposition = Disposition(.skipped, reason: due.delay?.rawValue ?? "", at: now)
        }
        return trigger
    }

    func pace(
        of target: AssetKey,
        _ causes: [Cause],
        _ history: Pace.History,
        in world: World,
        at now: Timestamp
    ) -> Pace.Due {
        guard let policy = world.graph[target]?.policy.automation else { return Pace.Due(at: now, delay: nil) }
        return Pace.due(causes, policy, history, at: now)
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

    /// Every asset that an active run may work on.
    var activeAssets: Set<AssetKey> { active.values.reduce(into: []) { $0.formUnion($1.record.selected) } }

    private func isBehindHint(_ target: AssetKey, in world: World) -> Bool {
        guard !world.hinted.isEmpty else { return false }
        return world.graph.ancestry(of: [target]).contains { world.hinted[$0.key] != nil }
    }
}
