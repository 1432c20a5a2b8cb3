import FreshetCore

/// At most one run of a job for each attempt, known to its end: events in, the next action out.
///
/// The request carries a token that is the same however often it is sent, and the workspace gives one run for one token.
/// So a request without an answer is not looked for in a history, as a refresh is: it is sent again.
struct JobMachine: Sendable {
    enum Event: Sendable {
        case began
        case committed
        case commitFailed(CommitFailure)
        /// The id of the run.
        case started(RemoteReply<String>)
        case seen(RemoteReply<JobRun>)
        case cancelAnswered(RemoteReply<JSONValue>)
        case woke
    }

    enum Action: Hashable, Sendable {
        case commit(RemoteOperation, RemoteEvent)
        case start
        case look(String)
        case cancel(String)
        case sleep(until: Timestamp)
        case finish(JobOutcome)
    }

    private(set) var operation: RemoteOperation
    private(set) var stopReason: StopReason?
    private let policy: JobPolicy
    private let isResuming: Bool
    /// What follows when the present commit is durable.
    private var afterCommit: Action?
    private var afterWaking = Action.start
    private var hasSent: Bool
    private var hasAskedToCancel = false
    /// When this process first asked for it.
    private var cancelledAt: Timestamp?
    private var interval: Duration
    private var firstTry: Timestamp?
    private var missingSince: Timestamp?
    private var lastRun: JobRun?

    init(_ operation: RemoteOperation, isResuming: Bool, policy: JobPolicy) {
        self.operation = operation
        self.isResuming = isResuming
        self.policy = policy
        interval = policy.pollInterval
        // Found after a restart it may have been sent, whatever it says.
        hasSent = isResuming
        if self.operation.deadline == nil { self.operation.deadline = operation.preparedAt + policy.longestRun }
    }

    /// Somebody wants it to end; heeded at the next event.
    mutating func stop(_ reason: StopReason) { stopReason = stopReason ?? reason }

    var isStopping: Bool { stopReason != nil }

    mutating func handle(_ event: Event, at now: Timestamp) -> Action {
        if let deadline = operation.deadline, now >= deadline { stop(.deadline) }
        switch event {
        case .began: return begin(now)
        case .committed:
            guard let next = afterCommit else { return .finish(.left) }
            afterCommit = nil
            // A wish that came meanwhile: nothing has been sent yet.
            if next == .start, isStopping, !hasSent {
                return end(.cancelled, .stopped(isRemoteStopped: true, nil), now)
            }
            return sending(next)
        case .commitFailed(let failure): return commitFailed(failure)
        case .started(let reply): return started(reply, now)
        case .seen(let reply): return seen(reply, now)
        case .cancelAnswered(let reply):
            // Asked once more with the next look, unless it was taken.
            if case .answer = reply.result {} else { hasAskedToCancel = false }
            return wait(now, .look(operation.requestID ?? ""), atLeast: .zero)
        case .woke: return goOn(now)
        }
    }

    // MARK: Beginning

    private mutating func begin(_ now: Timestamp) -> Action {
        firstTry = now
        if operation.cancelRequestedAt != nil { stop(.cancelled) }
        if let id = operation.requestID { return ending(id, now) ?? .look(id) }
        if isResuming { return sending(.start) }
        return commit("prepared", then: .start, now)
    }

    private mutating func sending(_ action: Action) -> Action {
        if action == .start { hasSent = true }
        return action
    }

    private mutating func started(_ reply: RemoteReply<String>, _ now: Timestamp) -> Action {
        switch reply.result {
        case .answer(let id):
            operation.state = .accepted
            operation.requestID = id
            return commit("answered", reply.evidence, then: .look(id), now)
        case .refusal(let refusal):
            guard operation.state != .ambiguous, !isResuming else { return refusedInDoubt(refusal, reply, now) }
            let (code, retry) = Self.classes(refusal.reason)
            let failure = StepFailure(code, retry, message: refusal.message)
            return end(.rejected, .failed(failure, nil), now, "answered", reply.evidence)
        case .silence(let silence): return unanswered(silence, reply, now)
        }
    }

    /// A refusal now says nothing about what was sent before.
    private mutating func refusedInDoubt(
        _ refusal: Refusal,
        _ reply: RemoteReply<String>,
        _ now: Timestamp
    ) -> Action {
        switch refusal.reason {
        // Without leave to ask, nothing is learned; the leave may come back.
        case .denied, .notSignedIn, .tokenExpired: return unanswered(Silence(refusal.message), reply, now)
        default:
            let message = "it is not known whether the run began: \(refusal.message)"
            let failure = StepFailure(.unresolved, .never, message: message)
            return end(.unresolved, .failed(failure, nil), now, "answered", reply.evidence)
        }
    }

    private mutating func unanswered(_ silence: Silence, _ reply: RemoteReply<String>, _ now: Timestamp) -> Action {
        let wait = reply.retryAfter ?? .zero
        let isInDoubt = operation.state == .ambiguous || silence.mayHaveArrived || isResuming
        guard isInDoubt else {
            hasSent = false
            if isStopping { return end(.cancelled, .stopped(isRemoteStopped: true, nil), now) }
            if silence.isThrottled, wait > policy.parkAfter {
                var failure = StepFailure(.throttled, .later, message: silence.message)
                failure.notBefore = now + min(wait, policy.parkLimit)
                return end(.rejected, .failed(failure, nil), now, "answered", reply.evidence)
            }
            if now - (firstTry ?? now) >= policy.startGrace {
                let code = silence.isThrottled ? FailureCode.throttled : .unreachable
                return end(.notFound, .failed(StepFailure(code, .later, message: silence.message), nil), now)
            }
            return self.wait(now, .start, atLeast: wait)
        }
        if let deadline = operation.deadline, now >= deadline + policy.cancelGrace {
            let message = "it is not known whether the run began: \(silence.message)"
            return end(.unresolved, .failed(StepFailure(.unresolved, .never, message: message), nil), now)
        }
        guard operation.state != .ambiguous else { return self.wait(now, .start, atLeast: wait) }
        operation.state = .ambiguous
        afterWaking = .start
        return commit("answered", reply.evidence, then: pausing(now, atLeast: wait), now)
    }

