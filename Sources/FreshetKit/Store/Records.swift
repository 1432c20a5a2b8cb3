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
    /// How far schedules have been answered; each replaces the record of the same name.
    public var schedules: [ScheduleRecord]

    public init(
        decisions: [DecisionRecord] = [],
        triggers: [TriggerRecord] = [],
        dispositions: [TriggerID: Disposition] = [:],
        schedules: [ScheduleRecord] = []
    ) {
        self.decisions = decisions
        self.triggers = triggers
        self.dispositions = dispositions
        self.schedules = schedules
    }

    public var isEmpty: Bool {
        decisions.isEmpty && triggers.isEmpty && dispositions.isEmpty && schedules.isEmpty
    }
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
