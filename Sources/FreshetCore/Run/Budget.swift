/// What may be asked of one service principal, or of one capacity: how much at once, how often, and from when.
///
/// Throttling makes it shut until the moment that the service named, and narrow: the limit of what may be in flight is
/// halved, and grows by one with each full window of successes, up to what is configured (additive increase,
/// multiplicative decrease: Chiu and Jain, 1989). Refusals while it is shut are the same event.
public struct Budget: Hashable, Sendable {
    public struct Limits: Hashable, Sendable, ExpressibleByIntegerLiteral {
        /// How much may be in flight at once; `nil` for no limit.
        public var slots: Int?
        /// How many may begin in a minute; `nil` for no limit.
        public var perMinute: Int?
        /// How many of these may begin together.
        public var burst: Int

        public init(slots: Int? = nil, perMinute: Int? = nil, burst: Int = 1) {
            self.slots = slots
            self.perMinute = perMinute
            self.burst = burst
        }

        public init(integerLiteral slots: Int) { self.init(slots: slots) }
    }

    /// The wait when the service names none, doubled with each event in a row.
    public static let shortestBlock = Duration.seconds(30)
    /// The longest wait that is chosen when the service names none.
    public static let longestOwnBlock = Duration.seconds(15 * 60)
    /// The longest wait that a service may ask for.
    public static let longestBlock = Duration.seconds(24 * 3600)

    public let limits: Limits
    /// How much may be in flight at present; `nil` for no limit.
    public private(set) var limit: Int?
    public private(set) var inFlight = 0
    /// Nothing begins before this moment.
    public private(set) var blockedUntil: Timestamp?
    /// The present or last event.
    private var event: Event?
    private var bucket: TokenBucket?
    /// Up to where the limit grows, where none is configured.
    private var ceiling: Int?
    private var successes = 0
    private var eventsInARow = 0

    private struct Event: Hashable {
        var since: Timestamp
        var reason: String
        var count: Int
    }

    public init(_ limits: Limits = Limits()) {
        self.limits = limits
        limit = limits.slots
        bucket = limits.perMinute.map { TokenBucket(perMinute: $0, burst: limits.burst) }
    }

    public func isBlocked(at now: Timestamp) -> Bool { blockedUntil.map { $0 > now } ?? false }

    /// When time alone lets one more begin, `now` for at once; `nil` when something has to end first.
    public func opening(at now: Timestamp) -> Timestamp? {
        guard limit.map({ inFlight < $0 }) ?? true else { return nil }
        let moment = max(blockedUntil ?? now, now)
        return max(moment, bucket?.moment(at: now) ?? now)
    }

    /// Whether one more may begin.
    public func isOpen(at now: Timestamp) -> Bool { opening(at: now) == now }

    /// One begins.
    public mutating func begin(at now: Timestamp) {
        inFlight += 1
        bucket?.take(at: now)
    }

    /// One that a former process began goes on, beyond the limit if need be.
    public mutating func goOn() { inFlight += 1 }

    /// One has ended, however.
    public mutating func end() { inFlight = max(inFlight - 1, 0) }

    /// The service refused for asking too much.
    ///
    /// - Parameters:
    ///   - until: when it may be asked again, as it said; `nil` when it did not.
    ///   - reason: its words, free of secrets.
    ///   - times: how often it said so.
    ///   - now: the present moment.
    /// - Returns: whether this is the first refusal of an event.
    public mutating func throttled(
        until: Timestamp?,
        reason: String,
        times: Int = 1,
        at now: Timestamp
    ) -> Bool {
        successes = 0
        let isNew = event == nil || !isBlocked(at: now)
        if isNew {
            eventsInARow += 1
            event = Event(since: now, reason: reason, count: times)
            narrow()
        } else {
            event?.count += times
        }
        var wait = Self.shortestBlock
        for _ in 1..<max(eventsInARow, 1) where wait < Self.longestOwnBlock { wait *= 2 }
        let end = until ?? now + min(wait, Self.longestOwnBlock)
        blockedUntil = max(min(end, now + Self.longestBlock), isNew ? now : blockedUntil ?? now)
        return isNew
    }

    /// One of those in flight ended well.
    public mutating func succeeded(at now: Timestamp) {
        guard !isBlocked(at: now) else { return }
        eventsInARow = 0
        guard let limit, limit < limits.slots ?? ceiling ?? limit else { return widenFully() }
        successes += 1
        guard successes >= limit else { return }
        successes = 0
        self.limit = limit + 1
        if limit + 1 >= limits.slots ?? ceiling ?? 0 { widenFully() }
    }

    private mutating func narrow() {
        if limits.slots == nil, ceiling == nil { ceiling = max(inFlight, 2) }
        limit = max(1, (limit ?? max(inFlight, 2)) / 2)
    }

    private mutating func widenFully() {
        limit = limits.slots
        ceiling = nil
        successes = 0
    }
}

/// One time that a service throttled, however many calls it refused.
public struct BudgetRecord: Hashable, Sendable {
    /// `connection:` or `pool:`, and its name.
    public var name: String
    public var blockedUntil: Timestamp
    /// How much may be in flight afterwards; `nil` for no limit.
    public var limit: Int?
    /// When the first call was refused.
    public var since: Timestamp
    /// The words of the service; free of secrets.
    public var reason: String
    /// How many calls were refused.
    public var count: Int

    public init(
        name: String,
        blockedUntil: Timestamp,
        limit: Int? = nil,
        since: Timestamp,
        reason: String,
        count: Int = 1
    ) {
        self.name = name
        self.blockedUntil = blockedUntil
        self.limit = limit
        self.since = since
        self.reason = reason
        self.count = count
    }
}

extension Budget {
    /// The present or last event; `nil` when there has been none.
    public func record(named name: String) -> BudgetRecord? {
        guard let event, let blockedUntil else { return nil }
        return BudgetRecord(
            name: name,
            blockedUntil: blockedUntil,
            limit: limit,
            since: event.since,
            reason: event.reason,
            count: event.count
        )
    }

    /// Takes up an event of a former process, unless it is over.
    public mutating func restore(_ record: BudgetRecord, at now: Timestamp) {
        guard record.blockedUntil > now else { return }
        blockedUntil = min(record.blockedUntil, now + Self.longestBlock)
        event = Event(since: record.since, reason: record.reason, count: record.count)
        eventsInARow = 1
        guard let limit = record.limit.map({ max($0, 1) }) else { return }
        if limits.slots == nil { ceiling = limit * 2 }
        self.limit = min(limit, limits.slots ?? limit)
    }
}
