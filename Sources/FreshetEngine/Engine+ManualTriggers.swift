import FreshetCore
import FreshetKit

extension Engine {
    /// Looks at what manual triggers will read, then begins their runs; what is busy waits.
    func answerManualTriggers() async {
        for trigger in world.pending where !trigger.isAutomatic {
            if let problem = problem(with: trigger) {
                await exclusively {
                    let end = Disposition(.rejected, reason: problem, at: clock.now)
                    await commit(TriggerCommit(dispositions: [trigger.id: end]))
                }
                continue
            }
            guard activeAssets.isDisjoint(with: trigger.targets) else { continue }
            if probed.insert(trigger.id).inserted { await look(atInputsOf: trigger.targets) }
            await exclusively {
                guard activeAssets.isDisjoint(with: trigger.targets) else { return }
                let forced = trigger.isForced ? trigger.targets : []
                _ = await begin(
                    trigger.targets,
                    answering: [trigger],
                    kind: trigger.kind,
                    actor: trigger.actor,
                    forced: forced,
                    at: clock.now
                )
            }
        }
    }

    private func problem(with trigger: TriggerRecord) -> String? {
        if project.mode == .observe { return "mode: observe decides and posts nothing" }
        for target in trigger.targets {
            guard let asset = world.graph[target] else { return "'\(target)' is not in the project as the daemon loaded it" }
            guard asset.isMaterialized else { return "'\(target)' is not an asset that Freshet works on" }
            if world.isPaused(target) { return "'\(target)' is paused; resume it first" }
        }
        return nil
    }

    /// Looks once at every sensor that feeds these assets, at most eight at a time.
    private func look(atInputsOf targets: [AssetKey]) async {
        for wave in SensorSpec.waves(for: targets, in: project) {
            await withDiscardingTaskGroup { group in
                for lane in 0..<min(8, wave.count) {
                    let share = stride(from: lane, to: wave.count, by: 8).map { wave[$0] }
                    group.addTask { for sensor in share { await self.lookNow(sensor) } }
                }
            }
        }
    }

    /// A look for a person who waits: one failure makes the version unknown.
    private func lookNow(_ sensor: SensorSpec) async {
        _ = await look(sensor, failuresBefore: SensorTiming.failuresUntilUnknown - 1)
    }
}
