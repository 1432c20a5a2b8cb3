public import FreshetCore

/// A connection that can say whether it works, and if not, what to do: for `freshet doctor`.
public protocol Examinable: Connection {
    /// Looks at everything that could keep the connection's assets from being worked on.
    ///
    /// Nothing is changed on either side. A check that fails does not keep a later one from being made, unless that
    /// one could only fail for the same reason.
    ///
    /// - Returns: the findings in the order in which they should be read.
    func examine(_ examination: Examination) async -> [Finding]
}

/// What an examination may use.
public struct Examination: Sendable {
    /// Whatever works through the connection, by asset.
    public var kinds: [(asset: AssetKey, kind: any AssetKind)]
    /// What is remembered of Freshet's own operations on a target, the newest first; empty when nothing is.
    public var operations: @Sendable (_ target: String) async -> [RemoteOperation]
    /// Whether nobody waits for the findings: checks that use up what the service rations to all of its users are left
    /// out then.
    public var isRoutine: Bool

    public init(
        kinds: [(asset: AssetKey, kind: any AssetKind)] = [],
        operations: @escaping @Sendable (_ target: String) async -> [RemoteOperation] = { _ in [] },
        isRoutine: Bool = false
    ) {
        self.kinds = kinds
        self.operations = operations
        self.isRoutine = isRoutine
    }
}

/// What one check of an examination found.
public struct Finding: Hashable, Sendable {
    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        case ok
        /// Works, and may not for long, or costs more than it has to.
        case warn
        case fail
        /// Could not be made; the message says why.
        case skipped
    }

    /// A word for the symptom, such as `token` or `workspace_role`.
    public var check: String
    /// What was checked, such as an asset's key; empty for the connection itself.
    public var subject: String
    public var verdict: Verdict
    /// One sentence without a full stop; free of secrets.
    public var message: String
    /// What to do; `nil` when there is nothing to do.
    public var mend: String?

    public init(
        _ check: String,
        _ verdict: Verdict,
        of subject: String = "",
        _ message: String,
        mend: String? = nil
    ) {
        self.check = check
        self.subject = subject
        self.verdict = verdict
        self.message = message
        self.mend = mend
    }
}
