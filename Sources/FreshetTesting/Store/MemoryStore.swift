package import FreshetCore
package import FreshetKit
import Synchronization

/// A store in memory with every promise of ``RunStore`` but durability beyond its ``MemoryDisk``; for tests.
package final class MemoryStore: RunStore {
    private let disk: MemoryDisk
    private let isWriter: Bool
    private let isOpen = Mutex(true)

    /// A store with a disk of its own.
    package convenience init() { self.init(on: MemoryDisk(), isWriter: true) }

    init(on disk: MemoryDisk, isWriter: Bool) {
        self.disk = disk
        self.isWriter = isWriter
    }

    package func close() async {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        if wasOpen, isWriter { disk.release() }
    }

    private func read<Value>(_ body: (MemoryContents) throws(StoreError) -> Value) throws(StoreError) -> Value {
        guard isOpen.withLock({ $0 }) else { throw .failed("the store is closed") }
        return try disk.read(body)
    }

    private func write<Value: Sendable>(
        by writer: Writer?,
        _ body: (inout MemoryContents) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        guard isOpen.withLock({ $0 }) else { throw .failed("the store is closed") }
        guard isWriter else { throw .failed("the store is open for reading only") }
        return try disk.write { contents throws(StoreError) in
            if let writer, writer.epoch != contents.epoch { throw .superseded }
            return try body(&contents)
        }
    }
}

extension MemoryStore {
    package func claim(owner: String, at now: Timestamp) async throws(StoreError) -> Epoch {
        try write(by: nil) { contents throws(StoreError) in
            contents.epoch = Epoch(contents.epoch.number + 1)
            contents.ledger.note(.config, "", word: "claimed")
            return contents.epoch
        }
    }

    package func commit(_ tick: TickCommit, by writer: Writer) async throws(StoreError) {
        try write(by: writer) { contents throws(StoreError) in try contents.commit(tick) }
    }

    package func commit(_ change: TriggerCommit, by writer: Writer) async throws(StoreError) -> [TriggerID] {
        try write(by: writer) { contents throws(StoreError) in try contents.commit(change) }
    }

    package func begin(
        _ run: RunRecord,
        answering triggers: [TriggerID],
        by writer: Writer
    ) async throws(StoreError) {
        try write(by: writer) { contents throws(StoreError) in try contents.begin(run, answering: triggers) }
    }

    package func append(_ events: [RunEvent], by writer: Writer) async throws(StoreError) {
        try write(by: writer) { contents throws(StoreError) in
            for event in events { try contents.append(event) }
        }
    }

    package func setPaused(
        _ isPaused: Bool,
        _ asset: AssetKey?,
        at now: Timestamp,
        by writer: Writer
    ) async throws(StoreError) {
        try write(by: writer) { contents throws(StoreError) in
            contents.setPaused(isPaused, asset.map { .asset($0) } ?? .everything)
            let entry = AuditEntry(isPaused ? "pauses.set" : "pauses.clear", target: asset?.path)
            contents.ledger.audit(entry, by: writer.actor, at: now)
        }
    }

    package func requestCancel(of run: RunID, at now: Timestamp, by writer: Writer) async throws(StoreError) -> Bool {
        try write(by: writer) { contents throws(StoreError) in
            guard contents.requestCancel(of: run, by: writer.actor) else { return false }
            contents.ledger.audit(AuditEntry("runs.cancel", target: run), by: writer.actor, at: now)
            return true
        }
    }

    package func perform(_ effect: Effect, by writer: Writer) async throws(StoreError) -> EffectOutcome {
        try write(by: writer) { contents throws(StoreError) in try contents.perform(effect, by: writer.actor) }
    }

    package func commit(
        _ operation: RemoteOperation,
        _ event: RemoteEvent,
        by writer: Writer
    ) async throws(StoreError) {
        try write(by: writer) { contents throws(StoreError) in try contents.commit(operation, event) }
    }

    package func snapshot() async throws(StoreError) -> StoreSnapshot {
        try read { contents throws(StoreError) in contents.snapshot }
    }

    package func runs(_ query: RunQuery) async throws(StoreError) -> [RunRecord] {
        try read { contents throws(StoreError) in contents.runs(query) }
    }

    package func outcome(of effect: Effect, by actor: Actor) async throws(StoreError) -> EffectOutcome? {
        try read { contents throws(StoreError) in contents.ledger.answer(to: effect, by: actor) }
    }

    package func details(_ query: RunQuery) async throws(StoreError) -> [RunDetail] {
        try read { contents throws(StoreError) in contents.runs(query).compactMap { contents.detail(of: $0.id) } }
    }

    package func finishedSteps(_ query: StepQuery) async throws(StoreError) -> [FinishedStep] {
        try read { contents throws(StoreError) in contents.finishedSteps(query) }
    }

    package func changes(after sequence: Int64?, limit: Int) async throws(StoreError) -> Changes {
        try read { contents throws(StoreError) in contents.ledger.changes(after: sequence, limit: limit) }
    }

    package func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditRecord] {
        try read { contents throws(StoreError) in contents.ledger.audit(query) }
    }

    package func run(_ id: RunID) async throws(StoreError) -> RunDetail? {
        try read { contents throws(StoreError) in contents.detail(of: id) }
    }

    package func log(_ query: LogQuery) async throws(StoreError) -> [LogRecord] {
        try read { contents throws(StoreError) in contents.log(query) }
    }

    package func decisions(_ query: DecisionQuery) async throws(StoreError) -> [DecisionRecord] {
        try read { contents throws(StoreError) in contents.decisions(query) }
    }

    package func ticks(_ query: TickQuery) async throws(StoreError) -> [TickRecord] {
        try read { contents throws(StoreError) in contents.ticks(query) }
    }

    package func materializations(
        of asset: AssetKey,
        limit: Int
    ) async throws(StoreError) -> [MaterializationRecord] {
        try read { contents throws(StoreError) in contents.materializations(of: asset, limit: limit) }
    }

    package func observations(_ query: ObservationQuery) async throws(StoreError) -> [LoggedObservation] {
        try read { contents throws(StoreError) in contents.observations(query) }
    }

    package func trigger(_ id: TriggerID) async throws(StoreError) -> TriggerRecord? {
        try read { contents throws(StoreError) in contents.triggers.first { $0.id == id } }
    }

    package func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] {
        try read { contents throws(StoreError) in contents.operations(on: target, limit: limit) }
    }
}
