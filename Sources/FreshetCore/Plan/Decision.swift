/// What to do with one asset, and why.
public enum Decision: Hashable, Sendable {
    case run([Cause])
    case skip(SkipReason)
    /// Depends on how these upstream steps turn out; see ``Rebuilder/decide(_:reading:last:now:)``.
    case wait(on: [AssetKey])
}

/// A reason to run; a step may have several.
public enum Cause: Hashable, Comparable, Sendable {
    case forced
    /// The longest time that a skip may stand has passed.
    case maxSkipPassed
    /// A new date on the project's calendar, with both dates as in ISO 8601.
    case dayChanged(from: String, to: String)
    /// A slot of a schedule that always refreshes.
    case scheduled(Timestamp)
    /// It is up to date, and is refreshed at this slot to prove just that.
    case shadowed(Timestamp)
    case neverMaterialized
    case codeChanged(from: String, to: String)
    /// New, or its version was unknown when the last success read it.
    case inputAdded(Input)
    case inputRemoved(Input)
    case inputChanged(Input)
    case inputUnverifiable(Input)
}

/// How much of an asset a step has to refresh.
public enum Extent: Hashable, Sendable {
    case whole
    case parts(Set<String>)

    /// Parts are enough only if each cause belongs to a part.
    public init(_ causes: [Cause]) {
        var parts: Set<String> = []
        for cause in causes {
            switch cause {
            case .inputAdded(let input), .inputChanged(let input), .inputUnverifiable(let input):
                parts.insert(input.part)
            case .forced, .maxSkipPassed, .dayChanged, .scheduled, .shadowed, .neverMaterialized, .codeChanged,
                .inputRemoved:
                parts.insert("")
            }
        }
        self = parts.isEmpty || parts.contains("") ? .whole : .parts(parts)
    }
}

/// The reason a step does not run; it has exactly one.
public enum SkipReason: Hashable, Sendable {
    case upToDate
    case notSelected(byBranch: AssetKey)
    /// None of its inputs was selected, and none has ever been materialized.
    case nothingSelected
    /// Names the asset that failed, which may lie several steps upstream.
    case upstreamFailed(AssetKey)
    case upstreamMissing(AssetKey)
    /// The version of an input cannot be read, and the policy is to hold then.
    case upstreamUnknown(AssetKey)
    /// The run was cancelled before the step began.
    case cancelled
    /// Somebody else's refresh was running, and the asset's `on_conflict` is `skip`.
    case foreignRefreshRunning
    /// The refreshes that the service allows within a day are used up.
    case quotaExhausted
}

/// What a decision about one input was made from.
public struct Evidence: Hashable, Sendable {
    public var input: Input
    /// What the last success consumed; `nil` when it consumed none or an unknown one.
    public var then: DataVersion?
    public var now: VersionState
    public var health: Health
    /// What was looked at, such as `row_count, max(updated_at)`; `materialization` for what Freshet makes itself.
    public var signal: String
    public var strength: Strength
    /// When `now` was seen.
    public var observedAt: Timestamp?
    /// Why it is unknown, or failed.
    public var message: String?
    /// What was read now, by name.
    public var values: [String: ObservedValue]
    /// What had been read of the version that was consumed; empty where the store was not asked.
    public var valuesThen: [String: ObservedValue] = [:]
    /// The statement or address of the look.
    public var query: String?
    /// The connection that was asked.
    public var source: String?
    public var cost: ProbeCost?

    public init(
        input: Input,
        then: DataVersion?,
        now: VersionState,
        health: Health = .ok,
        signal: String = "",
        strength: Strength = .exact,
        observedAt: Timestamp? = nil,
        message: String? = nil,
        values: [String: ObservedValue] = [:],
        query: String? = nil,
        source: String? = nil,
        cost: ProbeCost? = nil
    ) {
        self.input = input
        self.then = then
        self.now = now
        self.health = health
        self.signal = signal
        self.strength = strength
        self.observedAt = observedAt
        self.message = message
        self.values = values
        self.query = query
        self.source = source
        self.cost = cost
    }
}
