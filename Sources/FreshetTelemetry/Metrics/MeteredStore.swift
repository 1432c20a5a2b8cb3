package import FreshetCore
package import FreshetKit
private import Synchronization

/// Counts what is written to a store, once it is durable; what is read goes through.
///
/// All that the engine does passes here, so that nothing has to be counted where it is decided. It also knows whether the
/// store takes what it is given.
package final class MeteredStore: RunStore {
    let base: any RunStore
    let meters: Meters
    private let clock: any EngineClock
    private let ledger: Ledger
    private let refusal = Mutex<StoreError?>(nil)

    /// Why the store did not take the last thing it was given; `nil` when it did.
    package var trouble: StoreError? { refusal.withLock(\.self) }

    /// - Parameters:
    ///   - base: remembers.
    ///   - meters: where is counted.
    ///   - clock: tells how long a write took.
    ///   - sensor: what the figures call a sensor.
    package init(
        _ base: any RunStore,
        meters: Meters,
        clock: any EngineClock,
        sensor: @escaping @Sendable (String) -> String = { $0 }
    ) {
        self.base = base
        self.meters = meters
        self.clock = clock
        ledger = Ledger(meters, sensor: sensor)
    }

    private func timed<Value: Sendable>(
        _ write: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let began = clock.now
        defer { meters.observe(.storeCommitDuration, took: clock.now - began) }
        do {
            let value = try await write()
            refusal.withLock { $0 = nil }
            return value
        } catch {
            note(error)
            throw error
        }
    }

    private func note(_ error: StoreError) {
        switch error {
        case .full, .unknownOutcome, .failed, .corrupt: refusal.withLock { $0 = error }
        // It works, and somebody or something else goes first.
        case .superseded, .held, .operationInFlight, .cannotOpen, .newerFormat: break
        }
    }

    // MARK: Writing

    package func claim(owner: String, at now: Timestamp) async throws(StoreError) -> Epoch {
        try await base.claim(owner: owner, at: now)
    }

    package func commit(_ tick: TickCommit, by writer: Writer) async throws(StoreError) {
        try await timed { () throws(StoreError) in try await base.commit(tick, by: writer) }
        ledger.note(tick.tick)
        ledger.note(tick.change)
    }

    package func commit(_ change: TriggerCommit, by writer: Writer) async throws(StoreError) -> [TriggerID] {
        let ids = try await timed { () throws(StoreError) in try await base.commit(change, by: writer) }
        var kept = change
        // One that was there already was counted when it came.
        kept.triggers = zip(change.triggers, ids).filter { $0.id == $1 }.map(\.0)
        ledger.note(kept)
        return ids
    }

    package func begin(_ run: RunRecord, answering triggers: [TriggerID], by writer: Writer) async throws(StoreError) {
        try await timed { () throws(StoreError) in try await base.begin(run, answering: triggers, by: writer) }
        ledger.begin(run, answering: triggers)
    }

    package func append(_ events: [RunEvent], by writer: Writer) async throws(StoreError) {
        try await timed { () throws(StoreError) in try await base.append(events, by: writer) }
        for event in events { ledger.note(event) }
    }

    package func setPaused(
        _ isPaused: Bool,
        _ asset: AssetKey?,
        at now: Timestamp,
        by writer: Writer
    ) async throws(StoreError) {
        try await timed { () throws(StoreError) in
            try await base.setPaused(isPaused, asset, at: now, by: writer)
        }
    }

    package func perform(_ effect: Effect, by writer: Writer) async throws(StoreError) -> EffectOutcome {
        let outcome = try await timed { () throws(StoreError) in try await base.perform(effect, by: writer) }
        if outcome == .done { ledger.note(effect.change) }
        return outcome
    }

    package func requestCancel(of run: RunID, at now: Timestamp, by writer: Writer) async throws(StoreError) -> Bool {
        try await timed { () throws(StoreError) in try await base.requestCancel(of: run, at: now, by: writer) }
    }

    package func commit(
        _ operation: RemoteOperation,
        _ event: RemoteEvent,
        by writer: Writer
    ) async throws(StoreError) {
        try await timed { () throws(StoreError) in try await base.commit(operation, event, by: writer) }
        ledger.note(operation, event.name)
    }

    package func close() async { await base.close() }

    // MARK: Reading

    package func outcome(of effect: Effect, by actor: Actor) async throws(StoreError) -> EffectOutcome? {
        try await base.outcome(of: effect, by: actor)
    }

    /// Also learns what a former process left to be done.
    package func snapshot() async throws(StoreError) -> StoreSnapshot {
        let snapshot = try await base.snapshot()
        ledger.restore(snapshot)
        return snapshot
    }

    package func runs(_ query: RunQuery) async throws(StoreError) -> [RunRecord] { try await base.runs(query) }

    package func run(_ id: RunID) async throws(StoreError) -> RunDetail? { try await base.run(id) }

    package func details(_ query: RunQuery) async throws(StoreError) -> [RunDetail] { try await base.details(query) }

    package func finishedSteps(_ query: StepQuery) async throws(StoreError) -> [FinishedStep] {
        try await base.finishedSteps(query)
    }

    package func changes(after sequence: Int64?, limit: Int) async throws(StoreError) -> Changes {
        try await base.changes(after: sequence, limit: limit)
    }

    package func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditRecord] { try await base.audit(query) }

    package func log(_ query: LogQuery) async throws(StoreError) -> [LogRecord] { try await base.log(query) }

    package func decisions(_ query: DecisionQuery) async throws(StoreError) -> [DecisionRecord] {
        try await base.decisions(query)
    }

    package func ticks(_ query: TickQuery) async throws(StoreError) -> [TickRecord] { try await base.ticks(query) }

    package func materializations(
        of asset: AssetKey,
        limit: Int
    ) async throws(StoreError) -> [MaterializationRecord] {
        try await base.materializations(of: asset, limit: limit)
    }

    package func observations(_ query: ObservationQuery) async throws(StoreError) -> [LoggedObservation] {
        try await base.observations(query)
    }

    package func trigger(_ id: TriggerID) async throws(StoreError) -> TriggerRecord? { try await base.trigger(id) }

    package func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] {
        try await base.operations(on: target, limit: limit)
    }
}
