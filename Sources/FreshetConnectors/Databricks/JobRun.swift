import FreshetCore

/// What the workspace says of one run of a job, its words kept as they were written.
///
/// - SeeAlso: Databricks REST API, *Jobs*, "Get a single job run".
struct JobRun: Hashable, Sendable {
    var id: String
    var state: JobRunState
    /// Where a person sees it.
    var url: String?
    var startedAt: Timestamp?
    /// A repair makes it later.
    var endedAt: Timestamp?
    /// The id of the newest repair, where the answer tells the history.
    var repair: String?
    var tasks: [JobTask] = []

    init?(_ body: JSONValue) {
        guard let id = body["run_id"]?.integer else { return nil }
        self.id = String(id)
        state = JobRunState(body)
        url = body["run_page_url"]?.text
        startedAt = Self.moment(body["start_time"])
        endedAt = Self.moment(body["end_time"])
        repair = body["repair_history"]?.list?.compactMap { $0["id"]?.integer }.max().map(String.init)
        tasks = (body["tasks"]?.list ?? []).compactMap { JobTask($0) }
    }

    /// Milliseconds since 1970, zero for not yet.
    static func moment(_ value: JSONValue?) -> Timestamp? {
        value?.integer.flatMap { $0 > 0 ? Timestamp(milliseconds: $0) : nil }
    }
}

/// A task of a run.
struct JobTask: Hashable, Sendable {
    var key: String
    var runID: String?
    /// 0 for the first.
    var attempt: Int64
    var state: JobRunState
    var startedAt: Timestamp?
    var endedAt: Timestamp?

    init?(_ body: JSONValue) {
        guard let key = body["task_key"]?.text else { return nil }
        self.key = key
        runID = body["run_id"]?.integer.map(String.init)
        attempt = body["attempt_number"]?.integer ?? 0
        state = JobRunState(body)
        startedAt = JobRun.moment(body["start_time"])
        endedAt = JobRun.moment(body["end_time"])
    }
}

/// Where a run or a task stands.
struct JobRunState: Hashable, Sendable {
    /// How it ended.
    enum End: String, Hashable, Sendable {
        case canceled
        case disabled
        case excluded
        case failed
        /// The platform failed, not the work.
        case internalError = "internal_error"
        case maximumConcurrentRunsReached = "maximum_concurrent_runs_reached"
        /// Not begun, since another run of the job was active.
        case skipped
        case success
        case successWithFailures = "success_with_failures"
        case timedOut = "timed_out"
        case upstreamCanceled = "upstream_canceled"
        case upstreamFailed = "upstream_failed"
        /// Over, with a word that is not known; never a success.
        case unknown
    }

    /// Such as `RUNNING` or `TERMINATED`.
    var lifeCycle: String
    /// Such as `SUCCESS`; `nil` before the end.
    var result: String?
    /// Such as `RUN_EXECUTION_ERROR`.
    var terminationCode: String?
    /// Such as `CLIENT_ERROR`: whose fault it is.
    var terminationType: String?
    var message: String?

    /// `status` is the newer of two ways to say it, and may stand alone.
    init(_ body: JSONValue) {
        let (state, status) = (body["state"], body["status"])
        let details = status?["termination_details"]
        lifeCycle = state?["life_cycle_state"]?.text ?? status?["state"]?.text ?? ""
        result = state?["result_state"]?.text
        terminationCode = details?["code"]?.text
        terminationType = details?["type"]?.text
        let words = [state?["state_message"]?.text, details?["message"]?.text]
        message = words.compactMap { $0 }.first { !$0.isEmpty }
    }

    var isWaiting: Bool { ["BLOCKED", "PENDING", "QUEUED", "WAITING", "WAITING_FOR_RETRY"].contains(lifeCycle) }

    /// `nil` while it is not over; a word that is not known is no end.
    var end: End? {
        switch lifeCycle {
        case "INTERNAL_ERROR": return .internalError
        case "SKIPPED": return result == "MAXIMUM_CONCURRENT_RUNS_REACHED" ? .maximumConcurrentRunsReached : .skipped
        case "TERMINATED": break
        default: return nil
        }
        switch result ?? terminationCode ?? "" {
        case "CANCELED", "USER_CANCELED": return .canceled
        case "DISABLED": return .disabled
        case "EXCLUDED": return .excluded
        case "FAILED": return .failed
        case "MAXIMUM_CONCURRENT_RUNS_REACHED", "MAX_CONCURRENT_RUNS_EXCEEDED": return .maximumConcurrentRunsReached
        case "SKIPPED": return .skipped
        case "SUCCESS": return .success
        case "SUCCESS_WITH_FAILURES": return .successWithFailures
        case "TIMEDOUT": return .timedOut
        case "UPSTREAM_CANCELED": return .upstreamCanceled
        case "UPSTREAM_FAILED": return .upstreamFailed
        default: return terminationType.map { $0 == "SUCCESS" ? .unknown : .failed } ?? .unknown
        }
    }

    /// Whether only a person can mend what ended it.
    ///
    /// - SeeAlso: Databricks REST API, *Jobs*, `TerminationCode`.
    var needsPerson: Bool {
        [
            "BREAKING_CHANGE", "BUDGET_POLICY_LIMIT_EXCEEDED", "FEATURE_DISABLED", "INVALID_CLUSTER_REQUEST",
            "INVALID_RUN_CONFIGURATION", "RESOURCE_NOT_FOUND", "UNAUTHORIZED_ERROR",
        ].contains(terminationCode ?? "")
    }

    /// Whether the workspace had no room for it.
    var isCrowdedOut: Bool {
        [
            "CLUSTER_REQUEST_LIMIT_EXCEEDED", "MAX_CONCURRENT_RUNS_EXCEEDED", "MAX_JOB_QUEUE_SIZE_EXCEEDED",
            "WORKSPACE_RUN_LIMIT_EXCEEDED",
        ].contains(terminationCode ?? "")
    }

    /// As people read it, such as `TERMINATED, FAILED (RUN_EXECUTION_ERROR)`.
    var words: String {
        [lifeCycle, result].compactMap { $0 }.joined(separator: ", ") + (terminationCode.map { " (\($0))" } ?? "")
    }
}
