public import FreshetCore

public struct RunQuery: Sendable {
    public var asset: AssetKey?
    public var status: RunStatus?
    public var trigger: TriggerRecord.Kind?
    /// Only runs created at or after this moment.
    public var since: Timestamp?
    /// Only runs created before this moment.
    public var until: Timestamp?
    /// Only runs created before this one, for paging.
    public var before: RunID?
    public var limit: Int

    public init(
        asset: AssetKey? = nil,
        status: RunStatus? = nil,
        trigger: TriggerRecord.Kind? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil,
        before: RunID? = nil,
        limit: Int = 20
    ) {
        self.asset = asset
        self.status = status
        self.trigger = trigger
        self.since = since
        self.until = until
        self.before = before
        self.limit = limit
    }
}

public struct DecisionQuery: Sendable {
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        case run
        case skip
        case hold
        case wait
    }
    /// `nil` for all.
    public var asset: AssetKey?
    public var outcome: Outcome?
    /// Only decisions at or before this moment.
    public var at: Timestamp?
    /// Only decisions at or after this moment.
    public var since: Timestamp?
    /// Only decisions before this sequence number, for paging.
    public var before: Int64?
    public var limit: Int

    public init(
        asset: AssetKey? = nil,
        outcome: Outcome? = nil,
        at: Timestamp? = nil,
        since: Timestamp? = nil,
        before: Int64? = nil,
        limit: Int = 20
    ) {
        self.asset = asset
        self.outcome = outcome
        self.at = at
        self.since = since
        self.before = before
        self.limit = limit
    }
}

/// Which lines of a run's log.
public struct LogQuery: Sendable {
    public var run: RunID
    /// `nil` for all steps, one after the other.
    public var asset: AssetKey?
    /// Only those with a greater number; meant for one step.
    public var after: Int?
    public var limit: Int

    public init(run: RunID, asset: AssetKey? = nil, after: Int? = nil, limit: Int = 1000) {
        self.run = run
        self.asset = asset
        self.after = after
        self.limit = limit
    }
}

public struct TickQuery: Sendable {
    public var sensor: String?
    public var status: TickRecord.Status?
    /// Only those that ended at or after this moment.
    public var since: Timestamp?
    public var before: Int64?
    public var limit: Int

    public init(
        sensor: String? = nil,
        status: TickRecord.Status? = nil,
        since: Timestamp? = nil,
        before: Int64? = nil,
        limit: Int = 20
    ) {
        self.sensor = sensor
        self.status = status
        self.since = since
        self.before = before
        self.limit = limit
    }
}

extension DecisionRecord {
    /// What the decision comes to.
    public var outcome: DecisionQuery.Outcome {
        switch decision {
        case .run: .run
        case .skip(let reason): reason.isHeld ? .hold : .skip
        case .wait: .wait
        }
    }
}
