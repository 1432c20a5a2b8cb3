import FreshetCore
import FreshetKit

/// What the end of a run means for the step, in words for people.
struct JobWording {
    var policy: JobPolicy.OnSuccessWithFailures
    var redactor: Redactor
    var now: Timestamp

    /// - Parameters:
    ///   - outcome: of the conversation.
    ///   - stop: why the run was asked to end, if it was.
    ///   - cause: what a failed task says.
    /// - Returns: the end of the attempt, free of secrets.
    func outcome(_ outcome: JobOutcome, stop: StopReason?, cause: String?) -> StepOutcome {
        switch outcome {
        case .left: return .left
        case .failed(var failure, let run):
            failure.message = redactor.redact(failure.message)
            failure.details = details(run)
            return .failed(failure)
        case .stopped(let isStopped, let run):
            let message = isStopped ? "the run was cancelled" : "the run could not be cancelled in time, and may go on"
            if stop == .deadline {
                let text = "the run took longer than allowed; \(message)"
                return .failed(StepFailure(.timedOut, .later, message: text, details: details(run)))
            }
            return .cancelled(StepCancellation(isRemoteStopped: isStopped, message: message, details: details(run)))
        case .ended(let run, let end): return self.end(run, end, cause.map(redactor.redact))
        }
    }

    private func end(_ run: JobRun, _ end: JobRunState.End, _ cause: String?) -> StepOutcome {
        let words = redactor.redact(run.state.message ?? run.state.words)
        let said = cause ?? words
        switch end {
        case .success: return succeeded(run, warning: nil)
        case .successWithFailures:
            switch policy {
            case .succeed: return succeeded(run, warning: nil)
            case .warn: return succeeded(run, warning: said)
            case .fail:
                let hint = "write 'on_success_with_failures: warn' if that is no failure"
                return failed(.remoteFailed, .later, "the run succeeded with failures; \(said); \(hint)", run)
            }
        case .canceled, .upstreamCanceled: return failed(.remoteCancelled, .later, "cancelled over there: \(said)", run)
        case .disabled, .excluded:
            return failed(.remoteDisabled, .never, "nothing ran (\(run.state.words)): \(said)", run)
        case .maximumConcurrentRunsReached, .skipped:
            return crowdedOut("another run of the job is active: \(said)", run)
        case .timedOut: return failed(.remoteTimedOut, .later, "the job's own limit of time passed: \(said)", run)
        case .failed, .internalError, .unknown, .upstreamFailed:
            if run.state.isCrowdedOut { return crowdedOut(said, run) }
            let isCredential = run.state.terminationCode == "UNAUTHORIZED_ERROR"
            let code = isCredential ? FailureCode.credentials : .remoteFailed
            return failed(code, run.state.needsPerson ? .never : .later, said, run)
        }
    }

    private func succeeded(_ run: JobRun, warning: String?) -> StepOutcome {
        var success = StepSuccess(nonce: run.id, details: details(run))
        if let warning {
            success.checks = [
                CheckResult(name: "every_task", severity: .warn, isPassed: false, message: warning)
            ]
        }
        return .succeeded(success)
    }

    /// It takes nothing from the retries: there was no room.
    private func crowdedOut(_ message: String, _ run: JobRun) -> StepOutcome {
        var failure = StepFailure(.throttled, .later, message: message, details: details(run))
        failure.notBefore = now + .seconds(60)
        return .failed(failure)
    }

    private func failed(_ code: FailureCode, _ retry: RetryClass, _ message: String, _ run: JobRun) -> StepOutcome {
        .failed(StepFailure(code, retry, message: message, details: details(run)))
    }

    private func details(_ run: JobRun?) -> JSONValue {
        guard let run else { return .object([:]) }
        var members: [String: JSONValue] = ["run_id": .text(run.id), "state": .text(run.state.words)]
        members["url"] = run.url.map { .text($0) }
        if let start = run.startedAt, let end = run.endedAt, end >= start {
            members["duration"] = .number((end - start).inSeconds)
        }
        if !run.tasks.isEmpty { members["tasks"] = .integer(Int64(run.tasks.count)) }
        return .object(members)
    }
}