    private static func classes(_ reason: Refusal.Reason) -> (FailureCode, RetryClass) {
        switch reason {
        case .denied, .notSignedIn, .tokenExpired: (.credentials, .never)
        case .notFound: (.configuration, .never)
        case .quotaExhausted: (.throttled, .later)
        case .badRequest, .busy, .capacityPaused: (.badRequest, .never)
        }
    }

    // MARK: Watching

    private mutating func seen(_ reply: RemoteReply<JobRun>, _ now: Timestamp) -> Action {
        let id = operation.requestID ?? ""
        switch reply.result {
        case .answer(let run):
            missingSince = nil
            lastRun = run
            if let end = run.state.end { return conclude(run, end, now) }
        case .refusal(let refusal) where refusal.reason == .notFound:
            let since = missingSince ?? now
            missingSince = since
            if now - since >= policy.missingGrace {
                let message = "the workspace no longer knows run \(id): \(refusal.message)"
                return end(.lost, .failed(StepFailure(.lostRemote, .later, message: message), lastRun), now)
            }
        // No leave to look, or no answer: the run goes on all the same.
        case .refusal, .silence: break
        }
        if let cancelledAt, now - cancelledAt >= policy.cancelGrace {
            return end(.lost, .stopped(isRemoteStopped: false, lastRun), now)
        }
        return ending(id, now) ?? wait(now, .look(id), atLeast: min(reply.retryAfter ?? .zero, policy.retryAfterLimit))
    }

    private mutating func goOn(_ now: Timestamp) -> Action {
        if let id = operation.requestID {
            // A run that could not be cancelled may have ended: it is looked at before it is tried again.
            return cancelledAt == nil ? ending(id, now) ?? .look(id) : .look(id)
        }
        if isStopping, !hasSent { return end(.cancelled, .stopped(isRemoteStopped: true, nil), now) }
        return sending(afterWaking)
    }

    /// What has to be done before the run is looked at again, where it is to end.
    private mutating func ending(_ id: String, _ now: Timestamp) -> Action? {
        guard isStopping, !hasAskedToCancel else { return nil }
        hasAskedToCancel = true
        guard cancelledAt == nil else { return .cancel(id) }
        cancelledAt = now
        interval = policy.pollInterval
        operation.cancelRequestedAt = operation.cancelRequestedAt ?? now
        return commit("cancel_requested", then: .cancel(id), now)
    }

    private mutating func conclude(_ run: JobRun, _ end: JobRunState.End, _ now: Timestamp) -> Action {
        switch end {
        case .success, .successWithFailures:
            return self.end(.completed, .ended(run, end), now, "ended", Self.evidence(run))
        case .canceled, .upstreamCanceled:
            let outcome = isStopping ? JobOutcome.stopped(isRemoteStopped: true, run) : .ended(run, end)
            return self.end(.cancelled, outcome, now, "ended", Self.evidence(run))
        case .disabled, .excluded, .failed, .internalError, .maximumConcurrentRunsReached, .skipped, .timedOut,
            .upstreamFailed, .unknown:
            return self.end(.failed, .ended(run, end), now, "ended", Self.evidence(run))
        }
    }

    private static func evidence(_ run: JobRun) -> JSONValue {
        ["run_id": .text(run.id), "state": .text(run.state.words)]
    }

    // MARK: Waiting and writing down

    private mutating func wait(_ now: Timestamp, _ next: Action, atLeast least: Duration) -> Action {
        afterWaking = next
        return pausing(now, atLeast: least)
    }

    private mutating func pausing(_ now: Timestamp, atLeast least: Duration) -> Action {
        var end = now + max(interval, least)
        interval = min(interval * policy.pollFactor, policy.pollMaxInterval)
        if let deadline = operation.deadline, !isStopping { end = min(end, deadline) }
        return .sleep(until: end)
    }

    private mutating func commit(
        _ name: String,
        _ evidence: JSONValue = .object([:]),
        then next: Action,
        _ now: Timestamp
    ) -> Action {
        afterCommit = next
        return .commit(operation, RemoteEvent(at: now, name: name, evidence: evidence))
    }

    private mutating func end(
        _ state: RemoteOperation.State,
        _ outcome: JobOutcome,
        _ now: Timestamp,
        _ name: String = "ended",
        _ evidence: JSONValue = .object([:])
    ) -> Action {
        operation.state = state
        return commit(name, evidence, then: .finish(outcome), now)
    }

    private func commitFailed(_ failure: CommitFailure) -> Action {
        switch failure {
        case .superseded: return .finish(.left)
        case .targetBusy:
            let message = "another asset's run of the same job is under way"
            return .finish(.failed(StepFailure(.foreignRefreshRunning, .later, message: message), nil))
        case .failed(let message):
            // What was learned is lost, and learned again: the token brings the same run.
            if hasSent { return .finish(.left) }
            return .finish(.failed(StepFailure(.internalError, .later, message: message), nil))
        }
    }
}

/// How an attempt to run a job ended.
enum JobOutcome: Hashable, Sendable {
    case ended(JobRun, JobRunState.End)
    case failed(StepFailure, JobRun?)
    /// Ended by request; false when it may still run over there.
    case stopped(isRemoteStopped: Bool, JobRun?)
    /// A newer process has taken over, or will.
    case left
}
