public import FreshetCore
public import FreshetKit
package import FreshetTelemetry

/// What the routes work with.
public struct ServerContext: Sendable {
    public let project: Project
    public let store: any RunStore
    public let epoch: Epoch
    public let clock: any EngineClock
    /// A uniform value in 0..<1.
    public let chance: @Sendable () -> Double
    public let notices: Notices
    public let outside: Outside
    /// Knows who may push hints; `nil` where nobody does.
    public let hooks: (any HookReceiver)?
    /// Of the program.
    public let version: String
    /// What was counted since the daemon began.
    package var meters = Meters()
    /// How often tokens may ask; the same for all listeners.
    package var pace = RequestPace()
    let sight: Sight

    public init(
        project: Project,
        store: any RunStore,
        epoch: Epoch,
        clock: any EngineClock,
        chance: @escaping @Sendable () -> Double,
        notices: Notices,
        outside: Outside,
        hooks: (any HookReceiver)? = nil,
        version: String
    ) {
        self.project = project
        self.store = store
        self.epoch = epoch
        self.clock = clock
        self.chance = chance
        self.notices = notices
        self.outside = outside
        self.hooks = hooks
        self.version = version
        sight = Sight(project: project, store: store, clock: clock)
    }

    func writer(_ actor: Actor) -> Writer { Writer(epoch: epoch, actor: actor) }

    func newID() -> String { Identifier.timeOrdered(at: clock.now, chance: chance) }
}

/// Tells the engine that the store holds something new.
public struct Notices: Sendable {
    public var trigger: @Sendable (TriggerID) async -> Void
    public var cancel: @Sendable (RunID, Actor) async -> Void
    public var pause: @Sendable (Bool, PauseScope) async -> Void
    /// A sensor's cursor is gone.
    public var reset: @Sendable (String) async -> Void
    /// There may be news: has the sensors look that see it, and names them; a name among the words is a sensor's own.
    public var hint: @Sendable ([Hint], _ sensors: [String]) async -> [String]
    /// The daemon is to begin again with the files as they are now.
    public var reload: @Sendable () async -> Void

    public init(
        trigger: @escaping @Sendable (TriggerID) async -> Void,
        cancel: @escaping @Sendable (RunID, Actor) async -> Void,
        pause: @escaping @Sendable (Bool, PauseScope) async -> Void,
        reset: @escaping @Sendable (String) async -> Void,
        hint: @escaping @Sendable ([Hint], _ sensors: [String]) async -> [String],
        reload: @escaping @Sendable () async -> Void
    ) {
        self.trigger = trigger
        self.cancel = cancel
        self.pause = pause
        self.reset = reset
        self.hint = hint
        self.reload = reload
    }
}

/// What the server shows and does not own: looks, files, other systems.
public struct Outside: Sendable {
    /// A setting of an asset as it applies.
    public struct Setting: Sendable {
        public var path: String
        public var value: String
        public var layer: String
        public var origin: Origin?

        public init(path: String, value: String, layer: String, origin: Origin?) {
            self.path = path
            self.value = value
            self.layer = layer
            self.origin = origin
        }
    }

    /// What a look saw that is not kept.
    public struct Sight: Sendable {
        public var observed: [AssetKey: Observation]
        /// One sentence for each look that failed.
        public var failures: [String]

        public init(observed: [AssetKey: Observation], failures: [String]) {
            self.observed = observed
            self.failures = failures
        }
    }

    /// A sensor's look that is not kept.
    public struct Trial: Sendable {
        public var tick: TickRecord
        public var observations: [AssetKey: Observation]
        public var changed: Set<AssetKey>

        public init(tick: TickRecord, observations: [AssetKey: Observation], changed: Set<AssetKey>) {
            self.tick = tick
            self.observations = observations
            self.changed = changed
        }
    }

    /// A refresh of the service's history that may be the one of an operation.
    public struct Candidate: Sendable {
        public var requestID: String
        public var source: String?
        public var type: String?
        public var status: String?
        public var startedAt: Timestamp?
        public var endedAt: Timestamp?
        public var isLikely: Bool
        /// Why it may or may not be.
        public var sentence: String

