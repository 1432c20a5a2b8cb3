/// Writing down, and going on after it.
extension RefreshMachine {
    mutating func commit(
        _ state: RemoteOperation.State,
        _ name: String,
        _ evidence: JSONValue = .object([:]),
        then next: Next,
        at now: Timestamp
    ) -> [Action] {
        operation.state = state
        return commit(RemoteEvent(at: now, name: name, evidence: evidence), then: next)
    }

    mutating func commit(_ event: RemoteEvent, then next: Next) -> [Action] {
        stage = .committing(event, next)
        return [.commit(operation, event)]
    }

    mutating func proceed(_ next: Next, at now: Timestamp) -> [Action] {
        switch next {
        case .post where stop != nil:
            return commit(.cancelled, "not_sent", then: .finish(outcomeUnsent), at: now)
        case .post:
            stage = .posting
            return [.post]
        case .reconcile: return beginReconciling(at: now)
        case .look: return look(at: now)
        case .rest: return rest(nil, at: now)
        case .cancelRemote: return cancelRemote()
        case .finish(let outcome): return finish(outcome)
        }
    }

    mutating func notCommitted(
        _ failure: CommitFailure,
        _ event: RemoteEvent,
        _ next: Next,
        at now: Timestamp
    ) -> [Action] {
        switch failure {
        case .superseded:
            return finish(.left)
        case .targetBusy where next == .post || operation.bodyHash.isEmpty:
            let message = "another refresh of Freshet's own is in flight on this model"
            return finish(self.failure(.foreignRefreshRunning, .later, message))
        case .targetBusy, .failed:
            // What happened over there has happened: only writing it down can be tried again.
            guard !isOverdue(at: now) else {
                let reason = if case .failed(let reason) = failure { reason } else { "another operation is in flight" }
                let message = "the store does not take the refresh's state: \(reason)"
                return finish(self.failure(.internalError, .later, message))
            }
            stage = .pausingCommit(event, next)
            return [.sleep(until: now + nextInterval())]
        }
    }

    mutating func finish(_ outcome: RefreshOutcome) -> [Action] {
        stage = .finished
        return [.finish(outcome)]
    }
}

/// What all parts of the conversation use.
extension RefreshMachine {
    var report: RefreshReport {
        RefreshReport(
            requestID: operation.requestID,
            isAdopted: operation.isAdopted,
            isExternal: isExternal,
            record: lastRecord,
            anomalies: anomalies.sorted()
        )
    }

    func failure(
        _ code: FailureCode,
        _ retry: RetryClass,
        _ message: String,
        notBefore: Timestamp? = nil
    ) -> RefreshOutcome {
        .failed(StepFailure(code, retry, message: message, notBefore: notBefore), report)
    }

    /// The end of a wait that was asked for while there is nothing to watch, within reason.
    func parked(_ retryAfter: Duration?, at now: Timestamp) -> Timestamp? {
        retryAfter.map { now + min(max($0, .zero), policy.parkLimit) }
    }

    /// The outcome of a stop before anything was sent.
    var outcomeUnsent: RefreshOutcome {
        if stop?.reason == .deadline, let foreignID {
            failure(.foreignRefreshRunning, .later, "the refresh \(foreignID) was still running at the deadline")
        } else if stop?.reason == .deadline {
            failure(.timedOut, .later, "the deadline passed before a refresh was asked for")
        } else {
            .stopped(isRemoteStopped: true, report)
        }
    }

    /// Whether even the time for ending in order has passed.
    func isOverdue(at now: Timestamp) -> Bool {
        guard let stop else { return false }
        return now >= stop.at + policy.cancelGrace
    }

    /// The next wait, with jitter; each is longer than the last, up to a limit.
    mutating func nextInterval() -> Duration {
        let wait = interval.inSeconds * (1 + policy.pollJitter * (2 * chance.next() - 1))
        interval = min(.seconds(interval.inSeconds * policy.pollFactor), policy.pollMaxInterval)
        return .seconds(wait)
    }

    /// The next wait, or what the remote system asked for, within reason.
    mutating func nextInterval(_ retryAfter: Duration?) -> Duration {
        let wait = nextInterval()
        guard let retryAfter else { return wait }
        return max(min(retryAfter, policy.retryAfterLimit), .seconds(1))
    }

    /// The end of a wait; the deadline cuts it short while it lies ahead, and so does the end of the time for stopping:
    /// what the remote system asks for must not put off the answer to who wants an end.
    func wake(_ now: Timestamp, after wait: Duration) -> Timestamp {
        let moment = now + wait
        let limit = stop.map { $0.at + policy.cancelGrace } ?? deadline
        return now < limit ? min(moment, limit) : moment
    }
}

/// What a refresh is doing, for a person who watches.
package enum RefreshProgress: Hashable, Sendable {
    case checking
    case waiting(forID: String)
    case asking
    case reconciling
    case running(id: String)
    case cancelling(id: String)
}

extension RefreshMachine {
    package var operationID: String { operation.id }

    /// When the request was made; before that, when the attempt began.
    package var preparedAt: Timestamp { operation.preparedAt }

    /// Whether a wish to stop, or the deadline, has been noticed.
    package var isStopping: Bool { stop != nil }

    package var progress: RefreshProgress {
        switch stage {
        case .new, .checking, .pausing, .inspecting, .examining, .waiting, .finished:
            foreignID.map { .waiting(forID: $0) } ?? .checking
        case .posting: .asking
        case .reconciling, .settling, .verifying, .pausingVerification: .reconciling
        case .committing, .pausingCommit, .looking, .lookingInHistory, .resting, .cancelling:
            if let id = operation.requestID {
                cancelState == .none ? .running(id: id) : .cancelling(id: id)
            } else {
                operation.state == .ambiguous || operation.state == .notFound ? .reconciling : .asking
            }
        }
    }
}
