/// When and how an asset's work is done; nothing here alters what the work produces.
public struct AssetPolicy: Hashable, Sendable {
    /// Whether a change upstream makes Freshet act by itself.
    public var automation: AutomationPolicy?
    public var retry: RetryPolicy
    /// The longest that one attempt may take, from its start.
    public var timeout: Duration?
    /// The pool whose slots its attempts occupy.
    public var pool: String?
    public var freshness: FreshnessPolicy?
    /// Whether it goes before others, and waits for no staggering; a blackout holds it all the same.
    public var isCritical: Bool

    public init(
        automation: AutomationPolicy? = nil,
        retry: RetryPolicy = RetryPolicy(),
        timeout: Duration? = nil,
        pool: String? = nil,
        freshness: FreshnessPolicy? = nil,
        isCritical: Bool = false
    ) {
        self.automation = automation
        self.retry = retry
        self.timeout = timeout
        self.pool = pool
        self.freshness = freshness
        self.isCritical = isCritical
    }
}

/// The pace at which changes become runs.
public struct AutomationPolicy: Hashable, Sendable {
    /// How long nothing may move before a run starts; restarts with each change, but postpones at most ten times itself.
    public var quietPeriod: Duration
    /// The least time from the start of one run to the start of the next.
    public var minInterval: Duration
    /// How long a skip may stand before the asset is refreshed anyway.
    public var maxSkip: Duration?
    /// What an input whose version cannot be read leads to.
    public var onUnknown: OnUnknown
    /// The span over which assets that one event wakes are spread; see ``Stagger``.
    public var stagger: Duration
    /// When no automatic refresh begins.
    public var blackout: Blackout
    /// Whether a new date on the project's calendar makes it stale.
    public var refreshesOnDayChange: Bool
    /// Whether a change makes it run, or is left to the next slot of ``schedule``.
    public var actsOnChange: Bool
    /// The clock behind the signals.
    public var schedule: Schedule?
    /// When it is refreshed whatever its inputs are, so that no false skip lasts for ever.
    public var forcedAt: Schedule?
    /// Whether slots refresh also what is up to date, to prove that skipping it would have been right.
    public var isShadowed: Bool

    public enum OnUnknown: String, Hashable, Sendable, CaseIterable {
        case run
        case hold
    }

    public init(
        quietPeriod: Duration = .zero,
        minInterval: Duration = .zero,
        maxSkip: Duration? = nil,
        onUnknown: OnUnknown = .run,
        stagger: Duration = .zero,
        blackout: Blackout = Blackout(),
        refreshesOnDayChange: Bool = false,
        actsOnChange: Bool = true,
        schedule: Schedule? = nil,
        forcedAt: Schedule? = nil,
        isShadowed: Bool = false
    ) {
        self.quietPeriod = quietPeriod
        self.minInterval = minInterval
        self.maxSkip = maxSkip
        self.onUnknown = onUnknown
        self.stagger = stagger
        self.blackout = blackout
        self.refreshesOnDayChange = refreshesOnDayChange
        self.actsOnChange = actsOnChange
        self.schedule = schedule
        self.forcedAt = forcedAt
        self.isShadowed = isShadowed
    }
}

/// How often, and how soon, a failed attempt is tried again within its run.
public struct RetryPolicy: Hashable, Sendable {
    /// Attempts after the first; 0 means none.
    public var count: Int
    /// The wait before the second attempt.
    public var delay: Duration
    /// What the wait is multiplied by after each further attempt: 1 keeps it, 2 doubles it.
    public var factor: Double
    /// The longest wait.
    public var maxDelay: Duration
    /// The share of the wait by which it may vary to either side, 0 to 1.
    public var jitter: Double

    public init(
        count: Int = 0,
        delay: Duration = .seconds(60),
        factor: Double = 1,
        maxDelay: Duration = .seconds(3600),
        jitter: Double = 0.1
    ) {
        self.count = count
        self.delay = delay
        self.factor = factor
        self.maxDelay = maxDelay
        self.jitter = jitter
    }

    /// The wait after attempt `number` failed, or `nil` when there is no further attempt.
    ///
    /// - Parameters:
    ///   - number: 1 for the first attempt.
    ///   - chance: a uniform value in 0..<1.
    /// - Returns: zero or more.
    public func wait(afterAttempt number: Int, chance: Double) -> Duration? {
        guard number <= count else { return nil }
        var wait = delay.inSeconds
        for _ in 1..<max(number, 1) {
            wait = min(wait * factor, maxDelay.inSeconds)
        }
        wait = min(wait, maxDelay.inSeconds)
        return .seconds(max(0, wait * (1 + jitter * (2 * chance - 1))))
    }
}