        public init(
            requestID: String,
            source: String?,
            type: String?,
            status: String?,
            startedAt: Timestamp?,
            endedAt: Timestamp?,
            isLikely: Bool,
            sentence: String
        ) {
            self.requestID = requestID
            self.source = source
            self.type = type
            self.status = status
            self.startedAt = startedAt
            self.endedAt = endedAt
            self.isLikely = isLikely
            self.sentence = sentence
        }
    }

    /// The refreshes that an operation may be, the likely ones first.
    public enum Candidates: Sendable {
        case known([Candidate])
        /// The service did not say.
        case unanswered
        /// The service keeps no history that could be asked.
        case none
    }

    /// How much other systems allow at the moment.
    public struct Limits: Sendable {
        /// Requests that could go out at once, by connection.
        public var tokens: [String: Int]
        /// Refreshes that count towards the quota of a model, and how many it allows.
        public var quotas: [AssetKey: (used: Int, limit: Int)]

        public init(tokens: [String: Int] = [:], quotas: [AssetKey: (used: Int, limit: Int)] = [:]) {
            self.tokens = tokens
            self.quotas = quotas
        }
    }

    /// What does not work, or may not for long, of what the daemon stands on.
    public struct Warning: Sendable {
        /// A ``check``: the service refreshes by a schedule of its own beside Freshet.
        public static let schedule = "ui_schedule"
        /// A ``check``: a secret or a certificate ceases to be good.
        public static let expiry = "expiry"

        /// The symptom in one word, such as `ui_schedule`; warnings of one word are one cause.
        public var check: String
        public var isFailure: Bool
        /// The asset that it is about; `nil` for a connection, a credential, a certificate.
        public var asset: AssetKey?
        /// Without a full stop.
        public var sentence: String
        /// What to do; `nil` when the sentence says it.
        public var mend: String?
        public var since: Timestamp

        public init(
            check: String,
            isFailure: Bool,
            asset: AssetKey? = nil,
            sentence: String,
            mend: String? = nil,
            since: Timestamp
        ) {
            self.check = check
            self.isFailure = isFailure
            self.asset = asset
            self.sentence = sentence
            self.mend = mend
            self.since = since
        }
    }

    /// Looks at all that these assets read; keeps nothing.
    public var look: @Sendable (Set<AssetKey>, StoreSnapshot) async -> Sight
    /// Lets a sensor look once; `nil` when there is none of that name.
    public var tryLook: @Sendable (String) async -> Trial?
    public var settings: @Sendable (AssetKey) -> [Setting]
    /// The refreshes that an operation may be, the likely ones first.
    public var candidates: @Sendable (OperationDetail) async -> Candidates
    /// The files, compared with what is active.
    public var files: @Sendable () async -> ConfigReport
    /// A file that the pages are made of, by its path in `web/`.
    public var page: @Sendable (String) -> [UInt8]?
    /// The contract.
    public var contract: [UInt8]
    /// How much other systems allow at the moment.
    public var limits: @Sendable () async -> Limits = { Limits() }
    /// What was found at the last examination.
    public var warnings: @Sendable () -> [Warning] = { [] }
    /// ``files`` as they were a short while ago, for those who look again and again.
    public var recentFiles: @Sendable () async -> ConfigReport? = { nil }
    /// Why the store did not take the last thing it was given; `nil` when it did.
    public var storeTrouble: @Sendable () -> StoreError? = { nil }
    /// Where people look at what an asset is worked on in, by the target of its last operation; `nil` if nobody knows.
    public var address: @Sendable (AssetKey, _ target: String) -> String? = { _, _ in nil }

    public init(
        look: @escaping @Sendable (Set<AssetKey>, StoreSnapshot) async -> Sight,
        tryLook: @escaping @Sendable (String) async -> Trial?,
        settings: @escaping @Sendable (AssetKey) -> [Setting],
        candidates: @escaping @Sendable (OperationDetail) async -> Candidates,
        files: @escaping @Sendable () async -> ConfigReport,
        page: @escaping @Sendable (String) -> [UInt8]?,
        contract: [UInt8]
    ) {
        self.look = look
        self.tryLook = tryLook
        self.settings = settings
        self.candidates = candidates
        self.files = files
        self.page = page
        self.contract = contract
    }
}
