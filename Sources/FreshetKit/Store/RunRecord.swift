public import FreshetCore

public struct RunRecord: Hashable, Sendable {
    /// UUIDv7.
    public var id: RunID
    public var status: RunStatus
    public var trigger: TriggerRecord.Kind
    public var actor: Actor
    public var priority: Int
    public var tags: [String: String]
    public var parent: RunID?
    public var backfill: String?
    /// What the run may work on; nothing else.
    public var selected: [AssetKey]
    public var forced: [AssetKey]
    public var overdue: [AssetKey]
    /// Those for which a new date had begun.
    public var dayChanged: [AssetKey]
    /// Those that a slot refreshes whatever their inputs are.
    public var scheduled: [AssetKey: Timestamp]
    /// Those that a slot refreshes also when they are up to date.
    public var shadowed: [AssetKey: Timestamp]
    /// The observations it decides by, frozen.
    public var inputs: [AssetKey: Observation]
    public var configVersion: String
    public var graphHash: String
    public var createdAt: Timestamp
    public var endedAt: Timestamp?
    public var cancelRequestedBy: Actor?

    public init(
        id: RunID,
        status: RunStatus = .running,
        trigger: TriggerRecord.Kind,
        actor: Actor,
        priority: Int = 0,
        tags: [String: String] = [:],
        parent: RunID? = nil,
        backfill: String? = nil,
        selected: [AssetKey],
        forced: [AssetKey] = [],
        overdue: [AssetKey] = [],
        dayChanged: [AssetKey] = [],
        scheduled: [AssetKey: Timestamp] = [:],
        shadowed: [AssetKey: Timestamp] = [:],
        inputs: [AssetKey: Observation],
        configVersion: String,
        graphHash: String,
        createdAt: Timestamp,
        endedAt: Timestamp? = nil,
        cancelRequestedBy: Actor? = nil
    ) {
        self.id = id
        self.status = status
        self.trigger = trigger
        self.actor = actor
        self.priority = priority
        self.tags = tags
        self.parent = parent
        self.backfill = backfill
        self.selected = selected
        self.forced = forced
        self.overdue = overdue
        self.dayChanged = dayChanged
        self.scheduled = scheduled
        self.shadowed = shadowed
        self.inputs = inputs
        self.configVersion = configVersion
        self.graphHash = graphHash
        self.createdAt = createdAt
        self.endedAt = endedAt
        self.cancelRequestedBy = cancelRequestedBy
    }
}

public struct StepRecord: Hashable, Sendable {
    public var run: RunID
    public var asset: AssetKey
    public var status: StepStatus
    /// Of the present or last attempt; 0 before the first.
    public var attempt: Int
    public var causes: [Cause]
    public var skipReason: SkipReason?
    public var failure: StepFailure?
    public var startedAt: Timestamp?
    public var endedAt: Timestamp?
    public var deadline: Timestamp?
    /// When the next attempt is due.
    public var retryAt: Timestamp?
    /// How it was put off so far because the other side asked for it.
    public var parking: Parking?
    /// What a person wants to know of how it ended.
    public var details: JSONValue

    public init(
        run: RunID,
        asset: AssetKey,
        status: StepStatus = .waiting,
        attempt: Int = 0,
        causes: [Cause] = [],
        skipReason: SkipReason? = nil,
        failure: StepFailure? = nil,
        startedAt: Timestamp? = nil,
        endedAt: Timestamp? = nil,
        deadline: Timestamp? = nil,
        retryAt: Timestamp? = nil,
        parking: Parking? = nil,
        details: JSONValue = .object([:])
    ) {
        self.run = run
        self.asset = asset
        self.status = status
        self.attempt = attempt
        self.causes = causes
        self.skipReason = skipReason
        self.failure = failure
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.deadline = deadline
        self.retryAt = retryAt
        self.parking = parking
        self.details = details
    }
}

/// Something that happened in a run.
public enum RunEvent: Sendable {
    /// The step as it now is; replaces the step of the same run and asset.
    case step(StepRecord)
    case materialized(MaterializationRecord)
    case decided(DecisionRecord)
    /// What a check found out; replaces the result of the same run, asset and name.
    case checked(CheckRecord)
    case ended(RunID, RunStatus, at: Timestamp)
    /// A service throttled; replaces the record of the same budget.
    case throttled(BudgetRecord)
    /// How a part of a step stands; replaces that of the same run, asset, attempt and name.
    case subStep(SubStepRecord)
    /// A line that a step wrote; beyond ``LogRecord/limit`` of one step it is dropped.
    case logged(LogRecord)
}

public struct RunDetail: Sendable {
    public var run: RunRecord
    public var steps: [StepRecord]
    public var operations: [OperationDetail]
    /// In the order in which they were made.
    public var checks: [CheckRecord]
    /// In the order in which they were first told of.
    public var subSteps: [SubStepRecord]
    /// The triggers that it answers, oldest first; only of a run that was asked for by its id.
    public var triggers: [TriggerRecord] = []
    /// How many lines each step has written; only of a run that was asked for by its id.
    public var logLines: [AssetKey: Int] = [:]

    public init(
        run: RunRecord,
        steps: [StepRecord],
        operations: [OperationDetail],
        checks: [CheckRecord] = [],
        subSteps: [SubStepRecord] = []
    ) {
        self.run = run
        self.steps = steps
        self.operations = operations
        self.checks = checks
        self.subSteps = subSteps
    }
}

public struct OperationDetail: Sendable {
    public var operation: RemoteOperation
    /// Oldest first.
    public var events: [RemoteEvent]

    public init(operation: RemoteOperation, events: [RemoteEvent]) {
        self.operation = operation
        self.events = events
    }
}

/// A check of what a step made.
public struct CheckRecord: Hashable, Sendable {
    public var run: RunID
    public var asset: AssetKey
    public var result: CheckResult
    public var at: Timestamp

    public init(run: RunID, asset: AssetKey, result: CheckResult, at: Timestamp) {
        self.run = run
        self.asset = asset
        self.result = result
        self.at = at
    }
}

/// A part of a step.
public struct SubStepRecord: Hashable, Sendable {
    public var run: RunID
    public var asset: AssetKey
    /// 1 for the first.
    public var attempt: Int
    public var subStep: SubStep

    public init(run: RunID, asset: AssetKey, attempt: Int, subStep: SubStep) {
        self.run = run
        self.asset = asset
        self.attempt = attempt
        self.subStep = subStep
    }
}

/// A line of a step's log.
public struct LogRecord: Hashable, Sendable {
    /// How many lines of one step are kept.
    public static let limit = 10_000

    public var run: RunID
    public var asset: AssetKey
    /// 1 for the first.
    public var attempt: Int
    /// Counts the lines of the step from 1; given by the store.
    public var number: Int
    public var line: LogLine

    public init(run: RunID, asset: AssetKey, attempt: Int, number: Int = 0, line: LogLine) {
        self.run = run
        self.asset = asset
        self.attempt = attempt
        self.number = number
        self.line = line
    }
}
