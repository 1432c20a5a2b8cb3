import FreshetCore
import FreshetKit

/// How far the look for a manual trigger has come.
enum ManualLook {
    /// Nothing automatic begins on these targets meanwhile.
    case looking(Task<Void, Never>, at: [AssetKey])
    case looked

    var task: Task<Void, Never>? { if case .looking(let task, _) = self { task } else { nil } }

    var targets: [AssetKey] { if case .looking(_, let targets) = self { targets } else { [] } }
}

extension Engine {
    /// Begins the manual runs whose inputs have been looked at, and the looks of the others; what is busy waits.
    ///
    /// To be called inside ``exclusively(_:)``.
    func answerManualTriggers(at now: Timestamp) async {
        for trigger in world.pending.manual where !isStopping {
            if let problem = problem(with: trigger) {
                manualLooks.removeValue(forKey: trigger.id)?.task?.cancel()
                let end = Disposition(.rejected, reason: problem, at: now)
                await commit(TriggerCommit(dispositions: [trigger.id: end]))
                agenda.unblock()
                continue
            }
            let isBusy = targets(of: trigger).contains { busy[$0] != nil }
            switch manualLooks[trigger.id] {
            case .looking: continue
            // What was seen before the wait is too old by the end of it.
            case .looked where isBusy: manualLooks[trigger.id] = nil
            case nil where isBusy: continue
            case nil: startLook(for: trigger)
            case .looked:
                if await begin(manual: trigger, at: now) { manualLooks[trigger.id] = nil }
            }
        }
    }

    /// What a person asks for, with the steps around it; a paused one counts like what is not selected, as it would hold
    /// the run until somebody resumes it.
    private func targets(of trigger: TriggerRecord) -> [AssetKey] {
        world.graph.withSteps(trigger.targets).filter { trigger.targets.contains($0) || !world.isPaused($0) }
    }

    private func begin(manual trigger: TriggerRecord, at now: Timestamp) async -> Bool {
        let targets = targets(of: trigger)
        let run = await begin(
            targets,
            answering: [trigger],
            kind: trigger.kind,
            actor: trigger.actor,
            forced: trigger.isForced ? targets : [],
            at: now
        )
        guard let run else { return false }
        await coalesce(into: run, Set(targets), isForced: trigger.isForced, at: now)
        return true
    }

    /// Answers what else was asked for and this run does too.
    private func coalesce(into run: RunID, _ targets: Set<AssetKey>, isForced: Bool, at now: Timestamp) async {
        var change = TriggerCommit()
        for other in world.pending.manual where targets.isSuperset(of: other.targets) && (isForced || !other.isForced) {
            manualLooks.removeValue(forKey: other.id)?.task?.cancel()
            change.dispositions[other.id] = Disposition(.coalesced, reason: "in_flight_coalesced", into: run, at: now)
        }
        await commit(change)
    }

    /// In a task of its own: a sensor that hangs must not keep other triggers waiting.
    private func startLook(for trigger: TriggerRecord) {
        let task = Task {
            await look(atInputsOf: trigger.targets)
            if !Task.isCancelled { await looked(for: trigger.id) }
        }
        manualLooks[trigger.id] = .looking(task, at: trigger.targets)
    }

    private func looked(for trigger: TriggerID) async {
        await exclusively {
            guard manualLooks[trigger] != nil else { return }
            manualLooks[trigger] = .looked
            agenda.unblock()
        }
        triggersMoved.ring()
    }

    private func problem(with trigger: TriggerRecord) -> String? {
        if project.mode == .observe { return "mode: observe decides and posts nothing" }
        if trigger.targets.isEmpty { return "it names no asset" }
        for target in trigger.targets {
            guard let asset = world.graph[target] else {
                return "'\(target)' is not in the project as the daemon loaded it"
            }
            guard asset.isMaterialized else { return "'\(target)' is not an asset that Freshet works on" }
            if world.isPaused(target) { return "'\(target)' is paused; resume it first" }
        }
        return nil
    }

    /// Looks once at every sensor that feeds these assets, at most eight at a time.
    func look(atInputsOf targets: [AssetKey]) async {
        for wave in sensors.waves(for: targets) {
            await withTaskGroup(of: Void.self) { group in
                for (index, sensor) in wave.enumerated() {
                    if index >= 8 { await group.next() }
                    group.addTask { await self.lookNow(sensor) }
                }
            }
        }
    }

    /// A look for who waits, a person or a slot: one failure makes the version unknown.
    private func lookNow(_ sensor: SensorSpec) async {
        _ = await look(sensor, failuresBefore: SensorTiming.failuresUntilUnknown - 1, isAsked: true)
    }
}
