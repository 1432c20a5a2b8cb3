import FreshetCore
import FreshetKit
import FreshetView

/// What can be done about a remote operation of which nobody knows what became of it.
enum OperationRoutes {
    static let all = [
        Route(
            "GET",
            "/api/v1/operations/{operation}/candidates",
            "listCandidates",
            access: .least(.operator),
            handle: candidates
        ),
        Route(
            "POST",
            "/api/v1/operations/{operation}/reattach",
            "reattach",
            access: .least(.operator),
            handle: reattach
        ),
        Route("POST", "/api/v1/operations/{operation}/resolve", "resolve", access: .least(.operator), handle: resolve),
    ]

    private static func operation(_ call: Call) async throws -> OperationDetail {
        let handle = call.parameters["operation"] ?? ""
        // The run's id and a hash, with a hyphen between; see `RemoteOperation.handle`.
        let run = String(handle.prefix(upTo: handle.lastIndex(of: "-") ?? handle.startIndex))
        let detail = try await asking { () throws(StoreError) in try await call.store.run(run) }
        guard let found = detail?.operations.first(where: { $0.operation.handle == handle }) else {
            throw Problem(.unknownOperation, "There is no operation '\(handle)'.")
        }
        return found
    }

    private static func candidates(_ call: Call) async throws -> Answer {
        let position = try await call.context.sight.position()
        let detail = try await operation(call)
        var candidates: [Outside.Candidate] = []
        if case .known(let known) = await call.context.outside.candidates(detail) { candidates = known }
        let found: [JSONValue] = candidates.map { candidate in
            [
                "request_id": .text(candidate.requestID), "source": Documents.text(candidate.source),
                "type": Documents.text(candidate.type), "status": Documents.text(candidate.status),
                "started_at": Documents.time(candidate.startedAt), "ended_at": Documents.time(candidate.endedAt),
                "likely": .boolean(candidate.isLikely), "sentence": .text(candidate.sentence),
            ]
        }
        return .resource(
            "freshet.candidates/1",
            ["operation": Documents.ledger(detail), "candidates": .list(found)],
            sequence: position
        )
    }

    /// Begins the step again: its next attempt looks for the refresh in the service's history first.
    private static func reattach(_ call: Call) async throws -> Answer {
        let body = try call.object("reason")
        let operation = try await operation(call).operation
        try call.requireReach([operation.asset])
        let id = call.context.newID()
        let request = EffectRequest(
            action: "operations.reattach",
            target: operation.handle,
            reason: try body.reason(),
            body: body,
            answer: StoredAnswer(status: 202, body: ["trigger": .text(id), "run": .text(operation.run)])
        )
        if let known = try await call.known(request) { return known }
        try requireUnresolved(operation)
        let trigger = TriggerRecord(
            id: id,
            key: "reattach:\(operation.id):\(id)",
            kind: .retry,
            actor: call.actor,
            targets: [operation.asset],
            createdAt: call.now,
            dueAt: call.now
        )
        return try await call.perform(.trigger(trigger), request) { await call.context.notices.trigger(id) }
    }

    private enum Outcome: String, CaseIterable {
        case adopt
        case notFound = "not_found"
        case completed
        case failed

        var state: RemoteOperation.State {
            switch self {
            case .adopt, .completed: .completed
            case .notFound: .notFound
            case .failed: .failed
            }
        }
    }

    private static func resolve(_ call: Call) async throws -> Answer {
        let body = try call.object("outcome", "request_id", "reason")
        guard let outcome = Outcome(rawValue: try body.text("outcome")) else {
            throw Problem.bad(
                "/outcome",
                "has to be one of \(Outcome.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        let reason = try body.reason(isRequired: true)
        let requestID = try body.optionalText("request_id", atMost: 256)
        let detail = try await operation(call)
        var operation = detail.operation
        try call.requireReach([operation.asset])
        let request = EffectRequest(
            action: "operations.resolve",
            target: operation.handle,
            reason: reason,
            body: body,
            answer: StoredAnswer(status: 202, body: ["trigger": .null, "run": .text(operation.run)])
        )
        if let known = try await call.known(request) { return known }
        try requireUnresolved(operation)
        operation.state = outcome.state
        if outcome == .adopt {
            let found = try await candidate(requestID, of: detail, call)
            operation.requestID = found.requestID
            operation.isAdopted = true
            operation.state = found.end
        }
        let event = RemoteEvent(
            at: call.now,
            name: "resolved",
            evidence: [
                "by": .text(call.actor.name), "outcome": .text(outcome.rawValue), "reason": Documents.text(reason),
            ]
        )
        return try await call.perform(.operation(operation, event), request) {}
    }

    /// What is taken for ours has to be there, and to have ended: this says what became of it, and nobody looks again.
    private static func candidate(
        _ id: String?,
        of detail: OperationDetail,
        _ call: Call
    ) async throws -> Outside.Candidate {
        guard let id else { throw Problem.bad("/request_id", "has to name the refresh that is adopted") }
        let candidates: [Outside.Candidate]
        switch await call.context.outside.candidates(detail) {
        case .known(let known): candidates = known
        case .unanswered:
            throw Problem.bad("/request_id", "cannot be checked, as the service did not answer; try again in a moment")
        case .none:
            throw Problem.bad("/outcome", "'adopt' is for semantic models; say completed, failed or not_found")
        }
        guard let found = candidates.first(where: { $0.requestID.lowercased() == id.lowercased() }) else {
            throw Problem.bad("/request_id", "is none of the operation's candidates")
        }
        guard found.endedAt != nil else {
            throw Problem.bad("/request_id", "still runs; adopt it when it has ended, or re-attach")
        }
        return found
    }

    private static func requireUnresolved(_ operation: RemoteOperation) throws(Problem) {
        guard operation.state == .unresolved else {
            throw Problem(.notUnresolved, "It is known what became of it: \(operation.state.rawValue).")
        }
    }
}

extension Outside.Candidate {
    /// The state of an operation that this is.
    fileprivate var end: RemoteOperation.State {
        switch status?.lowercased() {
        case "completed": .completed
        case "cancelled": .cancelled
        default: .failed
        }
    }
}
