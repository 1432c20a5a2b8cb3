/// The answer to the request.
extension RefreshMachine {
    mutating func posted(_ reply: RemoteReply<Acceptance>, at now: Timestamp) -> [Action] {
        lastSeen = now
        switch reply.result {
        case .answer(let acceptance):
            // An id that history showed before cannot be that of a new refresh.
            guard let id = acceptance.requestID, !isKnown(id) else {
                return commit(.ambiguous, "answered_without_id", reply.evidence, then: .reconcile, at: now)
            }
            operation.requestID = id
            return commit(.accepted, "answered", reply.evidence, then: .rest, at: now)
        case .refusal(let refusal):
            return commit(.rejected, "refused", reply.evidence, then: .finish(outcome(ofPost: refusal)), at: now)
        case .silence(let silence) where silence.mayHaveArrived:
            isThrottled = silence.isThrottled
            throttledFor = reply.retryAfter
            let name = silence.isThrottled ? "throttled" : "unanswered"
            return commit(.ambiguous, name, reply.evidence, then: .reconcile, at: now)
        case .silence(let silence):
            let outcome = notSent(silence, reply.retryAfter, at: now)
            return commit(.rejected, "not_sent", reply.evidence, then: .finish(outcome), at: now)
        }
    }

    /// It is certain that nothing was asked for; where our own budget held it back, it says until when.
    func notSent(_ silence: Silence, _ retryAfter: Duration?, at now: Timestamp) -> RefreshOutcome {
        let outcome = failure(silence.isThrottled ? .throttled : .unreachable, .later, silence.message)
        guard silence.isThrottled, let retryAfter, case .failed(var failure, let report) = outcome else {
            return outcome
        }
        failure.notBefore = now + retryAfter
        return .failed(failure, report)
    }

    private func outcome(ofPost refusal: Refusal) -> RefreshOutcome {
        guard refusal.reason == .busy else { return outcome(of: refusal) }
        switch policy.onConflict {
        case .skip: return .skipped(inFavorOf: nil)
        // It began after the inputs were read: the next attempt will find it, and take it over.
        case .adopt: return failure(.foreignRefreshRunning, .now, refusal.message)
        case .fail, .wait: return failure(.foreignRefreshRunning, .later, refusal.message)
        }
    }

    func isKnown(_ id: String) -> Bool {
        operation.knownIDs.contains { $0.lowercased() == id.lowercased() }
    }
}
