/// A metric that is counted while the daemon works: its name, and the names of its labels.
///
/// What a label may hold is bounded: words of closed lists, names of the definitions, never an id or a moment.
package enum Family: String, CaseIterable, Sendable {
    case decisions = "freshet_decisions_total"
    case triggers = "freshet_triggers_total"
    case ticks = "freshet_ticks_total"
    case tickDuration = "freshet_tick_duration_seconds"
    case scheduleDelay = "freshet_schedule_delay_seconds"
    case runs = "freshet_runs_total"
    case stepDuration = "freshet_step_duration_seconds"
    case refreshPosts = "freshet_refresh_posts_total"
    case refreshAdopted = "freshet_refresh_adopted_total"
    case remoteRequests = "freshet_remote_requests_total"
    case remoteRequestDuration = "freshet_remote_request_duration_seconds"
    case remoteThrottled = "freshet_remote_throttled_total"
    case storeCommitDuration = "freshet_store_commit_duration_seconds"
    case invariantViolations = "freshet_invariant_violations_total"
    case pluginExits = "freshet_plugin_exits_total"
    case tracesSent = "freshet_traces_total"

    /// One sentence for who reads the figures.
    package var help: String {
        switch self {
        case .decisions: "Decisions on assets, by what they came to and why."
        case .triggers: "Triggers that were answered, by what asked and what became of it."
        case .ticks: "Looks of sensors, by what came of them."
        case .tickDuration: "How long looks of sensors took."
        case .scheduleDelay: "How long after its slot a schedule was answered."
        case .runs: "Runs that have ended, by how and by what began them."
        case .stepDuration: "How long steps spent in each phase, once their run has ended."
        case .refreshPosts: "Requests for a refresh that were sent, by what is known of each right after."
        case .refreshAdopted: "Refreshes that were found running and taken for the work, by whose they were."
        case .remoteRequests: "Requests to other systems, by the class of the answer."
        case .remoteRequestDuration: "How long requests to other systems took."
        case .remoteThrottled: "Answers of other systems that asked for fewer requests."
        case .storeCommitDuration: "How long writes to the store took until they were durable."
        case .invariantViolations: "What does not hold of the store and must."
        case .pluginExits: "Ends of programs of plugins."
        case .tracesSent: "Traces of runs, by what became of them."
        }
    }

    /// In the order in which they are written.
    package var labels: [String] {
        switch self {
        case .decisions: ["outcome", "reason"]
        case .triggers: ["source", "disposition"]
        case .ticks: ["sensor", "result"]
        case .runs: ["state", "trigger"]
        case .stepDuration: ["kind", "phase"]
        case .refreshPosts, .tracesSent: ["result"]
        case .refreshAdopted: ["how"]
        case .remoteRequests: ["service", "code_class"]
        case .remoteRequestDuration, .remoteThrottled: ["service"]
        case .pluginExits: ["plugin", "result"]
        case .tickDuration, .scheduleDelay, .storeCommitDuration, .invariantViolations: []
        }
    }

    /// The upper ends of a histogram's buckets, in seconds and ascending; `nil` for a counter.
    package var bounds: [Double]? {
        switch self {
        case .tickDuration: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300]
        case .scheduleDelay: [0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200, 86_400]
        case .stepDuration: [0.1, 1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 18_000]
        case .remoteRequestDuration: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
        case .storeCommitDuration: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
        case .decisions, .triggers, .ticks, .runs, .refreshPosts, .refreshAdopted, .remoteRequests, .remoteThrottled,
            .invariantViolations, .pluginExits, .tracesSent:
            nil
        }
    }
}
