public import FreshetCore

/// The seam to what is remembered, at the level of meaning.
///
/// Each write is one transaction that is durable when the call returns. It carries the epoch of the daemon that writes
/// and the actor on whose behalf it does; a write of a superseded epoch changes nothing and throws
/// ``StoreError/superseded``. Everything ordered is ordered by integer sequences of the store, never by clocks.
/// A conforming store passes `RunStoreConformance` of FreshetTesting.
public protocol RunStore: OperationLogStore {
    /// Makes this process the one that writes, and supersedes every other.
    func claim(owner: String, at now: Timestamp) async throws(StoreError) -> Epoch

    /// A look of a sensor: the tick, its cursor, its observations, the decisions and triggers that came of them.
    func commit(_ tick: TickCommit, by writer: Writer) async throws(StoreError)

    /// Decisions and triggers that came of something other than a tick, and the ends of older triggers.
    ///
    /// - Returns: for each trigger of `change`, in their order, its own id or the id of the stored trigger that has the
    ///   same key already.
    func commit(_ change: TriggerCommit, by writer: Writer) async throws(StoreError) -> [TriggerID]

    /// A new run with its steps, and the triggers that it answers; all or nothing.
    func begin(_ run: RunRecord, answering triggers: [TriggerID], by writer: Writer) async throws(StoreError)

    /// What happened in runs, in order. Calls made together may become one transaction.
    func append(_ events: [RunEvent], by writer: Writer) async throws(StoreError)

    /// Pauses or resumes; `nil` stands for everything.
    func setPaused(_ isPaused: Bool, _ asset: AssetKey?, at now: Timestamp, by writer: Writer) async throws(StoreError)

    /// Does what was asked for from outside, unless the same actor has asked it before.
    ///
    /// - Returns: what became of it; only with ``EffectOutcome/done`` anything was changed.
    func perform(_ effect: Effect, by writer: Writer) async throws(StoreError) -> EffectOutcome

    /// What ``perform(_:by:)`` would answer to an effect that was asked for before; `nil` for one that was not.
    func outcome(of effect: Effect, by actor: Actor) async throws(StoreError) -> EffectOutcome?

    /// - Returns: false when the run is not there or has ended.
    func requestCancel(of run: RunID, at now: Timestamp, by writer: Writer) async throws(StoreError) -> Bool

    /// Everything an engine needs to begin, as of one moment.
    func snapshot() async throws(StoreError) -> StoreSnapshot

    /// Newest first.
    func runs(_ query: RunQuery) async throws(StoreError) -> [RunRecord]

    /// A run with its steps, causes, and remote operations with their events; `nil` when there is none of that id.
    func run(_ id: RunID) async throws(StoreError) -> RunDetail?

    /// Newest first, each with its steps.
    func details(_ query: RunQuery) async throws(StoreError) -> [RunDetail]

    /// Steps that were worked on and have ended, the newest first.
    func finishedSteps(_ query: StepQuery) async throws(StoreError) -> [FinishedStep]

    /// What is another than it was, after a position in the sequence; none of it for `nil`.
    func changes(after sequence: Int64?, limit: Int) async throws(StoreError) -> Changes

    /// Newest first.
    func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditRecord]

    /// Oldest first; empty for a run that is not there.
    func log(_ query: LogQuery) async throws(StoreError) -> [LogRecord]

    /// Newest first.
    func decisions(_ query: DecisionQuery) async throws(StoreError) -> [DecisionRecord]

    /// Newest first; looks in a row that saw nothing new are one tick with a count.
    func ticks(_ query: TickQuery) async throws(StoreError) -> [TickRecord]

    /// Newest first.
    func materializations(of asset: AssetKey, limit: Int) async throws(StoreError) -> [MaterializationRecord]

    /// What moved, oldest first unless the query says otherwise.
    func observations(_ query: ObservationQuery) async throws(StoreError) -> [LoggedObservation]

    func trigger(_ id: TriggerID) async throws(StoreError) -> TriggerRecord?

    /// Waits for pending writes, then gives the store back. Idempotent.
    func close() async
}

/// The part of a store that remembers remote operations.
public protocol OperationLogStore: Sendable {
    func commit(
        _ operation: RemoteOperation,
        _ event: RemoteEvent,
        by writer: Writer
    ) async throws(StoreError)

    /// Newest first.
    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation]
}

/// The incarnation of the daemon that may write; grows with each claim.
public struct Epoch: Hashable, Comparable, Sendable {
    public var number: Int64
    public init(_ number: Int64) { self.number = number }
    public static func < (lhs: Epoch, rhs: Epoch) -> Bool { lhs.number < rhs.number }
}

/// Who writes, and for whom.
public struct Writer: Hashable, Sendable {
    public var epoch: Epoch
    public var actor: Actor

    public init(epoch: Epoch, actor: Actor) {
        self.epoch = epoch
        self.actor = actor
    }
}

/// On whose behalf something is done, such as `engine`, `user:ana` or `token:ci`.
public struct Actor: Hashable, Sendable, CustomStringConvertible {
    public var name: String
    public init(_ name: String) { self.name = name }
    public static let engine = Actor("engine")
    public var description: String { name }
}

/// Why a store did not do as asked; nothing was changed, but for ``unknownOutcome(_:)``.
public enum StoreError: Error, Hashable, Sendable {
    /// A newer epoch writes.
    case superseded
    /// Another process holds the store.
    case held(by: String)
    /// Another operation is in flight on the same target.
    case operationInFlight(target: String)
    /// No such file, or no right to it.
    case cannotOpen(path: String, reason: String)
    /// Written by a newer Freshet.
    case newerFormat(found: Int, known: Int)
    case corrupt(String)
    case full(String)
    /// The store did not say whether the write took place.
    case unknownOutcome(String)
    case failed(String)
}
