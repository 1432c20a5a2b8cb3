/// When a sensor looks next.
public struct SensorTiming: Hashable, Sendable {
    /// The time between looks; `nil` for only when hinted.
    public var every: Duration?
    /// The share of a wait by which it may vary to either side, 0 to 1, so that sensors do not march in step.
    public var jitter: Double
    /// The longest wait after failures.
    public var longestBackOff: Duration
    /// After how many failed looks in a row a version counts as unknown.
    public static let failuresUntilUnknown = 3
    /// The first wait after a hinted look failed; doubles with each further failure.
    public static let hintedRetry = Duration.seconds(2)
    /// The longest first wait after any look failed; four times as long after each further one.
    ///
    /// So a version is unknown some 75 seconds after the first failure at the latest, however seldom the sensor looks.
    public static let retry = Duration.seconds(15)

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
        if failures > 0 {
            var bound = Self.retry
            for _ in 1..<max(failures, 1) where bound < longestBackOff { bound *= 4 }
            for _ in 0..<failures where wait < bound { wait *= 2 }
            wait = min(wait, bound, longestBackOff)
        }
        return wait * (1 + jitter * (2 * chance - 1))
    }
}
