public import FreshetCore

/// One look of a sensor and all that came of it.
public struct TickCommit: Sendable {
    public var tick: TickRecord
    /// `nil` leaves the stored cursor as it is.
    public var cursor: String?
    /// Only those that differ from the last one, or are the first; see ``TickCommit/verified``.
    public var observations: [AssetKey: Observation]
    /// What was looked at and found as it was.
    public var verified: [AssetKey]
    public var change: TriggerCommit

    public init(
        tick: TickRecord,
        cursor: String?,
        observations: [AssetKey: Observation],
        verified: [AssetKey],
        change: TriggerCommit = TriggerCommit()
    ) {
        self.tick = tick
        self.cursor = cursor
        self.observations = observations
        self.verified = verified
        self.change = change
    }
}

public struct TriggerCommit: Sendable {
    public var decisions: [DecisionRecord]
    public var triggers: [TriggerRecord]
    /// The one end of each of these triggers, which have none yet.
    public var dispositions: [TriggerID: Disposition]

    public init(
        decisions: [DecisionRecord] = [],
        triggers: [TriggerRecord] = [],
        dispositions: [TriggerID: Disposition] = [:]
    ) {
        self.decisions = decisions
        self.triggers = triggers
        self.dispositions = dispositions
    }

    public var isEmpty: Bool { decisions.isEmpty && triggers.isEmpty && dispositions.isEmpty }
}

public struct TickRecord: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable, CaseIterable {
        case changed
        case unchanged
        case failed
    }
    /// Given by the store; 0 before.
    public var sequence: Int64
    public var sensor: String
    public var status: Status
    /// What was seen or what went wrong; free of secrets.
    public var message: String
    public var startedAt: Timestamp
    public var endedAt: Timestamp
    /// How many looks in a row this tick stands for.
    public var count: Int

    public init(
        sequence: Int64 = 0,
        sensor: String,
        status: Status,
        message: String,
        startedAt: Timestamp,
        endedAt: Timestamp,
        count: Int = 1
    ) {
        self.sequence = sequence
        self.sensor = sensor
        self.status = status
        self.message = message
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.count = count
    }
}

/// Something that asks for evaluation; it is answered exactly once.
public struct TriggerRecord: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The limit of skipping has passed.
        case maxSkip = "max_skip"
        case manual
        /// A person asked that the failed part of a run be done again.
        case retry
        case sensor
        /// The daemon started, perhaps with another configuration.
        case startup
    }
    /// UUIDv7.
    public var id: TriggerID
    /// Unique; a second trigger of the same key is the same trigger.
    public var key: String
    public var kind: Kind
    public var actor: Actor
    /// What is to be evaluated; for a manual trigger exactly what is to run.
    public var targets: [AssetKey]
    public var isForced: Bool
    public var createdAt: Timestamp
    /// Not to be answered earlier.
    public var dueAt: Timestamp
    /// Why it is not due at once, in a word of ``PaceReason``.
    public var delay: String?
    /// `nil` while it is pending.
    public var disposition: Disposition?

    /// Whether it came of what was seen or of time, rather than of a person.
    public var isAutomatic: Bool {
        switch kind {
        case .maxSkip, .sensor, .startup: true
        case .manual, .retry: false
        }
    }

    public init(
        id: TriggerID,
        key: String,
        kind: Kind,
        actor: Actor,
        targets: [AssetKey],
        isForced: Bool = false,
        createdAt: Timestamp,
        dueAt: Timestamp,
        delay: String? = nil,
        disposition: Disposition? = nil
    ) {
        self.id = id
        self.key = key
        self.kind = kind
        self.actor = actor
        self.targets = targets
        self.isForced = isForced
        self.createdAt = createdAt
        self.dueAt = dueAt
        self.delay = delay
        self.disposition = disposition
    }
}

/// What became of a trigger.
public struct Disposition: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case run
        case coalesced
        case skipped
        case rejected
    }
    public var kind: Kind
    /// A reason code of Core, or a sentence for `rejected`.
    public var reason: String
    /// The run it became, or the trigger it was coalesced into.
    public var into: String?
    public var at: Timestamp

    public init(_ kind: Kind, reason: String, into: String? = nil, at: Timestamp) {
        self.kind = kind
        self.reason = reason
        self.into = into
        self.at = at
    }
}

