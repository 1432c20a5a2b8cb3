/// So many a minute, evenly, with a store for bursts; exact in whole milliseconds.
///
/// In any span of time it lets through at most the burst and what the rate yields in that span.
public struct TokenBucket: Hashable, Sendable {
    /// One token, in the unit that a millisecond adds ``perMinute`` of.
    private static let token: Int64 = 60_000
    /// In milliseconds; what is further behind is a clock that was set back.
    private static let longestLag: Int64 = 60_000

    /// Tokens that come in a minute, at least 1.
    public let perMinute: Int
    /// The most tokens that are kept, at least 1.
    public let burst: Int
    private var level: Int64
    private var filledAt: Timestamp?

    /// A full bucket.
    public init(perMinute: Int, burst: Int) {
        self.perMinute = max(perMinute, 1)
        self.burst = max(burst, 1)
        level = Int64(self.burst) * Self.token
    }

    /// When there will be a token, if `ahead` others are taken before it; at latest `now` when it is there.
    public func moment(after ahead: Int = 0, at now: Timestamp) -> Timestamp {
        let missing = Int64(ahead + 1) * Self.token - level(at: now)
        guard missing > 0 else { return now }
        let rate = Int64(perMinute)
        return Timestamp(milliseconds: now.milliseconds + (missing + rate - 1) / rate)
    }

    /// Takes a token; ``moment(after:at:)`` has said that it is there.
    public mutating func take(at now: Timestamp) {
        level = level(at: now) - Self.token
        filledAt = now
    }

    private func level(at now: Timestamp) -> Int64 {
        let passed = min(max(now.milliseconds - (filledAt ?? now).milliseconds, -1 << 32), 1 << 32)
        // A clock that is a little behind adds nothing. One that was set back would add nothing until it has come to the
        // old time again, which may be a day; so the bucket begins anew. One that leaps is stopped by the brim.
        guard passed >= -Self.longestLag else { return Int64(burst) * Self.token }
        return min(level + max(passed, 0) * Int64(perMinute), Int64(burst) * Self.token)
    }
}
