import FreshetCore
import FreshetKit
import Synchronization

/// A store that refuses to write when a test says so.
final class FlakyStore: RunStore {
    private let store: any RunStore
    private struct State {
        var refusal: StoreError?
        var writes = 0
        /// How many writes go through before it refuses; `nil` to refuse at once.
        var patience: Int?
    }
    private let state = Mutex(State())

    init(_ store: any RunStore) { self.store = store }

    /// Refuses from now on, or after some more writes.
    func refuse(_ error: StoreError, after writes: Int = 0) {
        state.withLock { state in
            state.refusal = error
            state.patience = writes
        }
    }

    func consent() { state.withLock { $0.refusal = nil } }

    var writes: Int { state.withLock { $0.writes } }

    private func check() throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            if let refusal = state.refusal {
                guard let patience = state.patience, patience > 0 else { throw refusal }
                state.patience = patience - 1
            }
            state.writes += 1
        }
    }

    func claim(owner: String, at now: Timestamp) async throws(StoreError) -> Epoch {
        try await store.claim(owner: owner, at: now)
    }

    func commit(_ tick: TickCommit, by writer: Writer) async throws(StoreError) {
        try check()
        try await store.commit(tick, by: writer)
    }

    func commit(_ change: TriggerCommit, by writer: Writer) async throws(StoreError) -> [TriggerID] {
        try check()
        return try await store.commit(change, by: writer)
    }

    func begin(_ run: RunRecord, answering triggers: [TriggerID], by writer: Writer) async throws(StoreError) {
        try check()
        try await store.begin(run, answering: triggers, by: writer)
    }

    func append(_ events: [RunEvent], by writer: Writer) async throws(StoreError) {
        try check()
        try await store.append(events, by: writer)
    }

    func setPaused(
        _ isPaused: Bool,
        _ asset: AssetKey?,
        at now: Timestamp,
        by writer: Writer
    ) async throws(StoreError) {
        try await store.setPaused(isPaused, asset, at: now, by: writer)
    }

    func requestCancel(of run: RunID, at now: Timestamp, by writer: Writer) async throws(StoreError) -> Bool {
        try await store.requestCancel(of: run, at: now, by: writer)
    }

    func commit(
        _ operation: RemoteOperation,
        _ event: RemoteEvent,
        by writer: Writer
    ) async throws(StoreError) {
        try check()
        try await store.commit(operation, event, by: writer)
    }

    func snapshot() async throws(StoreError) -> StoreSnapshot { try await store.snapshot() }

    func runs(_ query: RunQuery) async throws(StoreError) -> [RunRecord] { try await store.runs(query) }

    func perform(_ effect: Effect, by writer: Writer) async throws(StoreError) -> EffectOutcome {
        try check()
        return try await store.perform(effect, by: writer)
    }

    func outcome(of effect: Effect, by actor: Actor) async throws(StoreError) -> EffectOutcome? {
        try await store.outcome(of: effect, by: actor)
    }

    func details(_ query: RunQuery) async throws(StoreError) -> [RunDetail] { try await store.details(query) }

    func finishedSteps(_ query: StepQuery) async throws(StoreError) -> [FinishedStep] {
        try await store.finishedSteps(query)
    }

    func changes(after sequence: Int64?, limit: Int) async throws(StoreError) -> Changes {
        try await store.changes(after: sequence, limit: limit)
    }

    func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditRecord] { try await store.audit(query) }

    func run(_ id: RunID) async throws(StoreError) -> RunDetail? { try await store.run(id) }

    func log(_ query: LogQuery) async throws(StoreError) -> [LogRecord] { try await store.log(query) }

    func decisions(_ query: DecisionQuery) async throws(StoreError) -> [DecisionRecord] {
        try await store.decisions(query)
    }

    func ticks(_ query: TickQuery) async throws(StoreError) -> [TickRecord] { try await store.ticks(query) }

    func materializations(
        of asset: AssetKey,
        limit: Int
    ) async throws(StoreError) -> [MaterializationRecord] {
        try await store.materializations(of: asset, limit: limit)
    }

    func observations(_ query: ObservationQuery) async throws(StoreError) -> [LoggedObservation] {
        try await store.observations(query)
    }

    func trigger(_ id: TriggerID) async throws(StoreError) -> TriggerRecord? { try await store.trigger(id) }

    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] {
        try await store.operations(on: target, limit: limit)
    }

    func close() async { await store.close() }
}
