/// The answer to the request.
extension RefreshMachine {
    mutating func posted(_ reply: RemoteReply<Acceptance>, at now: Timestamp) -> [Action] {
        lastSeen = now
        switch reply.result {
        case .answer(let acceptance):
            // An id that history showed before cannot be that of a new refresh.
            guard let id = acceptance.requestID else {
                return commit(.ambiguous, "answered_without_id", reply.evidence, then: .reconcile, at: now)
            }
            guard !isKnown(id), !isOwned(id) else {
                anomalies.insert("request_id_reused")
                return commit(.ambiguous, "answered_with_known_id", reply.evidence, then: .reconcile, at: now)
            }
            operation.requestID = id
            return commit(.accepted, "answered", reply.evidence, then: .rest, at: now)
        case .refusal(let refusal):
            let outcome = outcome(ofPost: refusal, notBefore: parked(reply.retryAfter, at: now))
            return commit(.rejected, "refused", reply.evidence, then: .finish(outcome), at: now)
        case .silence(let silence) where silence.mayHaveArrived:
            isThrottled = silence.isThrottled
            throttledUntil = parked(reply.retryAfter, at: now)
            let name = silence.isThrottled ? "throttled" : "unanswered"
            return commit(.ambiguous, name, reply.evidence, then: .reconcile, at: now)
        case .silence(let silence):
            let outcome = notSent(silence, reply.retryAfter, at: now)
            return commit(.rejected, "not_sent", reply.evidence, then: .finish(outcome), at: now)
        }
    }

    /// It is certain that nothing was asked for; where a budget held it back, it says until when.
    func notSent(_ silence: Silence, _ retryAfter: Duration?, at now: Timestamp) -> RefreshOutcome {
        let code: FailureCode = silence.isThrottled ? .throttled : .unreachable
        return failure(code, .later, silence.message, notBefore: parked(retryAfter, at: now))
    }

    private func outcome(ofPost refusal: Refusal, notBefore: Timestamp?) -> RefreshOutcome {
        guard refusal.reason == .busy else { return outcome(of: refusal, notBefore: notBefore) }
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

    /// Whether another operation of ours goes by it.
    func isOwned(_ id: String) -> Bool {
        ownedIDs.contains { $0.lowercased() == id.lowercased() }
    }
}
