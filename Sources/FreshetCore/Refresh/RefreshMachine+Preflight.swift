/// Before the request: whose refresh is running, and what does history show already.
extension RefreshMachine {
    mutating func check(tries: Int, at now: Timestamp) -> [Action] {
        guard stop == nil else { return finish(outcomeUnsent) }
        stage = .checking(tries: tries)
        return [.listHistory(top: policy.historySize)]
    }

    mutating func checked(_ reply: RemoteReply<RefreshHistory>, tries: Int, at now: Timestamp) -> [Action] {
        guard stop == nil else { return finish(outcomeUnsent) }
        switch reply.result {
        case .answer(let history):
            ownedIDs = history.ownedIDs
            guard let done = doneElsewhere(history, reply, at: now) else { return goOn(history, reply, at: now) }
            if operation.objects.isEmpty { return takeEnd(of: done, reply, at: now) }
            stage = .examining(done, reply)
            return done.requestID.map { [.getDetails(id: $0)] } ?? goOn(history, reply, at: now)
        case .refusal(let refusal):
            return finish(outcome(of: refusal, notBefore: parked(reply.retryAfter, at: now)))
        case .silence(let silence):
            // Who is told to come back in an hour gives its place to others meanwhile.
            let isLong = silence.isThrottled && reply.retryAfter.map { $0 > policy.parkAfter } ?? false
            guard tries + 1 < policy.preflightTries, !isLong else {
                return finish(notSent(silence, reply.retryAfter, at: now))
            }
            stage = .pausing(tries: tries + 1)
            return [.sleep(until: wake(now, after: nextInterval(reply.retryAfter)))]
        }
    }

    /// Nobody has done the work: it is done now, unless somebody is at it or the day's refreshes are used up.
    mutating func goOn(
        _ history: RefreshHistory,
        _ reply: RemoteReply<RefreshHistory>,
        at now: Timestamp
    ) -> [Action] {
        let foreign = history.entries.first { $0.isRunning(at: now, limit: policy.longestForeignRefresh) }
        if let foreign { return conflict(with: foreign, reply, at: now) }
        guard let quota = quota(in: history, serverTime: reply.serverTime, at: now) else {
            return prepare(history, reply, at: now)
        }
        quotaFreeAt = quota.freeAt
        guard quota.isExhausted else { return prepare(history, reply, at: now) }
        operation.preparedAt = now
        return commit(.rejected, "quota_exhausted", quota.evidence, then: .finish(.quotaExhausted(quota)), at: now)
    }

    private mutating func prepare(
        _ history: RefreshHistory,
        _ reply: RemoteReply<RefreshHistory>,
        at now: Timestamp
    ) -> [Action] {
        foreignID = nil
        operation.knownIDs = history.entries.compactMap(\.requestID)
        operation.preparedAt = now
        interval = policy.pollInterval
        return commit(.prepared, "prepared", reply.evidence, then: .post, at: now)
    }

    private mutating func conflict(
        with foreign: RefreshRecord,
        _ reply: RemoteReply<RefreshHistory>,
        at now: Timestamp
    ) -> [Action] {
        let id = foreign.requestID ?? "unknown"
        switch policy.onConflict {
        case .skip: return finish(.skipped(inFavorOf: foreign.requestID))
        case .fail:
            let message = "the refresh \(id) by somebody else is running, and on_conflict is fail"
            return finish(failure(.foreignRefreshRunning, .later, message))
        case .adopt where foreign.requestID != nil && beganAfterPlan(foreign, reply, at: now):
            if operation.objects.isEmpty, isOfStandardType, foreign.isWholeByNature {
                return takeOver(foreign, at: now)
            }
            // Of any other it is not known whether it covers the whole model; its details list only what it does.
            guard !operation.objects.isEmpty else { return wait(for: id, at: now) }
            stage = .inspecting(foreign)
            return [.getDetails(id: id)]
        case .adopt, .wait: return wait(for: id, at: now)
        }
    }

    mutating func inspected(
        _ foreign: RefreshRecord,
        _ reply: RemoteReply<RefreshRecord>,
        at now: Timestamp
    ) -> [Action] {
        guard stop == nil else { return finish(outcomeUnsent) }
        if case .answer(let record) = reply.result, isOfOurType(record),
            record.covers(operation.objects, isOurs: false)
        {
            return takeOver(foreign, at: now)
        }
        return wait(for: foreign.requestID ?? "unknown", at: now)
    }

    private mutating func wait(for id: String, at now: Timestamp) -> [Action] {
        foreignID = id
        stage = .waiting
        return [.sleep(until: wake(now, after: nextInterval()))]
    }

    /// Makes somebody else's refresh stand for ours; nothing is sent, so there is no fingerprint of a body.
    private mutating func takeOver(_ foreign: RefreshRecord, at now: Timestamp) -> [Action] {
        operation.requestID = foreign.requestID
        operation.isAdopted = true
        operation.bodyHash = ""
        operation.preparedAt = now
        interval = policy.pollInterval
        lastSeen = now
        return commit(.accepted, "adopted", ["how": "foreign"], then: .look, at: now)
    }

    /// Whether what it loads is at least as new as what was planned.
    func beganAfterPlan(
        _ foreign: RefreshRecord,
        _ reply: RemoteReply<RefreshHistory>,
        at now: Timestamp
    ) -> Bool {
        guard let start = foreign.startedAt else { return false }
        // What the inputs were seen as when the run was planned is what they were seen as since they changed last.
        let seenAt = changedAt ?? plannedAt
        guard let serverTime = reply.serverTime else { return start - policy.clockTolerance >= seenAt }
        // The service's clock is read to the second, and its answer took a moment to come.
        return start - (serverTime - now) - .seconds(2) >= seenAt
    }

    func isOfOurType(_ record: RefreshRecord) -> Bool {
        guard let type, let theirs = record.type else { return true }
        return theirs.lowercased() == type.lowercased()
    }

    /// What a definite no leads to.
    func outcome(of refusal: Refusal, notBefore: Timestamp? = nil) -> RefreshOutcome {
        switch refusal.reason {
        case .badRequest: failure(.badRequest, .never, refusal.message)
        case .busy: failure(.foreignRefreshRunning, .later, refusal.message)
        case .capacityPaused: failure(.capacityPaused, .later, refusal.message, notBefore: notBefore)
        case .denied, .notSignedIn: failure(.credentials, .never, refusal.message)
        case .notFound: failure(.configuration, .never, refusal.message)
        case .quotaExhausted:
            failure(.quotaExhausted, .later, refusal.message, notBefore: notBefore ?? quotaFreeAt)
        case .tokenExpired: failure(.credentials, .now, refusal.message)
        }
    }
}
