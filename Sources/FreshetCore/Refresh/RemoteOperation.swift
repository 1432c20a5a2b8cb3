/// The intent and the outcome of one effect on a remote system: one row for each attempt of a step.
public struct RemoteOperation: Hashable, Sendable {
    /// How far it is known to have come.
    public enum State: String, Hashable, Sendable, CaseIterable {
        /// Durable before anything is sent. Found after a restart it is ambiguous: the bytes may have left.
        case prepared
        /// Sent or perhaps sent, and no answer that says what became of it.
        case ambiguous
        /// The remote system has it, under ``RemoteOperation/requestID``.
        case accepted
        /// Refused; it has had no effect.
        case rejected
        /// Proved not to exist.
        case notFound = "not_found"
        /// It cannot be known; a person decides.
        case unresolved
        case completed
        case failed
        case cancelled
        /// Accepted, and its end was not seen: gone from the remote system's memory, or given up while it still ran.
        case lost

        /// Whether it may still have an effect that has not been seen to its end.
        public var isInFlight: Bool { self == .prepared || self == .ambiguous || self == .accepted }
    }

    public var id: String
    public var run: RunID
    public var asset: AssetKey
    public var attempt: Int
    /// What it acts on, unique in the world: at most one operation is in flight for each.
    public var target: String
    public var state: State
    /// The remote system's own id of it.
    public var requestID: String?
    /// True when the id was found by reading history, not in the answer.
    public var isAdopted: Bool
    /// A fingerprint of the body that was sent; empty when this is somebody else's work that was taken over.
    public var bodyHash: String
    /// The names of the objects it is limited to, as `table` or `table/partition`; empty for all.
    public var objects: [String]
    /// The ids that history showed before it was sent.
    public var knownIDs: [String]
    /// The wall clock just before it was sent.
    public var preparedAt: Timestamp
    /// When it is given up; absolute.
    public var deadline: Timestamp?
    public var cancelRequestedAt: Timestamp?

    public init(
        id: String,
        run: RunID,
        asset: AssetKey,
        attempt: Int,
        target: String,
        state: State = .prepared,
        requestID: String? = nil,
        isAdopted: Bool = false,
        bodyHash: String = "",
        objects: [String] = [],
        knownIDs: [String] = [],
        preparedAt: Timestamp,
        deadline: Timestamp? = nil,
        cancelRequestedAt: Timestamp? = nil
    ) {
        self.id = id
        self.run = run
        self.asset = asset
        self.attempt = attempt
        self.target = target
        self.state = state
        self.requestID = requestID
        self.isAdopted = isAdopted
        self.bodyHash = bodyHash
        self.objects = objects
        self.knownIDs = knownIDs
        self.preparedAt = preparedAt
        self.deadline = deadline
        self.cancelRequestedAt = cancelRequestedAt
    }
}

/// One thing that was done or learned about a remote operation: the evidence for its state.
public struct RemoteEvent: Hashable, Sendable {
    public var at: Timestamp
    /// A word such as `prepared`, `answered`, `polled`, `reconciled`, `cancel_requested`.
    public var name: String
    /// Status codes, allowed headers, words of the remote system; free of secrets.
    public var evidence: JSONValue

    public init(at: Timestamp, name: String, evidence: JSONValue = .object([:])) {
        self.at = at
        self.name = name
        self.evidence = evidence
    }
}
