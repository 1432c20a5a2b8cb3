public import FreshetCore
private import Synchronization

/// How often a connection may call the system behind it, shared by everything that uses the connection.
///
/// A call asks for admission, and whoever sees that the service throttles says so; then nobody calls before the moment
/// that the service named. No call waits long here: one that would is refused with the moment at which to ask again, so
/// that its caller can rest in a way that heeds its own deadline and the wish to stop.
public final class RequestBudget: Sendable {
    /// The longest that a call waits for its turn.
    public static let longestWait = Duration.seconds(60)

    /// What happened since the engine last asked.
    public struct News: Hashable, Sendable {
        public var until: Timestamp
        public var reason: String
        /// How many calls were refused by the service.
        public var times: Int
    }

    private struct Waiter {
        var id: Int
        var isCritical: Bool
    }

    private struct State {
        var bucket: TokenBucket
        /// In the order in which they go: the critical first, then by the order of asking.
        var waiters: [Waiter] = []
        var asked = 0
        /// Says from when on calls are allowed, and how long to wait when the service does not say it.
        var budget = Budget()
        var news: News?
        var listener: (@Sendable () -> Void)?
        /// Prefixes of the calls of which one may go out although nothing else may.
        var exempt: Set<String> = []
    }

    private let state: Mutex<State>
    private let clock: any EngineClock

    /// - Parameters:
    ///   - perMinute: calls in a minute, at least 1.
    ///   - burst: calls that may go out together, at least 1.
    ///   - clock: what tells the time.
    public init(perMinute: Int, burst: Int, clock: any EngineClock) {
        state = Mutex(State(bucket: TokenBucket(perMinute: perMinute, burst: burst)))
        self.clock = clock
    }

    /// Nothing goes out before this moment; `nil` when there is no such moment.
    public var blockedUntil: Timestamp? { state.withLock { $0.budget.blockedUntil } }

    /// How many calls could go out now, by what they may be in a minute; whole ones, and none while it is blocked.
    public var tokens: Int {
        let now = clock.now
        return state.withLock { state in
            guard (state.budget.blockedUntil ?? now) <= now else { return 0 }
            let burst = state.bucket.burst
            return (0..<burst).first { state.bucket.moment(after: $0, at: now) > now } ?? burst
        }
    }

    /// Returns when one call may go out, or at once when that would take longer than ``longestWait``.
    ///
    /// - Parameter call: names the call, for the exemption that ``throttled(until:reason:exempting:)`` may have made.
    /// - Returns: `nil` when the call may go out; otherwise when to ask again.
    public func admit(_ call: String = "") async -> Timestamp? {
        if isExempt(call) { return nil }
        let isCritical = CallPriority.current == .critical
        let start = clock.now
        let id = enter(isCritical: isCritical)
        while true {
            let opening = take(id, at: clock.now)
            guard let opening else { return nil }
            guard opening - start <= Self.longestWait else {
                leave(id)
                return opening
            }
            do {
                try await clock.sleep(until: opening)
            } catch {
                leave(id)
                return opening
            }
        }
    }

    /// The service refused a call for asking too much.
    ///
    /// - Parameters:
    ///   - until: when it may be asked again; `nil` when it did not say.
    ///   - reason: its words, free of secrets.
    ///   - call: the beginning of the call that has to go out all the same, once: the one that tells whether what was
    ///     refused has had an effect.
    public func throttled(until: Timestamp?, reason: String, exempting call: String? = nil) {
        let now = clock.now
        let listener = state.withLock { state in
            _ = state.budget.throttled(until: until, reason: reason, at: now)
            if let call { state.exempt.insert(call) }
            let end = state.budget.blockedUntil ?? now
            state.news = News(until: end, reason: state.news?.reason ?? reason, times: (state.news?.times ?? 0) + 1)
            return state.listener
        }
        listener?()
    }

    /// The service answered a call.
    public func answered() {
        let now = clock.now
        state.withLock { $0.budget.succeeded(at: now) }
    }

    /// What happened since the last call of this; `nil` for nothing.
    public func takeNews() -> News? {
        state.withLock { state in
            defer { state.news = nil }
            return state.news
        }
    }

    /// Whom to tell that there is news; one listener at a time.
    public func listen(_ listener: @escaping @Sendable () -> Void) { state.withLock { $0.listener = listener } }

    /// Takes up what a former process was told.
    public func restore(_ record: BudgetRecord) {
        let now = clock.now
        state.withLock { $0.budget.restore(record, at: now) }
    }

    private func enter(isCritical: Bool) -> Int {
        state.withLock { state in
            state.asked += 1
            let waiter = Waiter(id: state.asked, isCritical: isCritical)
            let index = isCritical ? state.waiters.firstIndex { !$0.isCritical } : nil
            state.waiters.insert(waiter, at: index ?? state.waiters.endIndex)
            return waiter.id
        }
    }

    private func isExempt(_ call: String) -> Bool {
        state.withLock { state in
            guard let prefix = state.exempt.first(where: call.hasPrefix) else { return false }
            state.exempt.remove(prefix)
            return true
        }
    }

    private func leave(_ id: Int) { state.withLock { $0.waiters.removeAll { $0.id == id } } }

    /// - Returns: `nil` when it is its turn, which it has then had; otherwise when that will be.
    private func take(_ id: Int, at now: Timestamp) -> Timestamp? {
        state.withLock { state in
            guard let place = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
            let blocked = max(state.budget.blockedUntil ?? now, now)
            // Those before it have theirs coming.
            let opening = max(state.bucket.moment(after: place, at: now), blocked)
            guard opening <= now else { return opening }
            state.bucket.take(at: now)
            state.waiters.remove(at: place)
            return nil
        }
    }
}

/// Which calls go first where they have to queue.
public enum CallPriority: Sendable {
    case normal
    case critical

    /// That of the asset that the present task works for.
    @TaskLocal public static var current = CallPriority.normal
}
