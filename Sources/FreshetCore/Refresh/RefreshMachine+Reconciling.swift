/// A request without an answer: history says what became of it. It is never sent again.
extension RefreshMachine {
    mutating func beginReconciling(at now: Timestamp) -> [Action] {
        reconcilingSince = now
        readings = 0
        interval = policy.pollInterval
        stage = .reconciling
        return [.listHistory(top: policy.historySize)]
    }

    mutating func readAgain(at now: Timestamp) -> [Action] {
        stage = .reconciling
        return [.listHistory(top: policy.historySize)]
    }

    mutating func reconcile(with reply: RemoteReply<RefreshHistory>, at now: Timestamp) -> [Action] {
        guard case .answer(let history) = reply.result else {
            guard !isOverdue(at: now) else { return giveUp("history cannot be read", at: now) }
            stage = .settling
            return [.sleep(until: wake(now, after: nextInterval(reply.retryAfter)))]
        }
        guard !mayHaveBeenEvicted(from: history, at: now) else {
            return settle() ?? giveUp("history no longer reaches back to the request", at: now)
        }
        ownedIDs = history.ownedIDs
        let candidates = candidates(in: history, serverTime: reply.serverTime, at: now)
        guard candidates.isEmpty else { return verify(candidates, at: now) }
        return nothingFound(in: history, reply, at: now)
    }

    /// New since the request, by nobody we know, and begun no earlier than it; the newest first.
    private func candidates(in history: RefreshHistory, serverTime: Timestamp?, at now: Timestamp) -> [RefreshRecord] {
        let earliest = operation.preparedAt - clockSkew(serverTime, at: now)
        return history.entries
            .filter { entry in
                guard let id = entry.requestID, entry.origin != .other else { return false }
                return !isKnown(id) && !isOwned(id)
                    && (entry.startedAt.map { $0 >= earliest } ?? true)
            }
            .sorted { ($0.startedAt ?? now) > ($1.startedAt ?? now) }
    }

    private func clockSkew(_ serverTime: Timestamp?, at now: Timestamp) -> Duration {
        guard let serverTime else { return policy.clockTolerance }
        return max(serverTime - now, now - serverTime) + policy.clockTolerance
    }

    /// Whether the request may have been in history and pushed out of it.
    private func mayHaveBeenEvicted(from history: RefreshHistory, at now: Timestamp) -> Bool {
        let oldest = history.entries.compactMap(\.startedAt).min()
        let isPastRequest = oldest.map { $0 > operation.preparedAt } ?? true
        if isPastRequest, history.entries.count >= policy.historySize { return true }
        // Fewer entries may be kept than are asked for: then everything that stood there before has gone.
        if isPastRequest, !operation.knownIDs.isEmpty,
            !history.entries.contains(where: { $0.requestID.map(isKnown) ?? false })
        {
            return true
        }
        return now - operation.preparedAt >= policy.historyKept
    }

    private mutating func nothingFound(
        in history: RefreshHistory,
        _ reply: RemoteReply<RefreshHistory>,
        at now: Timestamp
    ) -> [Action] {
        if isThrottled {
            let message = "the service refused the request for now: too many requests"
            let outcome = failure(.throttled, .later, message, notBefore: throttledUntil)
            return commit(.rejected, "reconciled", reply.evidence, then: .finish(outcome), at: now)
        }
        if let settling = settle() { return settling }
        // A refresh that runs may have put ours behind itself.
        if history.entries.contains(where: { $0.isRunning(at: now, limit: policy.longestForeignRefresh) }) {
            guard !isOverdue(at: now) else { return giveUp("another refresh still runs", at: now) }
            stage = .settling
            return [.sleep(until: wake(now, after: nextInterval(reply.retryAfter)))]
        }
        let message = "the request was not answered, and history shows that it had no effect"
        let outcome = stop == nil ? failure(.notFound, policy.afterNotFound, message) : outcomeUnsent
        return commit(.notFound, "reconciled", reply.evidence, then: .finish(outcome), at: now)
    }

    /// Waits for the next of the set readings; `nil` when there is none left.
    private mutating func settle() -> [Action]? {
        guard readings < policy.reconcileAfter.count else { return nil }
        readings += 1
        stage = .settling
        return [.sleep(until: reconcilingSince + policy.reconcileAfter[readings - 1])]
    }

    mutating func verify(_ candidates: [RefreshRecord], at now: Timestamp) -> [Action] {
        guard let id = candidates.first?.requestID else {
            return giveUp("history shows a refresh that may or may not be the one asked for", at: now)
        }
        stage = .verifying(candidates)
        return [.getDetails(id: id)]
    }

    mutating func verified(
        _ candidates: [RefreshRecord],
        _ reply: RemoteReply<RefreshRecord>,
        at now: Timestamp
    ) -> [Action] {
        guard let candidate = candidates.first else { return verify([], at: now) }
        let rest = Array(candidates.dropFirst())
        switch reply.result {
        case .answer(let record):
            guard isOfOurType(record), candidate.origin == .api else { return verify(rest, at: now) }
            if operation.objects.isEmpty || record.covers(operation.objects, isOurs: true) {
                return adopt(candidate, reply.evidence, at: now)
            }
            // The objects are not listed from the start.
            guard record.phase == .running, !isOverdue(at: now) else { return verify(rest, at: now) }
        case .refusal:
            // Details are not given of every kind of refresh; one that names no objects does without.
            guard operation.objects.isEmpty, candidate.origin == .api else { return verify(rest, at: now) }
            return adopt(candidate, reply.evidence, at: now)
        case .silence:
            guard !isOverdue(at: now) else { return giveUp("the details of a refresh cannot be read", at: now) }
        }
        stage = .pausingVerification(candidates)
        return [.sleep(until: wake(now, after: nextInterval(reply.retryAfter)))]
    }

    private mutating func adopt(_ candidate: RefreshRecord, _ evidence: JSONValue, at now: Timestamp) -> [Action] {
        operation.requestID = candidate.requestID
        operation.isAdopted = true
        interval = policy.pollInterval
        lastSeen = now
        lastRecord = candidate
        return commit(.accepted, "adopted", evidence, then: .look, at: now)
    }

    private mutating func giveUp(_ reason: String, at now: Timestamp) -> [Action] {
        let message = "it cannot be known whether the request was accepted: \(reason)"
        let outcome = failure(.unresolved, .never, message)
        return commit(.unresolved, "reconciled", ["reason": .text(reason)], then: .finish(outcome), at: now)
    }
}
