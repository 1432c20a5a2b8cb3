import FreshetCore
import FreshetKit
import Logging

extension Engine {
    /// Takes up every run that a former process left, before anything new begins.
    ///
    /// A run is replayed: its machine is made again from the stored inputs and told what the store knows of each step.
    /// Since decisions compare versions, it comes to where it was.
    public func recover() async {
        await exclusively {
            for detail in unfinished { await resume(detail) }
            unfinished = []
        }
    }

    private func resume(_ detail: RunDetail) async {
        var record = detail.run
        let steps = Dictionary(detail.steps.map { ($0.asset, $0) }) { _, last in last }
        let done = Set(detail.steps.filter(\.status.isFinished).map(\.asset))
        record.selected = record.selected.filter { world.graph[$0]?.isMaterialized == true }
        record.forced.removeAll(where: done.contains)
        record.overdue.removeAll(where: done.contains)
        var state = ActiveRun(record: record, machine: machine(for: record), steps: steps)
        for operation in detail.operations.map(\.operation) where steps[operation.asset]?.attempt == operation.attempt {
            state.leftBehind[operation.asset] = operation
        }
        log.info("run \(record.id) is taken up again")
        let now = clock.now
        var queue = state.machine.start(at: now)
        if record.cancelRequestedBy != nil { queue += state.machine.cancel(at: now) }
        var rest: [RunMachine.Action] = []
        var resumed: [AssetKey] = []
        var next = 0
        while next < queue.count {
            defer { next += 1 }
            guard case .launch(let asset, _, _) = queue[next], var step = state.steps[asset], step.status != .waiting else {
                rest.append(queue[next])
                continue
            }
            switch step.status {
            case .succeeded:
                // Its success is recorded and nothing has moved: the replay would not have launched it, but for an
                // input that cannot be verified.
                let version = world.materializations[asset]?.materialization.version
                queue += state.machine.succeeded(asset, version: version).filter { !$0.isRecord }
            case .failed, .cancelled, .skipped:
                let failure = step.failure ?? StepFailure(.cancelled, .never, message: "ended before the restart")
                let final = StepFailure(failure.code, .never, message: failure.message, details: failure.details)
                queue += state.machine.failed(asset, final, at: now)
            case .retrying:
                queue += state.machine.resumeRetry(asset, attempt: step.attempt + 1, at: step.retryAt ?? now)
            case .waiting, .queued, .running:  // A step that waits is launched like a new one.
                state.machine.resume(asset, attempt: max(step.attempt, 1))
                state.attempts[asset] = ActiveRun.Attempt(number: max(step.attempt, 1), stop: StopSignal())
                let holder = Pools.Holder(run: record.id, asset: asset)
                if step.status == .running {
                    pools.reclaim(holder, of: pool(of: asset))
                } else if !pools.request(holder, of: pool(of: asset)) {
                    continue
                }
                begin(&step, in: &state, at: now)
                state.steps[asset] = step
                resumed.append(asset)
            }
        }
        active[record.id] = state
        if record.cancelRequestedBy != nil { for asset in resumed { active[record.id]?.attempts[asset]?.stop.raise(.cancelled) } }
        await perform(rest, in: record.id)
        for asset in resumed { start(asset, in: record.id) }
    }
}

extension RunMachine.Action {
    fileprivate var isRecord: Bool { if case .record = self { true } else { false } }
}
