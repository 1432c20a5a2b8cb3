public typealias RunID = String
public typealias TriggerID = String

/// Why an attempt failed, and what that means for the next.
public struct StepFailure: Error, Hashable, Sendable {
    /// From the closed list of ``FailureCode``.
    public var code: FailureCode
    public var retry: RetryClass
    /// The root cause in the words of the system behind it; free of secrets.
    public var message: String
    /// What else a person wants to know, by name.
    public var details: JSONValue
    /// What the other side asked for: no attempt before this moment; `nil` when it asked for nothing.
    public var notBefore: Timestamp?
    /// The checks that were made on what came out; one that failed may be the reason.
    public var checks: [CheckResult]

    public init(
        _ code: FailureCode,
        _ retry: RetryClass,
        message: String,
        details: JSONValue = .object([:]),
        notBefore: Timestamp? = nil,
        checks: [CheckResult] = []
    ) {
        self.code = code
        self.retry = retry
        self.message = message
        self.details = details
        self.notBefore = notBefore
        self.checks = checks
    }
}

/// Whether, and how soon, another attempt makes sense.
public enum RetryClass: String, Hashable, Sendable {
    /// Only a person can mend it: credentials, a bad request.
    case never
    /// It may pass with time: a gateway, an eviction, throttling.
    case later
    /// Nothing speaks against trying at once.
    case now
}

/// How an attempt that did not succeed ended.
public enum FailureCode: String, Hashable, Sendable, CaseIterable {
    /// The request was refused as wrong.
    case badRequest = "bad_request"
    /// The engine was told to stop the step.
    case cancelled
    /// The capacity that the work runs on is paused.
    case capacityPaused = "capacity_paused"
    /// The work ended well, and a check found that what came out is not right.
    case checkFailed = "check_failed"
    case configuration
    /// Sign-in or permission failed.
    case credentials
    /// The engine's own fault.
    case internalError = "internal_error"
    /// The remote system forgot a refresh that it had accepted.
    case lostRemote = "lost_remote"
    /// A refresh that was asked for never came to be.
    case notFound = "not_found"
    case quotaExhausted = "quota_exhausted"
    /// A refresh by somebody else stood in the way.
    case foreignRefreshRunning = "foreign_refresh_running"
    /// Somebody or something cancelled the refresh over there.
    case remoteCancelled = "remote_cancelled"
    case remoteDisabled = "remote_disabled"
    case remoteFailed = "remote_failed"
    case remoteTimedOut = "remote_timed_out"
    /// The step's own deadline passed.
    case timedOut = "timed_out"
    case throttled
    /// It cannot be known whether the refresh was accepted; a person decides.
    case unresolved = "unresolved_post"
    /// The other side could not be reached.
    case unreachable
}

/// Why a running step is asked to end.
public enum StopReason: String, Hashable, Sendable {
    case cancelled
    case deadline
}

/// How a run ended.
public enum RunStatus: String, Hashable, Sendable, CaseIterable {
    case queued
    case running
    case succeeded
    case failed
    case cancelled

    public var isFinished: Bool { self != .queued && self != .running }
}

/// Where a step stands.
public enum StepStatus: String, Hashable, Sendable, CaseIterable {
    /// Its inputs have not settled.
    case waiting
    /// Ready, but its pool has no free slot.
    case queued
    case running
    /// An attempt failed; the next has a time.
    case retrying
    case succeeded
    case failed
    case skipped
    case cancelled

    public var isFinished: Bool {
        switch self {
        case .succeeded, .failed, .skipped, .cancelled: true
        case .waiting, .queued, .running, .retrying: false
        }
    }
}
