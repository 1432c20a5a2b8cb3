public import FreshetCore

/// Does the work of a materialized asset.
///
/// A kind is also its own configuration: one value per asset. To add one, write one file that conforms, and add its
/// type to the target's `Catalog.swift`.
public protocol AssetKind: Configurable {
    init(from settings: Settings) throws(Diagnostic)

    /// The parts that can be refreshed alone, each with the assets it is read from.
    var parts: [String: [AssetKey]] { get }

    /// How often the service allows this work; `nil` when it does not count.
    var quota: Quota? { get }

    /// How much is really refreshed when this much has to be: a part may be no less work than the whole.
    func refreshed(for extent: Extent) -> Extent

    /// A fingerprint of what the asset holds, read from it; only to prove that a refresh changed nothing.
    ///
    /// - Returns: `nil` for a kind that cannot tell. Equal for equal contents.
    /// - Throws: any error of the system behind it; nothing is proved then.
    func fingerprint(_ step: StepContext) async throws -> String?

    /// The system that does the work, as people call it.
    static var system: String { get }

    /// Does the work once, or takes up an attempt that a former process began.
    ///
    /// Returns when the work has ended. Cancelling the task means that this process ends: return at once, leave remote
    /// work running and its state in `step.operations`, and the next process resumes it. A wish to stop the work itself
    /// comes through `step.stop`.
    func materialize(_ step: StepContext) async -> StepOutcome
}

extension AssetKind {
    public var parts: [String: [AssetKey]] { [:] }

    public var quota: Quota? { nil }

    public func refreshed(for extent: Extent) -> Extent { extent }

    public func fingerprint(_ step: StepContext) async throws -> String? { nil }

    /// What stands before the dot of the kind's name.
    public static var system: String { name.split(separator: ".").first.map(String.init) ?? name }
}

/// Everything that one attempt of a step may use.
public struct StepContext: Sendable {
    public var asset: AssetKey
    public var run: RunID
    /// 1 for the first.
    public var attempt: Int
    public var causes: [Cause]
    public var extent: Extent
    /// The asset's last success, with what it was made from; `nil` before the first.
    public var previous: Materialization?
    /// A hash of the asset's definition, as far as it alters the work.
    public var codeVersion: String
    /// When the plan read this step's inputs, or the nearest moment after that which is known; `nil` for now.
    public var plannedAt: Timestamp?
    /// What each input that Freshet only looks at was seen as when the run was planned.
    public var inputs: [AssetKey: Observation]
    /// When the newest change among its inputs was seen; `nil` when that is not known for each of them.
    public var inputsChangedAt: Timestamp?
    /// When the attempt has to have ended; absolute, and kept across restarts.
    public var deadline: Timestamp?
    /// The remote operation that a former process left behind for this attempt.
    public var resuming: RemoteOperation?
    public var connections: Connections
    public var surroundings: Surroundings
    public var operations: any OperationLog
    public var stop: StopSignal
    /// Tells what is going on, in a few words; not stored as evidence.
    public var report: @Sendable (String) async -> Void
    /// Puts on record how a part of the work stands now; replaces what was told of the same name in this attempt.
    public var progress: @Sendable (SubStep) async -> Void
    /// Puts a line on record; of one step, at most 10,000 are kept.
    public var log: @Sendable (LogLine) async -> Void

    public init(
        asset: AssetKey,
        run: RunID,
        attempt: Int,
        causes: [Cause],
        extent: Extent,
        previous: Materialization? = nil,
        codeVersion: String = "",
        plannedAt: Timestamp? = nil,
        inputs: [AssetKey: Observation] = [:],
        inputsChangedAt: Timestamp? = nil,
        deadline: Timestamp?,
        resuming: RemoteOperation?,
        connections: Connections,
        surroundings: Surroundings,
        operations: any OperationLog,
        stop: StopSignal,
        report: @escaping @Sendable (String) async -> Void,
        progress: @escaping @Sendable (SubStep) async -> Void = { _ in },
        log: @escaping @Sendable (LogLine) async -> Void = { _ in }
    ) {
        self.asset = asset
        self.run = run
        self.attempt = attempt
        self.causes = causes
        self.extent = extent
        self.previous = previous
        self.codeVersion = codeVersion
        self.plannedAt = plannedAt
        self.inputs = inputs
        self.inputsChangedAt = inputsChangedAt
        self.deadline = deadline
        self.resuming = resuming
        self.connections = connections
        self.surroundings = surroundings
        self.operations = operations
        self.stop = stop
        self.report = report
        self.progress = progress
        self.log = log
    }
}

/// Where a kind writes down an effect before it happens.
public protocol OperationLog: Sendable {
    /// Returns when the operation's state is durable.
    ///
    /// - Throws: ``StoreError/operationInFlight(target:)`` when another operation is in flight on the same target, and
    ///   any other ``StoreError``; nothing may be sent then.
    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError)

    /// Every operation on this target, the newest first, so that history can be told apart from foreign refreshes.
    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation]
}

/// How an attempt ended.
public enum StepOutcome: Hashable, Sendable {
    case succeeded(StepSuccess)
    case failed(StepFailure)
    /// Ended by request.
    case cancelled(StepCancellation)
    /// Nothing may be done now, and that is no failure.
    case held(SkipReason)
    /// The process ends; the attempt goes on and is resumed by the next.
    case left
}

public struct StepSuccess: Hashable, Sendable {
    /// What came out; `nil` stands for a hash of what went in.
    public var version: DataVersion?
    /// Tells this success from others with the same inputs, such as a request id.
    public var nonce: String?
    /// What a person wants to know of it, by name: request id, type, duration, tables.
    public var details: JSONValue
    /// How much was refreshed, where that is more than was asked for.
    public var extent: Extent?
    /// The checks that were made on what came out; none that failed is of the severity `error`.
    public var checks: [CheckResult]

    public init(
        version: DataVersion? = nil,
        nonce: String? = nil,
        details: JSONValue = .object([:]),
        extent: Extent? = nil,
        checks: [CheckResult] = []
    ) {
        self.version = version
        self.nonce = nonce
        self.details = details
        self.extent = extent
        self.checks = checks
    }
}

public struct StepCancellation: Hashable, Sendable {
    /// False when the remote work could not be stopped and still runs.
    public var isRemoteStopped: Bool
    public var message: String
    public var details: JSONValue

    public init(isRemoteStopped: Bool, message: String, details: JSONValue = .object([:])) {
        self.isRemoteStopped = isRemoteStopped
        self.message = message
        self.details = details
    }
}
