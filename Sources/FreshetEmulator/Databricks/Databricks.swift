/// A Databricks workspace: jobs with their runs, a warehouse with tables, and who may come in.
struct Databricks: Codable, Sendable {
    var jobs: [WorkspaceJob] = [.nightly]
    var warehouse = Warehouse()
    /// What `token` of a connection may be.
    var personalTokens: [String] = [Databricks.personalToken]
    /// Tokens given out, and when each ends.
    var tokens: [String: Instant] = [:]
    private var lastRunID = 1_000

    static let personalToken = "dapi-emulator-0123456789abcdef"
    static let warehouseID = "0123456789abcdef"

    enum Admission: Hashable { case admitted, expired, unknown }

    func admission(of call: Call, at now: Instant) -> Admission {
        guard let header = call.header("authorization"), header.lowercased().hasPrefix("bearer ") else {
            return .unknown
        }
        let token = String(header.dropFirst(7).trimmed)
        if personalTokens.contains(token) { return .admitted }
        return tokens[token].map { now < $0 ? .admitted : .expired } ?? .unknown
    }

    mutating func nextRunID() -> Int {
        lastRunID += 1
        return lastRunID
    }

    func jobIndex(_ id: Int) -> Int? { jobs.firstIndex { $0.id == id } }

    func place(ofRun id: Int) -> (job: Int, run: Int)? {
        for (job, entry) in jobs.enumerated() {
            if let run = entry.runs.firstIndex(where: { $0.id == id }) { return (job, run) }
        }
        return nil
    }
}

/// A job and its runs.
struct WorkspaceJob: Codable, Sendable {
    var id: Int
    var name: String
    /// Keys of the tasks, which run one after the other.
    var tasks: [String]
    /// Seconds that a run takes.
    var duration: Double
    /// Seconds that a run waits for its compute.
    var startDelay = 0.0
    /// Seconds that a cancelled run takes to end.
    var cancelDelay = 0.0
    /// Oldest first.
    var runs: [WorkspaceRun] = []
    /// The run that each idempotency token began; a token that began none stays unknown.
    var runOfToken: [String: Int] = [:]

    static let nightly = WorkspaceJob(
        id: 582_764_910_384_756,
        name: "Nightly load",
        tasks: ["extract", "transform"],
        duration: 2
    )
}

/// One run of a job; what becomes of it is settled when it begins.
struct WorkspaceRun: Codable, Sendable {
    var id: Int
    var job: Int
    var number: Int
    var tasks: [String]
    var start: Instant
    var startDelay: Double
    var duration: Double
    /// The word it ends with unless it is cancelled; a life-cycle word such as `INTERNAL_ERROR` stands for itself.
    var end: String
    var failure: RefreshFailure?
    /// What it shows instead of its own course.
    var stages: [RefreshStage]
    var cancelledAt: Instant?
    var cancelDelay: Double
    /// Whether nobody will ever see it.
    var isLost = false
    var parameters: JSON

    struct State: Hashable {
        var life: String
        var result: String?
        /// When it ended.
        var ended: Instant?
    }

    private static let final: Set<String> = ["INTERNAL_ERROR", "SKIPPED", "TERMINATED"]

    func state(at now: Instant) -> State {
        if let cancelledAt, cancelledAt < naturalEnd {
            let ended = cancelledAt + cancelDelay
            return now < ended
                ? State(life: "TERMINATING") : State(life: "TERMINATED", result: "CANCELED", ended: ended)
        }
        if let (stage, begun) = stages.stage(after: now - start) {
            let isFinal = WorkspaceRun.final.contains(stage.status)
            let result = stage.extendedStatus == stage.status ? nil : stage.extendedStatus
            return State(life: stage.status, result: result, ended: isFinal ? start + begun : nil)
        }
        if now < start + startDelay { return State(life: "PENDING") }
        if now < naturalEnd { return State(life: "RUNNING") }
        switch end {
        case "INTERNAL_ERROR": return State(life: end, result: "FAILED", ended: naturalEnd)
        case "MAXIMUM_CONCURRENT_RUNS_REACHED": return State(life: "SKIPPED", result: end, ended: naturalEnd)
        case "SKIPPED": return State(life: end, ended: naturalEnd)
        default: return State(life: "TERMINATED", result: end, ended: naturalEnd)
        }
    }

    private var naturalEnd: Instant {
        if !stages.isEmpty {
            let running = stages.prefix { !WorkspaceRun.final.contains($0.status) }
            return running.count == stages.count
                ? start + 1e9 : start + running.reduce(0) { $0 + ($1.duration ?? 0) }
        }
        return start + startDelay + duration
    }
}
