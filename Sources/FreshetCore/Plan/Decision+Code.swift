// The words for a reason, in one place: what is stored, sent and shown uses these and no others.

extension Decision {
    /// The one reason code of the decision, in snake_case; of several causes, that of the first in their order.
    public var code: String {
        switch self {
        case .run(let causes): (causes.min() ?? .forced).code
        case .skip(let reason): reason.code
        case .wait: "upstream_running"
        }
    }
}

extension Cause {
    /// The reason code, in snake_case.
    public var code: String {
        switch self {
        case .forced: "forced"
        case .maxSkipPassed: "max_skip_passed"
        case .dayChanged: "day_changed"
        case .scheduled: "scheduled"
        case .shadowed: "shadowed"
        case .neverMaterialized: "never_materialized"
        case .codeChanged: "code_changed"
        case .inputAdded: "input_added"
        case .inputRemoved: "input_removed"
        case .inputChanged: "input_changed"
        case .inputUnverifiable: "input_unverifiable"
        }
    }
}

extension SkipReason {
    /// The reason code, in snake_case.
    public var code: String {
        switch self {
        case .upToDate: "up_to_date"
        case .notSelected: "not_selected"
        case .nothingSelected: "nothing_selected"
        case .upstreamFailed: "upstream_failed"
        case .upstreamMissing: "upstream_missing"
        case .upstreamUnknown: "upstream_unknown"
        case .cancelled: "cancelled"
        case .foreignRefreshRunning: "foreign_refresh_running"
        case .quotaExhausted: "quota_exhausted"
        }
    }
}
