/// How often, and since when, a step has been put off because the other side asked for it.
///
/// A park takes no attempt from the retry policy, and has a bound of its own.
public struct Parking: Hashable, Sendable {
    /// From the first park to the end of the last.
    public static let longest = Duration.seconds(24 * 3600)
    public static let mostTimes = 48
    /// However early the other side says it may be asked again.
    public static let shortest = Duration.seconds(5)

    /// When the first park began.
    public var since: Timestamp
    public var count: Int

    public init(since: Timestamp, count: Int = 1) {
        self.since = since
        self.count = count
    }

    /// One more park.
    ///
    /// - Returns: `nil` when that would be too often, or too long.
    static func adding(to before: Parking?, until end: Timestamp, at now: Timestamp) -> Parking? {
        let parking = Parking(since: before?.since ?? now, count: (before?.count ?? 0) + 1)
        return parking.count <= mostTimes && end - parking.since <= longest ? parking : nil
    }
}

extension StepFailure {
    /// Whether the other side would do it, only not now.
    public var isThrottling: Bool { code == .throttled || code == .quotaExhausted }
}
