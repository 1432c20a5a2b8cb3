/// Somebody else's refresh that has done our work already: asking for another would change nothing.
extension RefreshMachine {
    /// The newest completed refresh by others, if it began after the newest change of an input and nothing since may
    /// have taken back what it loaded.
    ///
    /// Only a standard refresh is sure to leave the data of an earlier one alone when it fails: an enhanced one may
    /// clear tables, or end with a part of its work.
    func doneElsewhere(
        _ history: RefreshHistory,
        _ reply: RemoteReply<RefreshHistory>,
        at now: Timestamp
    ) -> RefreshRecord? {
        guard policy.onConflict == .adopt, changedAt != nil, isOfStandardType else { return nil }
        let ordered = history.entries.sorted { ($0.startedAt ?? now) > ($1.startedAt ?? now) }
        for entry in ordered {
            guard let id = entry.requestID, !isOwned(id) else { return nil }
            if entry.phase == .completed {
                guard entry.isWholeByNature || !operation.objects.isEmpty else { return nil }
                return beganAfterPlan(entry, reply, at: now) ? entry : nil
            }
            guard entry.isWholeByNature else { return nil }
        }
        return nil
    }

    /// Whether a standard refresh does what was asked for, or more.
    var isOfStandardType: Bool {
        switch type?.lowercased() {
        case nil, "automatic", "calculate", "dataonly", "full": true
        default: false
        }
    }

    /// For a plan that names tables the details decide: they have to list each of them.
    mutating func examined(
        _ foreign: RefreshRecord,
        _ reply: RemoteReply<RefreshRecord>,
        _ history: RemoteReply<RefreshHistory>,
        at now: Timestamp
    ) -> [Action] {
        guard stop == nil else { return finish(outcomeUnsent) }
        if case .answer(let record) = reply.result, record.phase == .completed, isOfOurType(record),
            record.covers(operation.objects, isOurs: false)
        {
            var ended = record
            ended.requestID = foreign.requestID
            ended.source = foreign.source
            return takeEnd(of: ended, history, at: now)
        }
        guard case .answer(let entries) = history.result else { return check(tries: 0, at: now) }
        return goOn(entries, history, at: now)
    }

    mutating func takeEnd(
        of done: RefreshRecord,
        _ reply: RemoteReply<RefreshHistory>,
        at now: Timestamp
    ) -> [Action] {
        operation.requestID = done.requestID
        operation.isAdopted = true
        operation.bodyHash = ""
        operation.preparedAt = now
        isExternal = true
        lastRecord = done
        return commit(.completed, "refreshed_externally", reply.evidence, then: .finish(.succeeded(report)), at: now)
    }
}
