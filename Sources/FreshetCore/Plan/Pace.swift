/// When a run that has a reason may start (DESIGN "pace").
///
/// Each rule gives the earliest moment it allows; the latest of them counts, and its name says what is waited for.
public enum Pace {
    /// Why a run does not start at once.
    public enum Delay: String, Hashable, Sendable, CaseIterable {
        /// Something moved a moment ago, and more may follow.
        case quietPeriod = "quiet_period"
        case insideMinInterval = "inside_min_interval"
        /// The same inputs failed a while ago.
        case failedRecently = "failed_recently"
        /// They failed in a way that only a person or other inputs can mend, or a person cancelled the run.
        case failedForGood = "failed_for_good"
        /// Nothing is known to have moved; unknown inputs alone do not refresh more often than this.
        case unknownRecently = "unknown_recently"
        /// Others that the same event woke begin before it.
        case staggered
        /// No automatic refresh begins at this time of day.
        case blackout
        /// The refreshes that the service allows are used up.
        case quotaExhausted = "quota_exhausted"
        /// The service asked not to be asked before.
        case throttled
        /// Somebody else's refresh stood in the way a while ago.
        case foreignRefreshRunning = "foreign_refresh_running"
    }

    /// What happened to a target so far.
    public struct History: Hashable, Sendable {
        /// When the changes that ask for this run were seen.
        public var changes: [Timestamp]
        /// When the last attempt for this target began.
        public var lastStart: Timestamp?
        /// How the last attempt failed; `nil` when it succeeded.
        public var failure: Failure?
        /// When something first asked for this run; what is staggered counts from there.
        public var askedAt: Timestamp?
        /// What another side holds it for, whatever its inputs do.
        public var hold: Hold?

        public struct Hold: Hashable, Sendable {
            public var until: Timestamp
            public var delay: Delay

            public init(until: Timestamp, _ delay: Delay) {
                self.until = until
                self.delay = delay
            }
        }

        public struct Failure: Hashable, Sendable {
            public var at: Timestamp
            public var retry: RetryClass
            public var inARow: Int
            /// Whether an input has moved since the failed attempt began.
            public var inputsMoved: Bool

            public init(at: Timestamp, retry: RetryClass, inARow: Int, inputsMoved: Bool) {
                self.at = at
                self.retry = retry
                self.inARow = inARow
                self.inputsMoved = inputsMoved
            }
        }

        public init(
            changes: [Timestamp] = [],
            lastStart: Timestamp? = nil,
            failure: Failure? = nil,
            askedAt: Timestamp? = nil,
            hold: Hold? = nil
        ) {
            self.changes = changes
            self.lastStart = lastStart
            self.failure = failure
            self.askedAt = askedAt
            self.hold = hold
        }
    }

    /// The earliest moment for a run, and what is waited for until then.
    public struct Due: Hashable, Sendable {
        /// `nil` for not before an input moves or a person asks.
        public var at: Timestamp?
        public var delay: Delay?

        public init(at moment: Timestamp?, delay: Delay?) {
            at = moment
            self.delay = delay
        }
    }

    public static let shortestUnknownInterval = Duration.seconds(3600)
    public static let failureWait = Duration.seconds(15 * 60)
    public static let longestFailureWait = Duration.seconds(6 * 3600)

    /// - Parameters:
    ///   - causes: why the target would run.
    ///   - policy: the target's.
    ///   - history: what happened to the target so far.
    ///   - now: the present moment.
    ///   - offset: the target's own share of its ``AutomationPolicy/stagger``.
    ///   - zone: the rules of a time zone by its name.
    /// - Returns: a moment that may lie in the past; a delay only when it lies in the future or never comes.
    public static func due(
        _ causes: [Cause],
        _ policy: AutomationPolicy,
        _ history: History,
        at now: Timestamp,
        offset: Duration = .zero,
        zone: (String) -> TimeZoneRules = { _ in .utc }
    ) -> Due {
        if let failure = history.failure, !failure.inputsMoved, failure.retry == .never {
            return Due(at: nil, delay: .failedForGood)
        }
        var limits: [(Timestamp, Delay)] = []
        var asked = history.askedAt
        if let first = history.changes.min(), let last = history.changes.max() {
            let quiet = min(last + policy.quietPeriod, first + policy.quietPeriod * 10)
            limits.append((quiet, .quietPeriod))
            asked = max(quiet, asked ?? quiet)
        }
        // Only what an event wakes is spread: the other rules count from starts that are spread already.
        if offset > .zero, let asked { limits.append((asked + offset, .staggered)) }
        if let hold = history.hold { limits.append((hold.until, hold.delay)) }
        if let start = history.lastStart {
            limits.append((start + policy.minInterval, .insideMinInterval))
            // Without a cause of its own it waits for something upstream, whose pace counts for it.
            if !causes.isEmpty, causes.allSatisfy(\.isUnknown) {
                limits.append((start + max(policy.minInterval, shortestUnknownInterval), .unknownRecently))
            }
        }
        if let failure = history.failure, !failure.inputsMoved {
            limits.append((failure.at + wait(afterFailures: failure.inARow), .failedRecently))
        }
        let latest = limits.max { $0.0 < $1.0 } ?? (now, .quietPeriod)
        if let release = policy.blackout.release(of: latest.0, offset: offset, at: now, zone: zone) {
            return Due(at: release, delay: .blackout)
        }
        return Due(at: latest.0, delay: latest.0 > now ? latest.1 : nil)
    }

    /// 15 minutes after the first failure, twice as long after each further one, at most six hours.
    static func wait(afterFailures count: Int) -> Duration {
        var wait = failureWait
        for _ in 1..<max(count, 1) where wait < longestFailureWait { wait *= 2 }
        return min(wait, longestFailureWait)
    }
}

extension Cause {
    var isUnknown: Bool { if case .inputUnverifiable = self { true } else { false } }
}
