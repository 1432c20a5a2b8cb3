public import FreshetCore

/// Something that a person or a machine outside asked for: done once, however often it is asked.
///
/// The change, its row in the audit and the answer to give again are one transaction.
public struct Effect: Sendable {
    /// What it does to the store.
    public enum Change: Sendable {
        case trigger(TriggerRecord)
        /// Refused when the run is not there or has ended.
        case cancel(RunID)
        case pause(PauseScope, Bool)
        /// The sensor's next look begins as if it had never looked.
        case forgetCursor(sensor: String)
        case operation(RemoteOperation, RemoteEvent)
        /// Only the audit.
        case none
    }

    public var change: Change
    public var at: Timestamp
    public var audit: AuditEntry
    /// What tells it from another request; `nil` for one that may be done again.
    public var key: String?
    /// A hash of what was asked, so that a key that is used for something else is found out.
    public var fingerprint: String
    /// What is answered, now and when the same is asked again.
    public var answer: StoredAnswer

    public init(
        _ change: Change,
        at now: Timestamp,
        audit: AuditEntry,
        key: String? = nil,
        fingerprint: String = "",
        answer: StoredAnswer
    ) {
        self.change = change
        self.at = now
        self.audit = audit
        self.key = key
        self.fingerprint = fingerprint
        self.answer = answer
    }

    /// How long an answer is kept under its key.
    public static let keepsAnswers = Duration.seconds(7 * 86_400)
}

/// An answer as it was first given.
public struct StoredAnswer: Hashable, Sendable {
    /// Of HTTP.
    public var status: Int
    public var body: JSONValue

    public init(status: Int, body: JSONValue) {
        self.status = status
        self.body = body
    }
}

/// What became of an ``Effect``.
public enum EffectOutcome: Hashable, Sendable {
    case done
    /// The same was asked before by the same actor, and nothing was done now.
    case replayed(StoredAnswer)
    /// The key belongs to something else that was asked.
    case reused
    /// The run that should end is not there or has ended.
    case refused
}

/// What a pause is about.
public enum PauseScope: Hashable, Sendable {
    case everything
    case asset(AssetKey)
    case sensor(String)
    case schedule(String)

    /// The scope as one text; no key of an asset contains a colon.
    public var text: String {
        switch self {
        case .everything: ""
        case .asset(let key): key.path
        case .sensor(let name): "sensor:\(name)"
        case .schedule(let name): "schedule:\(name)"
        }
    }

    public init(text: String) {
        if text.isEmpty {
            self = .everything
        } else if text.hasPrefix("sensor:") {
            self = .sensor(String(text.dropFirst(7)))
        } else if text.hasPrefix("schedule:") {
            self = .schedule(String(text.dropFirst(9)))
        } else {
            self = .asset(AssetKey(text))
        }
    }
}
