/// How many refreshes a service allows within a sliding window of time.
public struct Quota: Hashable, Sendable {
    public var limit: Int
    public var window: Duration

    public init(limit: Int, window: Duration) {
        self.limit = limit
        self.window = window
    }

    /// - Parameters:
    ///   - uses: the times of our own uses, in any order.
    ///   - now: the present moment.
    /// - Returns: when the next use is allowed; `nil` for now.
    public func opening(after uses: some Sequence<Timestamp>, at now: Timestamp) -> Timestamp? {
        let counted = uses.filter { $0 + window > now }.sorted()
        guard counted.count >= limit, limit > 0 else { return nil }
        return counted[counted.count - limit] + window
    }

    /// When to ask again after the service said that it is used up: it counts the uses of others too.
    ///
    /// - Returns: when the oldest of our own uses leaves the window, at latest after an even share of the window: the uses
    ///   of others, which nobody here knows, may leave it long before.
    public func openingAfterRefusal(_ uses: some Sequence<Timestamp>, at now: Timestamp) -> Timestamp {
        let share = now + window / max(limit, 1)
        let oldest = uses.filter { $0 + window > now }.min()
        return min(oldest.map { $0 + window } ?? share, share)
    }
}
