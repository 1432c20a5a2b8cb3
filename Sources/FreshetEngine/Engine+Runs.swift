public import FreshetCore
import FreshetFailpoints
public import FreshetKit
import Logging

extension Engine {
    /// Begins a run over exactly these assets; to be called inside ``exclusively(_:)``.
    ///
    /// - Returns: its id; `nil` when the store refused, and then nothing has happened.
    func begin(
        _ selected: [AssetKey],
        answering triggers: [TriggerRecord],
        kind: TriggerRecord.Kind,
        actor: Actor = .engine,
        forced: [AssetKey] = [],
        at now: Timestamp
    ) async -> RunID? {
        let slots = world.slotDemands
        let isSelected = Set(selected).contains
        let record = RunRecord(
            id: newID(),
            trigger: kind,
            actor: actor,
            selected: selected,
            forced: forced,
            overdue: selected.filter(world.overdue.contains),
            dayChanged: selected.filter { world.dayChange(of: $0, at: now) != nil && world.dayChanges[$0] != nil },
            scheduled: slots.scheduled.filter { isSelected($0.key) },
            shadowed: slots.shadowed.filter { isSelected($0.key) },
            inputs: world.inputs(of: selected),
            configVersion: project.configVersion,
            graphHash: graphHash,
            createdAt: now
        )
        guard await isBegun(record, answering: triggers.map(\.id)) else {
            agenda.isRefused = true
            return nil
        }
        for trigger in triggers { world.pending.remove(trigger.id) }
        for asset in selected { busy[asset] = record.id }
        log.info("run \(record.id) begins: \(selected.map(\.path).joined(separator: ", "))")
        let recorded = world.materializations(behind: selected).mapValues(\.materialization)
        var run = ActiveRun(record: record, machine: machine(for: record, recorded: recorded))
        let actions = run.machine.start(at: now)
        active[record.id] = run
        await perform(actions, in: record.id)
        return record.id
    }

    private func isBegun(_ record: RunRecord, answering triggers: [TriggerID]) async -> Bool {
        do throws(StoreError) {
            do throws(StoreError) {
                try failpoint(.planBeforeCommit) { StoreError.failed($0) }
                try await store.begin(record, answering: triggers, by: Writer(epoch: epoch, actor: record.actor))
                try failpoint(.planAfterCommit) { StoreError.unknownOutcome($0) }
                return true
            } catch .unknownOutcome {
                return try await store.run(record.id) != nil
            }
        } catch {
            notice(error)
            return false
        }
    }

    /// The machine of a run as it was when the run began.
    ///
    /// - Parameters:
    ///   - record: the run.
    ///   - recorded: the latest successes at that time, of all that it may ask for.
    ///   - decided: what a former process decided already.
    /// - Returns: a machine that has not started.
    func machine(
        for record: RunRecord,
        recorded: [AssetKey: Materialization],
        decided: [AssetKey: Decision] = [:]
    ) -> RunMachine {
        let dayChanges = record.dayChanged.map { ($0, world.dayChange(of: $0, at: record.createdAt)) }
        let input = PlanInput(
            graph: world.graph,
            recorded: recorded,
            observed: record.inputs,
            selected: Set(record.selected),
            forced: Set(record.forced),
            overdue: Set(record.overdue),
            dayChanges: Dictionary(dayChanges) { first, _ in first }.compactMapValues { $0 },
            scheduled: record.scheduled,
            shadowed: record.shadowed
        )
        var hash = Fingerprint()
        hash.add(record.id)
        let seed = UInt64(hash.hexadecimal.suffix(16), radix: 16) ?? 0
        return RunMachine(input, seed: seed, decided: decided)
    }

    /// Decides again on what the run touched: it may have failed, and things may have moved meanwhile.
    func finished(_ run: RunID, _ status: RunStatus) async {
        guard let state = active.removeValue(forKey: run) else { return }
        log.info("run \(run) \(status.rawValue)")
        runDeadlines.clear(run)
        for asset in state.record.selected where busy[asset] == run { busy[asset] = nil }
        let touched = world.graph.withSteps(state.record.selected)
        let targets = Automation.targets(of: touched, in: world.graph)
        agenda.candidates.formUnion(world.graph.descent(of: touched).map(\.key).filter(world.pending.isTarget))
        await decide(on: targets, kind: .sensor, key: "\(run):after", keepsSkips: false, at: clock.now)
        triggersMoved.ring()
    }

    /// Stops a run on behalf of whoever asked for it in the store.
    public func noticeCancel(of run: RunID, by actor: Actor) async {
        await exclusively {
            // A process that ends leaves it to the next one, which finds the wish in the store.
            guard !isStopping, active[run] != nil else { return }
            active[run]?.record.cancelRequestedBy = actor
            log.info("run \(run): cancel asked for by \(actor)")
            guard let actions = active[run]?.machine.cancel(at: clock.now) else { return }
            await perform(actions, in: run)
        }
    }

    /// Begins retries that are due and what time lets in, and stops attempts whose deadline has passed.
    ///
    /// - Returns: when to look again; `nil` for not before a run moves.
    func serveRunTimers() async -> Timestamp? {
        await exclusively {
            let now = clock.now
            await noticeThrottling(at: now)
            for run in runDeadlines.due(at: now) where !isStopping {
                if let actions = active[run]?.machine.due(at: now) { await perform(actions, in: run) }
                schedule(run)
            }
            guard !isStopping else { return nil }
            await admit(blackouts.due(at: now), at: now)
            await admit(budgets.due(at: now), at: now)
            let moments = [runDeadlines.first, blackouts.first, budgets.nextOpening(at: now)]
            return isStopping ? nil : moments.compactMap { $0 }.min()
        }
    }

    /// Notes when a run has something to do next.
    func schedule(_ run: RunID) {
        let before = runDeadlines.first
        if let next = active[run]?.machine.nextDeadline {
            runDeadlines.set(run, next)
        } else {
            runDeadlines.clear(run)
        }
        if let first = runDeadlines.first, first != before { runTimers.ring() }
    }
}
