internal import FreshetCore
internal import FreshetKit

/// Words the end of a refresh for the run, and its course for whoever watches.
struct RefreshWording {
    /// What was asked for, where the service's record does not repeat it.
    var type: String?
    var commitMode: String?
    let redactor: Redactor

    func stepOutcome(_ outcome: RefreshOutcome) -> StepOutcome {
        switch outcome {
        case .succeeded(let report):
            return .succeeded(StepSuccess(nonce: report.requestID, details: details(report)))
        case .failed(var failure, let report):
            failure.message = redactor.redact(failure.message)
            failure.details = details(report, adding: failure.details)
            return .failed(failure)
        case .stopped(let isRemoteStopped, let report):
            let message =
                if report.requestID == nil {
                    "cancelled before a refresh was asked for"
                } else if isRemoteStopped {
                    "cancelled; the refresh has ended"
                } else {
                    "cancelled; the refresh could not be stopped and may still run"
                }
            return .cancelled(
                StepCancellation(isRemoteStopped: isRemoteStopped, message: message, details: details(report))
            )
        case .skipped: return .held(.foreignRefreshRunning)
        case .quotaExhausted: return .held(.quotaExhausted)
        case .left: return .left
        }
    }

    private func details(_ report: RefreshReport, adding others: JSONValue = .object([:])) -> JSONValue {
        var members = others.object ?? [:]
        guard let id = report.requestID else { return .object(members) }
        members["request_id"] = .text(id)
        members["adopted"] = .boolean(report.isAdopted)
        if report.isExternal { members["refreshed_externally"] = true }
        if !report.anomalies.isEmpty { members["anomalies"] = .list(report.anomalies.map { .text($0) }) }
        members["refresh_source"] = report.isExternal ? report.record?.source.map { .text($0) } : nil
        members["refresh_type"] = (report.record?.type ?? type).map { .text($0) }
        members["commit_mode"] = (report.record?.commitMode ?? commitMode).map { .text($0) }
        guard let record = report.record else { return .object(members) }
        members["objects"] = .list(record.objects.map(Self.json))
        members["attempts"] = .integer(Int64(record.attempts.map { $0.number ?? 1 }.max() ?? 1))
        let parts = record.attempts.filter { $0.duration != nil || $0.fault != nil }
        if !parts.isEmpty { members["attempt_parts"] = .list(parts.map(json)) }
        members["started_at"] = record.startedAt.map { .text(PowerBITime.format($0)) }
        members["ended_at"] = record.endedAt.map { .text(PowerBITime.format($0)) }
        members["duration_s"] = report.duration.map { .number($0.inSeconds) }
        members["status"] = (record.extendedStatus ?? record.status).map { .text($0) }
        if !record.messages.isEmpty { members["messages"] = .list(record.messages.map(json)) }
        if record.phase != .completed, let cause = RootCause(of: record) {
            members["error_code"] = cause.code.map { .text(redactor.redact($0)) }
            members["error"] = .text(redactor.redact(cause.message))
            let further = record.fault?.details ?? record.attempts.last?.fault?.details ?? [:]
            if !further.isEmpty {
                members["error_details"] = .object(further.mapValues { .text(redactor.redact($0)) })
            }
        }
        return .object(members)
    }

    private static func json(_ object: RefreshObject) -> JSONValue {
        var members: [String: JSONValue] = ["table": .text(object.table)]
        members["partition"] = object.partition.map { .text($0) }
        members["status"] = object.status.map { .text($0) }
        return .object(members)
    }

    /// The loading of data and the filling of caches after it are parts of one attempt.
    private func json(_ attempt: RefreshAttempt) -> JSONValue {
        var members: [String: JSONValue] = ["attempt": .integer(Int64(attempt.number ?? 1))]
        members["part"] = attempt.type.map { .text($0) }
        members["duration_s"] = attempt.duration.map { .number($0.inSeconds) }
        members["error"] = (attempt.fault?.description ?? attempt.fault?.code).map { .text(redactor.redact($0)) }
        return .object(members)
    }

    private func json(_ message: RefreshMessage) -> JSONValue {
        var members: [String: JSONValue] = ["message": .text(redactor.redact(message.text))]
        members["code"] = message.code.map { .text($0) }
        members["type"] = message.severity.map { .text($0) }
        return .object(members)
    }

    /// A few words on what is going on, and for how long since the request, or before it since the attempt began.
    static func progress(_ progress: RefreshProgress, after elapsed: Duration) -> String {
        let seconds = Int(elapsed.inSeconds)
        let time = seconds < 120 ? "\(seconds) s" : "\(seconds / 60) min"
        return switch progress {
        case .checking: "reading the model's refresh history"
        case .waiting(let id): "waiting for the refresh \(short(id)) by somebody else, \(time)"
        case .asking: "asking for a refresh"
        case .reconciling: "reading history for what became of the request, \(time)"
        case .running(let id): "refresh \(short(id)) in progress, \(time)"
        case .cancelling(let id): "cancelling the refresh \(short(id)), \(time)"
        }
    }

    private static func short(_ id: String) -> String { id.count > 8 ? "\(id.prefix(8))…" : id }
}

extension RefreshAttempt {
    fileprivate var duration: Duration? {
        guard let startedAt, let endedAt, endedAt >= startedAt else { return nil }
        return endedAt - startedAt
    }
}
