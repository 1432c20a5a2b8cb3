public import FreshetCore

/// A step that was worked on and has ended, for statistics.
public struct FinishedStep: Hashable, Sendable {
    public var run: RunID
    public var asset: AssetKey
    public var status: StepStatus
    /// When its run was created.
    public var createdAt: Timestamp
    /// When the last attempt began.
    public var startedAt: Timestamp
    public var endedAt: Timestamp
    public var causes: [Cause]

    public init(
        run: RunID,
        asset: AssetKey,
        status: StepStatus,
        createdAt: Timestamp,
        startedAt: Timestamp,
        endedAt: Timestamp,
        causes: [Cause] = []
    ) {
        self.run = run
        self.asset = asset
        self.status = status
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.causes = causes
    }

    /// How long the last attempt took.
    public var duration: Duration { endedAt - startedAt }
}

public struct StepQuery: Sendable {
    /// `nil` for all.
    public var asset: AssetKey?
    /// Only those that ended at or after this moment.
    public var since: Timestamp
    public var limit: Int

    public init(asset: AssetKey? = nil, since: Timestamp, limit: Int = 1000) {
        self.asset = asset
        self.since = since
        self.limit = limit
    }
}
