import FreshetCore
import FreshetKit
import Logging

// What lets an attempt begin: no pause, no blackout, and room in each of its budgets.

extension Engine {
    func budgetNames(of asset: AssetKey) -> [String] { world.budgets[asset] ?? [] }

    /// Whether an attempt may begin now; if not, it waits for what is in its way.
    func isAdmitted(_ holder: Budgets.Holder, of run: RunRecord, at now: Timestamp) -> Bool {
        guard !isStopping, !isHeld(holder, of: run, at: now) else { return false }
        let isAdmitted = budgets.request(
            holder,
            of: budgetNames(of: holder.asset),
            isCritical: world.graph[holder.asset]?.policy.isCritical ?? false,
            priority: run.priority,
            at: now
        )
        // Time may let it in.
        if !isAdmitted { runTimers.ring() }
        return isAdmitted
    }

    /// Notes what waits for a person or for the end of a blackout.
    private func isHeld(_ holder: Budgets.Holder, of run: RunRecord, at now: Timestamp) -> Bool {
        if world.isPaused(holder.asset) {
            held.append(holder)
            return true
        }
        guard run.trigger.isAutomatic, let blackout = world.graph[holder.asset]?.policy.automation?.blackout,
            let end = blackout.release(of: now, at: now, zone: project.zone)
        else { return false }
        blackouts.set(holder, end)
        runTimers.ring()
        return true
    }

    /// Gives back the room of an attempt that has ended, or that is given up.
    ///
    /// - Returns: who may begin now.
    func free(_ holder: Budgets.Holder, at now: Timestamp) -> [Budgets.Holder] {
        let admitted = budgets.release(holder, at: now)
        // Who waited for this room may still have to wait for a moment, which nobody knew while there was none.
        if budgets.nextOpening(at: now) != nil { runTimers.ring() }
        return admitted
    }

    /// Begins attempts that waited, as far as nothing else is in their way.
    func admit(_ holders: [Budgets.Holder], at now: Timestamp) async {
        var queue = holders
        var next = 0
        while next < queue.count {
            let holder = queue[next]
            next += 1
            guard !isStopping else { return }
            guard let run = active[holder.run]?.record, var step = active[holder.run]?.steps[holder.asset],
                let attempt = active[holder.run]?.attempts[holder.asset], attempt.task == nil
            else {
                queue += free(holder, at: now)
                continue
            }
            guard isAdmitted(holder, of: run, at: now), var state = active.removeValue(forKey: holder.run) else {
                // What a pause or a blackout holds leaves its room to others.
                if held.contains(holder) || blackouts.contains(holder) { queue += free(holder, at: now) }
                continue
            }
            begin(&step, in: &state, at: now)
            state.steps[holder.asset] = step
            active[holder.run] = state
            schedule(holder.run)
            if await append([.step(step)]) {
                start(holder.asset, in: holder.run)
            } else {
                await refuse(holder.asset, in: holder.run, at: now)
            }
        }
    }

    /// Ends an attempt whose beginning the store refused: what is not on record must not be done.
    func refuse(_ asset: AssetKey, in run: RunID, at now: Timestamp) async {
        guard !isStopping, active[run]?.attempts.removeValue(forKey: asset) != nil else { return }
        let failure = StepFailure(.internalError, .never, message: "the store refused to record the attempt")
        let actions = active[run]?.machine.failed(asset, failure, at: now) ?? []
        let freed = free(Budgets.Holder(run: run, asset: asset), at: now)
        await perform(actions, in: run)
        await admit(freed, at: now)
    }
}
