import FreshetCore
import FreshetFailpoints
import FreshetKit
import Logging

/// What comes of a machine's actions, in the order in which it has to happen.
struct Effects {
    var events: [RunEvent] = []
    var starting: [AssetKey] = []
    /// Who got the slots that came free.
    var admitted: [Budgets.Holder] = []
    var status: RunStatus?
    var hasSkip = false
}

extension Engine {
    /// Carries out what a run's machine asks for: first to the store, then in the world.
    ///
    /// To be called inside ``exclusively(_:)``.
    func perform(_ actions: [RunMachine.Action], in run: RunID) async {
        // Taken out while it is changed, so that it is not copied; there is no suspension until it is back.
        guard !actions.isEmpty, var state = active.removeValue(forKey: run) else { return }
        let now = clock.now
        var effects = Effects()
        var queue = actions
        var next = 0
        while next < queue.count {
            queue += carryOut(queue[next], in: &state, &effects, at: now)
            next += 1
        }
        active[run] = state
        schedule(run)
        failpoint(effects.status == nil ? nil : .runFinishing)
        let isStored = await append(effects.events)
        failpoint(effects.status == nil ? nil : .runFinished)
        failpoint(effects.hasSkip ? .stepSkippedCommit : nil)
        note(effects.events)
        for asset in effects.starting {
            if isStored { start(asset, in: run) } else { await refuse(asset, in: run, at: now) }
        }
        await admit(effects.admitted, at: now)
        if let status = effects.status { await finished(run, status) }
    }

    /// - Returns: what the machine asks for besides.
    private func carryOut(
        _ action: RunMachine.Action,
        in state: inout ActiveRun,
        _ effects: inout Effects,
        at now: Timestamp
    ) -> [RunMachine.Action] {
        switch action {
        case .launch(let asset, let attempt, let causes):
            if let reason = world.obstacle(to: asset, causes, at: now) { return state.machine.held(asset, reason) }
            launch(asset, attempt: attempt, causes, in: &state, &effects, at: now)
        case .record(let materialization):
            let asset = materialization.asset
            var step = state.steps[asset] ?? StepRecord(run: state.record.id, asset: asset)
            step.status = .succeeded
            step.endedAt = now
            state.steps[asset] = step
            effects.events.append(.step(step))
            effects.events.append(.materialized(materialized(materialization, in: state, at: now)))
        case .recordSkip(let asset, let reason): skip(asset, reason, in: &state, &effects, at: now)
        case .retry(let asset, _, let moment):
            state.steps[asset]?.status = .retrying
            state.steps[asset]?.retryAt = moment
            state.steps[asset]?.parking = state.machine.parking(of: asset)
            if let step = state.steps[asset] { effects.events.append(.step(step)) }
        case .stop(let asset, let reason): return stop(asset, reason, in: &state, &effects, at: now)
        case .recordFailure(let asset, let failure):
            guard var step = state.steps[asset], !step.status.isFinished else { return [] }
            step.status = failure.code == .cancelled ? .cancelled : .failed
            step.failure = failure
            step.endedAt = now
            step.retryAt = nil
            state.steps[asset] = step
            effects.events.append(.step(step))
        case .finish(let outcome):
            let end = state.hasForgotten && outcome == .succeeded ? .failed : outcome
            effects.status = end
            state.record.status = end
            state.record.endedAt = now
            effects.events.append(.ended(state.record.id, end, at: now))
        }
        return []
    }

    private func launch(
        _ asset: AssetKey,
        attempt: Int,
        _ causes: [Cause],
        in state: inout ActiveRun,
        _ effects: inout Effects,
        at now: Timestamp
    ) {
        let run = state.record.id
        var step = state.steps[asset] ?? StepRecord(run: run, asset: asset)
        if attempt == 1, step.attempt != attempt {
            let decided = Plan.Step(asset: asset, decision: .run(causes), evidence: state.machine.evidence(for: asset))
            effects.events.append(.decided(record(decided, run: run, at: now)))
        }
        step.attempt = attempt
        step.causes = causes
        step.retryAt = nil
        step.deadline = nil
        step.status = .queued
        state.attempts[asset] = ActiveRun.Attempt(number: attempt, stop: StopSignal())
        if isAdmitted(Budgets.Holder(run: run, asset: asset), of: state.record, at: now) {
            begin(&step, in: &state, at: now)
            effects.starting.append(asset)
        }
        state.steps[asset] = step
        effects.events.append(.step(step))
    }

    private func skip(
        _ asset: AssetKey,
        _ reason: SkipReason,
        in state: inout ActiveRun,
        _ effects: inout Effects,
        at now: Timestamp
    ) {
        guard state.steps[asset]?.status.isFinished != true else { return }
        let run = state.record.id
        // Cancelled, not skipped: the person who cancelled did not mean that another run begins with it at once.
        let status = reason == .cancelled ? StepStatus.cancelled : .skipped
        let step = StepRecord(run: run, asset: asset, status: status, skipReason: reason, endedAt: now)
        state.steps[asset] = step
        let decided = Plan.Step(asset: asset, decision: .skip(reason), evidence: state.machine.evidence(for: asset))
        effects.hasSkip = true
        effects.events.append(.step(step))
        effects.events.append(.decided(record(decided, run: run, at: now)))
    }

    /// Tells a running attempt to end; one that waits for its slot ends at once, as nobody would hear.
    private func stop(
        _ asset: AssetKey,
        _ reason: StopReason,
        in state: inout ActiveRun,
        _ effects: inout Effects,
        at now: Timestamp
    ) -> [RunMachine.Action] {
        guard let attempt = state.attempts[asset] else { return [] }
        guard attempt.task == nil else {
            attempt.stop.raise(reason)
            return []
        }
        state.attempts[asset] = nil
        let holder = Budgets.Holder(run: state.record.id, asset: asset)
        held.removeAll { $0 == holder }
        blackouts.clear(holder)
        effects.starting.removeAll { $0 == asset }
        effects.admitted += free(holder, at: now)
        let failure = StepFailure(.cancelled, .never, message: "cancelled before it began")
        return state.machine.failed(asset, failure, at: now)
    }

    /// The attempt has its slot.
    func begin(_ step: inout StepRecord, in state: inout ActiveRun, at now: Timestamp) {
        let isResumed = step.status == .running
        step.status = .running
        step.startedAt = isResumed ? step.startedAt ?? now : now
        step.deadline = state.machine.began(step.asset, at: now, deadline: isResumed ? step.deadline : nil)
    }

    private func materialized(
        _ materialization: Materialization,
        in state: ActiveRun,
        at now: Timestamp
    ) -> MaterializationRecord {
        let step = state.steps[materialization.asset]
        let times = world.graph.inputs(of: materialization.asset).compactMap { input in
            state.record.inputs[input.key]?.dataTime ?? world.materializations[input.key]?.dataTime
        }
        return MaterializationRecord(
            materialization: materialization,
            run: state.record.id,
            startedAt: step?.startedAt ?? now,
            at: now,
            dataTime: times.min(),
            extent: state.extents[materialization.asset] ?? Extent(step?.causes ?? []),
            details: step?.details ?? .object([:])
        )
    }
}
