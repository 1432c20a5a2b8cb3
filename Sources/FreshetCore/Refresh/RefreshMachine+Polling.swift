/// Our refresh has an id: looking until it ends, or until it has to be cancelled.
extension RefreshMachine {
    mutating func look(at now: Timestamp) -> [Action] {
        guard let id = operation.requestID else { return lost(nil, at: now) }
        if stop != nil, operation.cancelRequestedAt == nil { return requestCancel(at: now) }
        if readsHistory {
            stage = .lookingInHistory
            return [.listHistory(top: policy.historySize)]
        }
        stage = .looking
        return [.getDetails(id: id)]
    }

    mutating func looked(_ reply: RemoteReply<RefreshRecord>, at now: Timestamp) -> [Action] {
        switch reply.result {
        case .answer(let record):
            return saw(record, reply.retryAfter, reply.evidence, at: now)
        case .refusal(let refusal) where refusal.reason == .notSignedIn:
            // The refresh goes on over there, and a secret may be mended while it does.
            return rest(reply.retryAfter, at: now)
        case .refusal(let refusal):
            // A new refresh takes a while to be found; any other no means that this kind of refresh has no details.
            readsHistory = refusal.reason != .notFound && refusal.reason != .tokenExpired
            stage = .lookingInHistory
            return [.listHistory(top: policy.historySize)]
        case .silence:
            return rest(reply.retryAfter, at: now)
        }
    }

    mutating func lookedInHistory(_ reply: RemoteReply<RefreshHistory>, at now: Timestamp) -> [Action] {
        switch reply.result {
        case .answer(let history):
            if let record = operation.requestID.flatMap({ history[$0] }) {
                return saw(record, reply.retryAfter, reply.evidence, at: now)
            }
            return missing(reply.retryAfter, nil, at: now)
        case .refusal(let refusal) where refusal.reason == .notSignedIn: return rest(reply.retryAfter, at: now)
        case .refusal(let refusal): return missing(reply.retryAfter, refusal, at: now)
        case .silence: return rest(reply.retryAfter, at: now)
        }
    }

    private mutating func saw(
        _ record: RefreshRecord,
        _ retryAfter: Duration?,
        _ evidence: JSONValue,
        at now: Timestamp
    ) -> [Action] {
        // An answer about another refresh says nothing about ours.
        if let id = record.requestID, id.lowercased() != operation.requestID?.lowercased() {
            return rest(retryAfter, at: now)
        }
        lastSeen = now
        lastRecord = record
        anomalies.formUnion(record.anomalies)
        guard record.phase.isFinal else { return rest(retryAfter, at: now) }
        let (state, outcome) = end(record)
        return commit(state, "ended", evidence, then: .finish(outcome), at: now)
    }

    private func end(_ record: RefreshRecord) -> (RemoteOperation.State, RefreshOutcome) {
        switch record.phase {
        case .completed:
            // Also when a stop came too late: the data is there.
            return (.completed, .succeeded(report))
        case .cancelled:
            return (.cancelled, outcomeOfCancelled)
        case .failed, .disabled, .timedOut, .running:
            let outcome: RefreshOutcome =
                stop?.reason == .cancelled ? .stopped(isRemoteStopped: true, report) : outcomeOfFailed(record)
            return (.failed, outcome)
        }
    }

    private var outcomeOfCancelled: RefreshOutcome {
        switch stop?.reason {
        case .cancelled: .stopped(isRemoteStopped: true, report)
        case .deadline: failure(.timedOut, .later, "the deadline passed; the refresh was cancelled")
        case nil: failure(.remoteCancelled, .later, "the refresh was cancelled by somebody else")
        }
    }

    private func outcomeOfFailed(_ record: RefreshRecord) -> RefreshOutcome {
        let cause = RootCause(of: record)
        switch record.phase {
        case .disabled:
            return failure(.remoteDisabled, .never, cause?.sentence ?? "the refresh is disabled by selective refresh")
        case .timedOut:
            return failure(.remoteTimedOut, .later, cause?.sentence ?? "the service's own time limit passed")
        default:
            guard let cause else { return failure(.remoteFailed, .later, "the service gives no reason") }
            return failure(cause.failureCode, cause.retry, cause.sentence)
        }
    }

    private mutating func missing(_ retryAfter: Duration?, _ refusal: Refusal?, at now: Timestamp) -> [Action] {
        now - lastSeen >= policy.missingGrace ? lost(refusal, at: now) : rest(retryAfter, at: now)
    }

    private mutating func lost(_ refusal: Refusal?, at now: Timestamp) -> [Action] {
        let outcome: RefreshOutcome =
            switch refusal?.reason {
            case .denied, .notSignedIn:
                failure(.credentials, .never, "the refresh can no longer be watched: \(refusal?.message ?? "")")
            case .notFound:
                failure(
                    .configuration,
                    .never,
                    "the model is no longer there while it is refreshed: deleted, moved to another workspace, or no "
                        + "longer visible to this application: \(refusal?.message ?? "")"
                )
            case .capacityPaused:
                failure(.capacityPaused, .later, "the refresh can no longer be watched: \(refusal?.message ?? "")")
            case .badRequest, .busy, .quotaExhausted, .tokenExpired, nil:
                failure(.lostRemote, .later, "the service accepted the refresh, and no longer knows of it")
            }
        return commit(.lost, "lost", then: .finish(outcome), at: now)
    }

    mutating func rest(_ retryAfter: Duration?, at now: Timestamp) -> [Action] {
        if stop != nil {
            if operation.cancelRequestedAt == nil { return requestCancel(at: now) }
            if cancelState == .refused || isOverdue(at: now) { return leaveRunning(at: now) }
        }
        stage = .resting
        return [.sleep(until: wake(now, after: nextInterval(retryAfter)))]
    }
}

/// The wish to end it.
extension RefreshMachine {
    private mutating func requestCancel(at now: Timestamp) -> [Action] {
        // What somebody else asked for is not ours to cancel.
        guard !operation.bodyHash.isEmpty else { return leaveRunning(at: now) }
        operation.cancelRequestedAt = now
        cancelState = .asked
        interval = policy.pollInterval
        let reason = stop?.reason ?? .cancelled
        return commit(.accepted, "cancel_requested", ["reason": .text(reason.rawValue)], then: .cancelRemote, at: now)
    }

    mutating func cancelRemote() -> [Action] {
        stage = .cancelling
        return operation.requestID.map { [.cancelRemote(id: $0)] } ?? []
    }

    mutating func cancelAnswered(_ reply: RemoteReply<Cancellation>, at now: Timestamp) -> [Action] {
        switch reply.result {
        case .answer: cancelState = .taken
        // It may have ended in the meantime, so look once more.
        case .refusal: cancelState = .refused
        case .silence: cancelState = .asked
        }
        return look(at: now)
    }

    private mutating func leaveRunning(at now: Timestamp) -> [Action] {
        let outcome: RefreshOutcome =
            stop?.reason == .deadline
            ? failure(.timedOut, .later, "the deadline passed; the refresh could not be cancelled and may still run")
            : .stopped(isRemoteStopped: false, report)
        return commit(.lost, "left_running", then: .finish(outcome), at: now)
    }
}
