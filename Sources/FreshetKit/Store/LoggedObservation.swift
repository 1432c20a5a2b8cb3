public import FreshetCore

/// An observation by which the version or the health of an asset moved.
public struct LoggedObservation: Hashable, Sendable {
    /// Given by the store; grows.
    public var sequence: Int64
    public var asset: AssetKey
    public var observation: Observation
    /// When the look that saw it began.
    public var at: Timestamp

    public init(sequence: Int64, asset: AssetKey, observation: Observation, at: Timestamp) {
        self.sequence = sequence
        self.asset = asset
        self.observation = observation
        self.at = at
    }
}

public struct ObservationQuery: Sendable {
    /// `nil` for all.
    public var asset: AssetKey?
    /// Only this version.
    public var version: DataVersion?
    /// Only at or after this moment.
    public var since: Timestamp?
    /// Only after this sequence number, for paging.
    public var after: Int64?
    /// Only before this sequence number, for paging the other way.
    public var before: Int64?
    /// Whether the newest come first.
    public var isNewestFirst: Bool
    public var limit: Int

    public init(
        asset: AssetKey? = nil,
        version: DataVersion? = nil,
        since: Timestamp? = nil,
        after: Int64? = nil,
        before: Int64? = nil,
        isNewestFirst: Bool = false,
        limit: Int = 1000
    ) {
        self.asset = asset
        self.version = version
        self.since = since
        self.after = after
        self.before = before
        self.isNewestFirst = isNewestFirst
        self.limit = limit
    }
}
