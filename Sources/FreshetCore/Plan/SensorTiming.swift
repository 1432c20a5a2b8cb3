/// When a sensor looks next.
public struct SensorTiming: Hashable, Sendable {
    /// The time between looks; `nil` for only when hinted.
    public var every: Duration?
    /// The share of a wait by which it may vary to either side, 0 to 1, so that sensors do not march in step.
    public var jitter: Double
    /// The longest wait after failures, unless `every` is longer.
    public var longestBackOff: Duration
    /// After how many failed looks in a row a version counts as unknown.
    public static let failuresUntilUnknown = 3
    /// The first wait after a hinted look failed; doubles with each further failure.
    public static let hintedRetry = Duration.seconds(2)

    public init(every: Duration?, jitter: Double = 0.1, longestBackOff: Duration = .seconds(900)) {
        self.every = every
        self.jitter = jitter
        self.longestBackOff = longestBackOff
    }

    /// The wait before the first look: spread over the interval, at most five seconds.
    public func firstWait(chance: Double) -> Duration? {
        every.map { min($0, .seconds(5)) * chance }
    }

    /// The wait until the next look.
    ///
    /// - Parameters:
    ///   - failures: failed looks in a row up to now; 0 after a success.
    ///   - isHinted: a hint has not been answered yet.
    ///   - chance: a uniform value in 0..<1.
    /// - Returns: `nil` when only a hint leads to another look.
    public func wait(failures: Int, isHinted: Bool, chance: Double) -> Duration? {
        var wait: Duration
        if isHinted {
            wait = Self.hintedRetry
        } else if let every {
            wait = every
        } else {
            return nil
        }
        let limit = max(longestBackOff, every ?? .zero)
        for _ in 0..<failures where wait < limit { wait *= 2 }
        return min(wait, limit) * (1 + jitter * (2 * chance - 1))
    }
}
