public import FreshetCore

/// Something that asks for evaluation; it is answered exactly once.
public struct TriggerRecord: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A new date has begun.
        case dayChange = "day_change"
        /// The limit of skipping has passed.
        case maxSkip = "max_skip"
        case manual
        /// A person asked that the failed part of a run be done again.
        case retry
        /// A slot of a schedule.
        case schedule
        case sensor
        /// The daemon started, perhaps with another configuration.
        case startup

        /// Whether it comes of what was seen or of time, rather than of a person.
        public var isAutomatic: Bool {
            switch self {
            case .dayChange, .maxSkip, .schedule, .sensor, .startup: true
            case .manual, .retry: false
            }
        }
    }
    /// UUIDv7.
    public var id: TriggerID
    /// Unique; a second trigger of the same key is the same trigger.
    public var key: String
    public var kind: Kind
    /// The moment that a schedule meant; `nil` for what no clock asked for.
    public var slot: Timestamp?
    public var actor: Actor
    /// What is to be evaluated; for a manual trigger exactly what is to run.
    public var targets: [AssetKey]
    /// Whether the targets run whatever their inputs are.
    public var isForced: Bool
    public var createdAt: Timestamp
    /// Not to be answered earlier.
    public var dueAt: Timestamp
    /// Why it is not due at once, in a word of ``Pace/Delay``.
    public var delay: String?
    /// The span of whoever asked for it; `nil` where they named none.
    public var traceParent: TraceParent?
    /// `nil` while it is pending.
    public var disposition: Disposition?

    /// Whether it came of what was seen or of time, rather than of a person.
    public var isAutomatic: Bool { kind.isAutomatic }

    public init(
        id: TriggerID,
        key: String,
        kind: Kind,
        slot: Timestamp? = nil,
        actor: Actor,
        targets: [AssetKey],
        isForced: Bool = false,
        createdAt: Timestamp,
        dueAt: Timestamp,
        delay: String? = nil,
        traceParent: TraceParent? = nil,
        disposition: Disposition? = nil
    ) {
        self.id = id
        self.key = key
        self.kind = kind
        self.slot = slot
        self.actor = actor
        self.targets = targets
        self.isForced = isForced
        self.createdAt = createdAt
        self.dueAt = dueAt
        self.delay = delay
        self.traceParent = traceParent
        self.disposition = disposition
    }
}

/// What became of a trigger.
public struct Disposition: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case run
        case coalesced
        case skipped
        case rejected
    }
    public var kind: Kind
    /// A reason code of Core, or a sentence for `rejected`.
    public var reason: String
    /// The run it became, or the trigger it was coalesced into.
    public var into: String?
    public var at: Timestamp

    public init(_ kind: Kind, reason: String, into: String? = nil, at: Timestamp) {
        self.kind = kind
        self.reason = reason
        self.into = into
        self.at = at
    }
}
