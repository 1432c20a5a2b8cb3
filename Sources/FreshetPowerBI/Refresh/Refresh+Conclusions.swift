internal import FreshetCore
internal import FreshetKit

extension Cause {
    /// Whether a refresh by somebody else cannot stand for ours: somebody wants this one, or what it does is different.
    var asksForOwnRefresh: Bool {
        switch self {
        case .forced, .maxSkipPassed, .dayChanged, .scheduled, .shadowed, .codeChanged, .inputRemoved, .inputUnverifiable: true
        case .neverMaterialized, .inputAdded, .inputChanged: false
        }
    }
}

extension LookupError {
    func stepFailure(at now: Timestamp) -> StepFailure {
        switch self {
        case .unknown, .ambiguous: StepFailure(.configuration, .never, message: description)
        case .refused(let refusal):
            switch refusal.reason {
            case .denied, .notSignedIn, .tokenExpired: StepFailure(.credentials, .never, message: description)
            case .capacityPaused: StepFailure(.capacityPaused, .later, message: description)
            case .badRequest, .busy, .notFound, .quotaExhausted:
                StepFailure(.configuration, .never, message: description)
            }
        case .unanswered(let silence, let retryAfter):
            StepFailure(
                silence.isThrottled ? .throttled : .unreachable,
                .later,
                message: description,
                notBefore: retryAfter.map { now + min($0, .seconds(86_400)) }
            )
        }
    }
}
