extension Refresh {
    /// The entry of `GET …/refreshes` (facts §1.2): zoned times, `Unknown` while running.
    func historyEntry(at now: Instant) -> JSON {
        var entry: [String: JSON] = [
            "id": .int(number),
            "refreshType": .string(refreshType),
            "requestId": .string(id),
            "startTime": .string(start.zoned),
        ]
        switch state(at: now) {
        case .notStarted: describe(&entry, "Unknown", "NotStarted")
        case .inProgress: describe(&entry, "Unknown", "InProgress")
        case .ended(let end, let instant):
            describe(&entry, end.status, end.extendedStatus)
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
        switch state(at: now) {
        case .notStarted:
            body["status"] = "Unknown"
            body["extendedStatus"] = "NotStarted"
            return .object(body)
        case .inProgress:
            body["status"] = "Unknown"
            body["extendedStatus"] = "InProgress"
        case .ended(let end, let instant):
            body["status"] = .string(end.status)
            body["extendedStatus"] = .string(end.extendedStatus)
            body["endTime"] = .string(instant.bare)
            if let failure = end.failure { body["messages"] = failure.messages }
        }
        body["objects"] = .array(objectEntries(at: now))
        body["refreshAttempts"] = .array(attempts(at: now) { $0.bare })
        return .object(body)
    }

    private func describe(_ entry: inout [String: JSON], _ status: String, _ extendedStatus: String) {
        entry["status"] = .string(status)
        // The fine word exists for enhanced refreshes only (facts E4).
        if request.kind == .enhanced { entry["extendedStatus"] = .string(extendedStatus) }
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
        let made = course.attempts.prefix(attemptsMade(at: now))
        return made.enumerated().map { index, attempt in
            let end = min(instant(ofWork: attempt.end), ended ?? now)
            let isOver = ended != nil || attempt.end <= worked(at: now)
            var entry: [String: JSON] = [
                "attemptId": .int(index + 1),
                "startTime": .string(format(instant(ofWork: attempt.start))),
                "type": "Data",
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
