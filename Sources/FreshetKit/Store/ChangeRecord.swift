public import FreshetCore

/// That something in the store is another than it was; a reason to read it again.
///
/// The records of one store are in one sequence, over all kinds, so that a reader knows what it has seen. Only the
/// newest ``kept`` are there.
public struct ChangeRecord: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case config
        case decision
        case log
        /// What an observed asset was seen as moved.
        case observation
        case operation
        case pause
        case run
        case step
        case subStep = "sub_step"
        case tick
        case trigger
    }

    /// Given by the store; grows.
    public var sequence: Int64
    public var kind: Kind
    /// The id of a run, trigger or operation, the name of a sensor, the key of an asset, a ``PauseScope/text``.
    public var subject: String
    /// The run that it belongs to.
    public var run: RunID?
    /// The status it came to; of a decision its outcome and reason with a colon between.
    public var word: String

    public init(sequence: Int64 = 0, _ kind: Kind, _ subject: String, run: RunID? = nil, word: String = "") {
        self.sequence = sequence
        self.kind = kind
        self.subject = subject
        self.run = run
        self.word = word
    }

    /// How many a store keeps at least.
    public static let kept: Int64 = 65_536
}

/// Part of the sequence of changes.
public struct Changes: Hashable, Sendable {
    /// The position of the newest of all; 0 in a new store.
    public var newest: Int64
    /// The position of the oldest that is kept; greater than ``newest`` when there is none.
    public var oldest: Int64
    /// Oldest first.
    public var records: [ChangeRecord]

    public init(newest: Int64, oldest: Int64, records: [ChangeRecord]) {
        self.newest = newest
        self.oldest = oldest
        self.records = records
    }
}