/// Why an asset was, or was not, to be worked on at one moment.
public struct DecisionRecord: Hashable, Sendable {
    /// Given by the store; 0 before.
    public var sequence: Int64
    public var asset: AssetKey
    public var decision: Decision
    public var evidence: [Evidence]
    public var at: Timestamp
    public var run: RunID?
    public var trigger: TriggerID?
    public var configVersion: String
    public var graphHash: String

    public init(
        sequence: Int64 = 0,
        asset: AssetKey,
        decision: Decision,
        evidence: [Evidence],
        at: Timestamp,
        run: RunID? = nil,
        trigger: TriggerID? = nil,
        configVersion: String,
        graphHash: String
    ) {
        self.sequence = sequence
        self.asset = asset
        self.decision = decision
        self.evidence = evidence
        self.at = at
        self.run = run
        self.trigger = trigger
        self.configVersion = configVersion
        self.graphHash = graphHash
    }
}

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
        self.details = details
    }
}

/// Something that happened in a run.
public enum RunEvent: Sendable {
    /// The step as it now is; replaces the step of the same run and asset.
    case step(StepRecord)
    case materialized(MaterializationRecord)
    case decided(DecisionRecord)
    case ended(RunID, RunStatus, at: Timestamp)
}

/// A success, with what went in.
public struct MaterializationRecord: Hashable, Sendable {
    public var materialization: Materialization
    public var run: RunID
    /// When the attempt that succeeded began.
    public var startedAt: Timestamp
    public var at: Timestamp
    /// The data's own time, as far as the inputs declare one.
    public var dataTime: Timestamp?
    public var extent: Extent
    public var details: JSONValue

    public init(
        materialization: Materialization,
        run: RunID,
        startedAt: Timestamp,
        at: Timestamp,
        dataTime: Timestamp? = nil,
        extent: Extent,
        details: JSONValue = .object([:])
    ) {
        self.materialization = materialization
        self.run = run
        self.startedAt = startedAt
        self.at = at
        self.dataTime = dataTime
        self.extent = extent
        self.details = details
    }
}

public struct ObservationRecord: Hashable, Sendable {
    public var observation: Observation
    /// When the version or the health last moved.
    public var changedAt: Timestamp
    /// When it was last looked at with an answer; the first look counts even without.
    public var verifiedAt: Timestamp

    public init(observation: Observation, changedAt: Timestamp, verifiedAt: Timestamp) {
        self.observation = observation
        self.changedAt = changedAt
        self.verifiedAt = verifiedAt
    }
}

public struct StoreSnapshot: Sendable {
    public var observations: [AssetKey: ObservationRecord]
    /// The latest of each asset.
    public var materializations: [AssetKey: MaterializationRecord]
    public var cursors: [String: String]
    public var pauses: Set<AssetKey>
    public var isPaused: Bool
    /// Oldest first.
    public var pendingTriggers: [TriggerRecord]
    /// Oldest first.
    public var unfinishedRuns: [RunDetail]
    /// The latest finished step of each asset that was worked on, with how many have failed in a row up to it.
    public var lastSteps: [AssetKey: LastStep]
    /// When each asset was first decided to run after its last success; none for what has not been since.
    public var staleSince: [AssetKey: Timestamp] = [:]
    /// When each sensor last looked and got an answer: what it then left unmentioned was as before.
    public var lastLooks: [String: Timestamp] = [:]

    public struct LastStep: Hashable, Sendable {
        public var step: StepRecord
        public var failuresInARow: Int

        public init(step: StepRecord, failuresInARow: Int) {
            self.step = step
            self.failuresInARow = failuresInARow
        }
    }

    public init(
        observations: [AssetKey: ObservationRecord] = [:],
        materializations: [AssetKey: MaterializationRecord] = [:],
        cursors: [String: String] = [:],
        pauses: Set<AssetKey> = [],
        isPaused: Bool = false,
        pendingTriggers: [TriggerRecord] = [],
        unfinishedRuns: [RunDetail] = [],
        lastSteps: [AssetKey: LastStep] = [:]
    ) {
        self.observations = observations
        self.materializations = materializations
        self.cursors = cursors
        self.pauses = pauses
        self.isPaused = isPaused
        self.pendingTriggers = pendingTriggers
        self.unfinishedRuns = unfinishedRuns
        self.lastSteps = lastSteps
    }
}

public struct RunDetail: Sendable {
    public var run: RunRecord
    public var steps: [StepRecord]
    public var operations: [OperationDetail]

    public init(run: RunRecord, steps: [StepRecord], operations: [OperationDetail]) {
        self.run = run
        self.steps = steps
        self.operations = operations
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
