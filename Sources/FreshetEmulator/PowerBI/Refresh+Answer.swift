extension Refresh {
    /// The entry of `GET …/refreshes` (facts §1.2): zoned times, `Unknown` while running.
    func historyEntry(at now: Instant) -> JSON {
        var entry: [String: JSON] = [
            "id": .int(number),
            "refreshType": .string(refreshType),
            "requestId": .string(id),
            "startTime": .string(start.zoned),
        ]
        let words = words(at: now)
        entry["status"] = .string(words.status)
        // The fine word exists for enhanced refreshes only (facts E4).
        if request.kind == .enhanced { entry["extendedStatus"] = .string(words.extendedStatus) }
        if case .ended(let end, let instant) = state(at: now) {
            entry["endTime"] = .string(instant.zoned)
            if let failure = end.failure { entry["serviceExceptionJson"] = .string(failure.serviceExceptionJSON) }
        }
        let attempts = attempts(at: now) { $0.zoned }
        if !attempts.isEmpty { entry["refreshAttempts"] = .array(attempts) }
        return .object(entry)
    }

    /// The body of `GET …/refreshes/{id}` (facts §1.3): times without a zone, no ids.
    func details(at now: Instant) -> JSON {
        var body: [String: JSON] = [
            "commitMode": .string(request.commitMode),
            "currentRefreshType": .string(request.type),
            "numberOfAttempts": .int(attemptsMade(at: now)),
            "startTime": .string(start.bare),
            "type": .string(request.type),
        ]
        let words = words(at: now)
        body["status"] = .string(words.status)
        body["extendedStatus"] = .string(words.extendedStatus)
        switch state(at: now) {
        case .notStarted: return .object(body)
        case .inProgress: break
        case .ended(let end, let instant):
            body["endTime"] = .string(instant.bare)
            if let failure = end.failure { body["messages"] = failure.messages }
        }
        body["objects"] = .array(objectEntries(at: now))
        body["refreshAttempts"] = .array(attempts(at: now) { $0.bare })
        return .object(body)
    }

    private func objectEntries(at now: Instant) -> [JSON] {
        objects.indices.map { index in
            var entry: [String: JSON] = [
                "status": .string(status(ofObjectAt: index, at: now)), "table": .string(objects[index].table),
            ]
            if let partition = objects[index].partition { entry["partition"] = .string(partition) }
            return .object(entry)
        }
    }

    private func attempts(at now: Instant, format: (Instant) -> String) -> [JSON] {
        let ended = end(at: now)
        let worked = worked(at: ended ?? now)
        return course.attempts.filter { $0.start <= worked }.map { attempt in
            let end = min(instant(ofWork: attempt.end), ended ?? now)
            let isOver = ended != nil || attempt.end <= worked
            var entry: [String: JSON] = [
                "attemptId": .int(attempt.number),
                "startTime": .string(format(instant(ofWork: attempt.start))),
                "type": .string(attempt.kind.rawValue),
            ]
            if isOver {
                entry["endTime"] = .string(format(end))
                if let failure = attempt.failure {
                    entry["serviceExceptionJson"] = .string(failure.serviceExceptionJSON)
                }
            }
            return .object(entry)
        }
    }
}
