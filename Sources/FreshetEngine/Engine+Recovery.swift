import FreshetCore
import FreshetKit
import Logging

extension Engine {
    /// Takes up every run that a former process left, before anything new begins.
    ///
    /// A run is replayed: its machine is made again from what it began with, told what was decided, and told what the
    /// store knows of each step. So it comes to where it was.
    public func recover() async {
        await exclusively {
            // Every slot that is in use, before any is given away.
            for step in unfinished.lazy.flatMap(\.steps) where step.status == .running {
                budgets.reclaim(Budgets.Holder(run: step.run, asset: step.asset), of: budgetNames(of: step.asset))
            }
            for detail in unfinished { await resume(detail) }
            unfinished = []
        }
    }

    private func resume(_ detail: RunDetail) async {
        let now = clock.now
        log.info("run \(detail.run.id) is taken up again")
        var record = detail.run
        record.selected = record.selected.filter { world.graph[$0]?.isMaterialized == true }
        let steps = Dictionary(detail.steps.map { ($0.asset, $0) }) { _, last in last }
        var machine = machine(
            for: record,
            recorded: await recorded(before: record),
            decided: steps.compactMapValues(\.decided)
        )
        let versions = world.materializations.mapValues(\.materialization.version)
        let (rest, resumed) = machine.replay(steps, versions, at: now)
        var state = ActiveRun(record: record, machine: machine, steps: steps)
        for asset in resumed {
            guard let step = steps[asset] else { continue }
            let number = max(step.attempt, 1)
            state.attempts[asset] = ActiveRun.Attempt(number: number, stop: StopSignal())
            let operation = detail.operations.last { $0.operation.asset == asset && $0.operation.attempt == number }
            state.leftBehind[asset] = operation?.operation
            // What went out under another configuration did what that one said, which nobody remembers.
            let isForeign = operation != nil && record.configVersion != project.configVersion
            state.machine.resume(
                asset,
                attempt: number,
                codeVersion: isForeign ? "" : nil,
                parking: step.parking
            )
        }
        for asset in record.selected { busy[asset] = record.id }
        let forgotten = detail.steps.filter { world.graph[$0.asset]?.isMaterialized != true && !$0.status.isFinished }
        state.hasForgotten = !forgotten.isEmpty
        active[record.id] = state
        // Before the rest: a step of a run that has ended stays as it is.
        await forget(forgotten, detail.operations.map(\.operation), at: now)
        await takeUp(resumed, of: record, rest, at: now)
    }

    /// Goes on with attempts that were under way, and with what the replay asked for.
    private func takeUp(
        _ resumed: [AssetKey],
        of record: RunRecord,
        _ rest: [RunMachine.Action],
        at now: Timestamp
    ) async {
        // Nothing new begins; what is out there is followed to its end all the same.
        let isCancelled = record.cancelRequestedBy != nil
        let isOver = isCancelled || project.mode == .observe
        var waiting: [Budgets.Holder] = []
        for asset in resumed {
            guard active[record.id]?.leftBehind[asset] != nil else {
                waiting.append(Budgets.Holder(run: record.id, asset: asset))
                continue
            }
            if isCancelled { active[record.id]?.attempts[asset]?.stop.raise(.cancelled) }
            await reattach(asset, in: record.id, at: now)
        }
        var actions = rest
        if isOver {
            let end = active[record.id]?.machine.cancel(at: now) ?? []
            actions += isCancelled ? end : end.filter { !isStop($0, in: record.id) }
            actions = actions.map { if case .finish = $0 { .finish(.cancelled) } else { $0 } }
        }
        await perform(actions, in: record.id)
        await admit(waiting, at: now)
        schedule(record.id)
    }

    /// Whether an action would end an attempt that has reached the outside.
    private func isStop(_ action: RunMachine.Action, in run: RunID) -> Bool {
        guard case .stop(let asset, _) = action else { return false }
        return active[run]?.attempts[asset]?.task != nil
    }

    /// Follows a remote operation that goes on whether or not anybody looks: no pool and no pause can hold it.
    private func reattach(_ asset: AssetKey, in run: RunID, at now: Timestamp) async {
        guard var state = active.removeValue(forKey: run) else { return }
        budgets.reclaim(Budgets.Holder(run: run, asset: asset), of: budgetNames(of: asset))
        if var step = state.steps[asset] {
            begin(&step, in: &state, at: now)
            state.steps[asset] = step
        }
        active[run] = state
        if let step = active[run]?.steps[asset] { _ = await append([.step(step)]) }
        start(asset, in: run)
    }

    /// Ends the steps of assets that are no longer in the project, and gives up what they had under way.
    ///
    /// How to ask after a remote operation stood in the asset's definition. Left in flight, it would keep every other
    /// asset from its target for ever; given up, it is somebody else's refresh to whoever comes next.
    private func forget(_ steps: [StepRecord], _ operations: [RemoteOperation], at now: Timestamp) async {
        var events: [RunEvent] = []
        for var step in steps {
            for var operation in operations where operation.asset == step.asset && operation.state.isInFlight {
                operation.state = .lost
                do throws(StoreError) {
                    try await store.commit(operation, RemoteEvent(at: now, name: "given_up"), by: writer)
                } catch {
                    notice(error)
                }
            }
            step.status = .cancelled
            step.failure = StepFailure(.configuration, .never, message: "the asset is no longer in the project")
            step.endedAt = now
            events.append(.step(step))
            let freed = free(Budgets.Holder(run: step.run, asset: step.asset), at: now)
            await admit(freed, at: now)
        }
        _ = await append(events)
    }

    /// The latest successes when a run began.
    private func recorded(before run: RunRecord) async -> [AssetKey: Materialization] {
        var found: [AssetKey: Materialization] = [:]
        for (asset, latest) in world.materializations(behind: run.selected) {
            let isOlder = { (record: MaterializationRecord) in record.run != run.id && record.at <= run.createdAt }
            if isOlder(latest) {
                found[asset] = latest.materialization
                continue
            }
            do {
                let history = try await store.materializations(of: asset, limit: 100)
                found[asset] = history.first(where: isOlder)?.materialization
            } catch {
                notice(error)
                found[asset] = latest.materialization
            }
        }
        return found
    }
}
