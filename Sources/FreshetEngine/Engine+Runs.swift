public import FreshetCore
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
        let overdue = world.overdue(at: now)
        let record = RunRecord(
            id: newID(),
            trigger: kind,
            actor: actor,
            selected: selected,
            forced: forced,
            overdue: selected.filter(overdue.contains),
            inputs: world.inputs(of: selected),
            configVersion: project.configVersion,
            graphHash: graphHash,
            createdAt: now
        )
        do {
            try await store.begin(record, answering: triggers.map(\.id), by: Writer(epoch: epoch, actor: actor))
        } catch {
            notice(error)
            return nil
        }
        let answered = Set(triggers.map(\.id))
        world.pending.removeAll { answered.contains($0.id) }
        log.info("run \(record.id) begins: \(selected.map(\.path).joined(separator: ", "))")
        var run = ActiveRun(record: record, machine: machine(for: record))
        let actions = run.machine.start(at: now)
        active[record.id] = run
        await perform(actions, in: record.id)
        return record.id
    }

    func machine(for record: RunRecord) -> RunMachine {
        var input = world.planInput(at: record.createdAt)
        input.observed = record.inputs
        input.selected = Set(record.selected)
        input.forced = Set(record.forced)
        input.overdue = Set(record.overdue)
        var hash = Fingerprint()
        hash.add(record.id)
        return RunMachine(input, seed: UInt64(hash.hexadecimal.suffix(16), radix: 16) ?? 0)
    }

    /// Carries out what a run's machine asks for: first to the store, then in the world.
    func perform(_ actions: [RunMachine.Action], in run: RunID) async {
        guard !actions.isEmpty, var state = active[run] else { return }
        let now = clock.now
        var events: [RunEvent] = []
        var starting: [AssetKey] = []
        var status: RunStatus?
        for action in actions {
            switch action {
            case .launch(let asset, let attempt, let causes):
                let isNew = state.steps[asset].map { $0.attempt != attempt } ?? true
                var step = state.steps[asset] ?? StepRecord(run: run, asset: asset)
                step.attempt = attempt
                step.causes = causes
                step.retryAt = nil
                step.status = .queued
                if attempt == 1, isNew {
                    let decided = Plan.Step(asset: asset, decision: .run(causes), evidence: state.machine.evidence(for: asset))
                    events.append(.decided(record(decided, run: run, at: now)))
                }
                state.attempts[asset] = ActiveRun.Attempt(number: attempt, stop: StopSignal())
                let holder = Pools.Holder(run: run, asset: asset)
                if pools.request(holder, of: pool(of: asset), priority: state.record.priority) {
                    begin(&step, in: &state, at: now)
                    starting.append(asset)
                }
                state.steps[asset] = step
                events.append(.step(step))
            case .record(let materialization):
                state.steps[materialization.asset]?.status = .succeeded
                state.steps[materialization.asset]?.endedAt = now
                if let step = state.steps[materialization.asset] { events.append(.step(step)) }
                events.append(.materialized(materialized(materialization, in: state, at: now)))
            case .recordSkip(let asset, let reason):
                guard state.steps[asset]?.status.isFinished != true else { continue }
                let step = StepRecord(run: run, asset: asset, status: .skipped, skipReason: reason, endedAt: now)
                state.steps[asset] = step
                let decided = Plan.Step(asset: asset, decision: .skip(reason), evidence: state.machine.evidence(for: asset))
                events.append(.step(step))
                events.append(.decided(record(decided, run: run, at: now)))
            case .retry(let asset, _, let moment):
                state.steps[asset]?.status = .retrying
                state.steps[asset]?.retryAt = moment
                if let step = state.steps[asset] { events.append(.step(step)) }
            case .stop(let asset, let reason): state.attempts[asset]?.stop.raise(reason)
            case .recordFailure(let asset, let failure):
                guard state.steps[asset]?.status.isFinished != true else { continue }
                state.steps[asset]?.status = failure.code == .cancelled ? .cancelled : .failed
                state.steps[asset]?.failure = failure
                state.steps[asset]?.endedAt = now
                state.steps[asset]?.retryAt = nil
                if let step = state.steps[asset] { events.append(.step(step)) }
            case .finish(let end):
                status = end
                state.record.status = end
                state.record.endedAt = now
                events.append(.ended(run, end, at: now))
            }
        }
        active[run] = state
        await append(events)
        note(events)
        for asset in starting { start(asset, in: run) }
        if let status { await finished(run, status) }
        runTimers.ring()
    }

    /// The attempt has its slot.
    func begin(_ step: inout StepRecord, in state: inout ActiveRun, at now: Timestamp) {
        let isResumed = step.status == .running
        step.status = .running
        step.startedAt = isResumed ? step.startedAt ?? now : now
        step.deadline = state.machine.began(step.asset, at: now, deadline: isResumed ? step.deadline : nil)
    }

    func pool(of asset: AssetKey) -> String? { world.graph[asset]?.policy.pool }

    /// Appends, again and again while the store is full: what has happened cannot be taken back.
    ///
    /// A store that says no for good is told to the log; the next start replays the run from what it has.
    func append(_ events: [RunEvent]) async {
        guard !events.isEmpty else { return }
        var wait = Duration.milliseconds(100)
        while true {
            do {
                return try await store.append(events, by: writer)
            } catch {
                notice(error)
                switch error {
                case .full, .unknownOutcome: break
                default: return
                }
            }
            // Cancelled: the process ends, and the next one finds the remote operations and takes them up.
            do { try await clock.sleep(for: wait) } catch { return }
            wait = min(wait * 2, .seconds(30))
        }
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
            extent: Extent(step?.causes ?? []),
            details: step?.details ?? .object([:])
        )
    }

    private func note(_ events: [RunEvent]) {
        for event in events {
            switch event {
            case .materialized(let record): world.apply(record)
            case .step(let step): world.apply(finished: step)
            case .decided, .ended: break
            }
        }
    }

    /// Decides again on what the run touched: it may have failed, and things may have moved meanwhile.
    private func finished(_ run: RunID, _ status: RunStatus) async {
        guard let state = active.removeValue(forKey: run) else { return }
        log.info("run \(run) \(status.rawValue)")
        let targets = Automation.targets(of: state.record.selected, in: world.graph)
        let now = clock.now
        await commit(evaluate(targets, in: world, kind: .sensor, key: "\(run):after", at: now))
        triggersMoved.ring()
        runsEnded.ring()
    }

    /// Stops a run on behalf of whoever asked for it in the store.
    public func noticeCancel(of run: RunID, by actor: Actor) async {
        await exclusively {
            guard active[run] != nil else { return }
            active[run]?.record.cancelRequestedBy = actor
            log.info("run \(run): cancel asked for by \(actor)")
            guard let actions = active[run]?.machine.cancel(at: clock.now) else { return }
            await perform(actions, in: run)
        }
    }

    /// Begins retries that are due and stops attempts whose deadline has passed.
    ///
    /// - Returns: when to look again; `nil` for not before a run moves.
    func serveRunTimers() async -> Timestamp? {
        await exclusively {
            let now = clock.now
            for run in active.keys.sorted() {
                guard let next = active[run]?.machine.nextDeadline, next <= now,
                    let actions = active[run]?.machine.due(at: now)
                else { continue }
                await perform(actions, in: run)
            }
            return active.values.compactMap(\.machine.nextDeadline).min()
        }
    }
}
