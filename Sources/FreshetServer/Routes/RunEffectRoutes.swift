import FreshetCore
import FreshetKit
import FreshetView
import ServiceLifecycle

/// `POST /runs`, and what can be done to a run.
enum RunEffectRoutes {
    static let all = [
        Route("POST", "/api/v1/runs", "createRun", access: .least(.operator), handle: create),
        Route("POST", "/api/v1/runs/{run}/cancel", "cancelRun", access: .least(.operator), handle: cancel),
        Route("POST", "/api/v1/runs/{run}/retry", "retryRun", access: .least(.operator), handle: retry),
    ]

    private static func create(_ call: Call) async throws -> Answer {
        let body = try call.object("selection", "forced", "reason", "stored", "plan_hash")
        let wait = Duration.seconds(try call.query.integer("wait", in: 0...86_400, default: 0))
        let selection = try body.text("selection")
        let targets = try PlanRoutes.selected(selection, call.project)
        guard !targets.isEmpty else {
            throw Problem(.badSelection, "'\(selection)' selects nothing that Freshet works on.")
        }
        try call.requireReach(targets)
        let isForced = try body.boolean("forced", default: false)
        let reason = try body.reason(isRequired: isForced)
        // A run looks at its inputs itself; this only says by what the plan of `plan_hash` was made.
        let isStored = try body.boolean("stored", default: false)
        let now = call.now
        let id = call.context.newID()
        let trigger = TriggerRecord(
            id: id,
            key: "api:\(id)",
            kind: .manual,
            actor: call.actor,
            targets: call.project.graph.ordered.map(\.key).filter(targets.contains),
            isForced: isForced,
            createdAt: now,
            dueAt: now,
            traceParent: call.traceParent
        )
        let request = EffectRequest(
            action: "runs.create",
            target: selection.count <= 200 ? selection : String(selection.prefix(199)) + "…",
            reason: reason,
            body: body,
            answer: StoredAnswer(status: 202, body: ["trigger": .text(id), "run": .null])
        )
        if let known = try await call.known(request) { return try await waited(known, for: wait, call) }
        if let hash = try body.optionalText("plan_hash") { try await require(hash, targets, isForced, isStored, call) }
        let answer = try await call.perform(.trigger(trigger), request) { await call.context.notices.trigger(id) }
        return try await waited(answer, for: wait, call)
    }

    /// - Throws: ``Problem`` when the plan is no longer the one that was looked at.
    private static func require(
        _ hash: String,
        _ targets: Set<AssetKey>,
        _ isForced: Bool,
        _ isStored: Bool,
        _ call: Call
    ) async throws {
        let plan = try await PlanRoutes.make(targets, isForced: isForced, isStored: isStored, call).0
        guard plan.hash != hash else { return }
        throw Problem(
            .planChanged,
            "The plan is no longer the one that was looked at; look at it again.",
            errors: [Problem.Mistake("/plan_hash", "is that of another plan")]
        )
    }

    /// How often the store is asked whether a run has ended; more seldom the longer it takes.
    private static let intervals = (first: Duration.milliseconds(100), longest: Duration.seconds(2))

    /// The answer itself, or the run when it has ended in time; the trigger in the answer leads to it.
    private static func waited(_ answer: Answer, for wait: Duration, _ call: Call) async throws -> Answer {
        guard wait > .zero, case .bytes(let bytes, _) = answer.body,
            let id = try JSONValue(parsing: bytes)["trigger"]?.text
        else { return answer }
        let end = call.now + wait
        var interval = intervals.first
        var run: RunID?
        waiting: while true {
            let trigger = try await asking { () throws(StoreError) in try await call.store.trigger(id) }
            if let disposition = trigger?.disposition {
                var members: [String: JSONValue] = [
                    "schema": "freshet.run/1", "trigger": .text(id), "disposition": Documents.disposition(disposition),
                ]
                guard let into = disposition.into else {
                    members["run"] = .null
                    members["sentence"] = .text("nothing ran: \(disposition.words)")
                    return .json(.object(members), headers: answer.headers)
                }
                run = into
                let detail = try await asking { () throws(StoreError) in try await call.store.run(into) }
                if let detail, detail.run.status.isFinished {
                    members["run"] = try await RunRoutes.document(of: detail, call)
                    members["sentence"] = .text(detail.answer)
                    return .json(.object(members), headers: answer.headers)
                }
            }
            let now = call.now
            guard now < end else { break }
            // A daemon that stops takes no waiting with it: the trigger is durable, and asking again goes on from there.
            do {
                try await cancelWhenGracefulShutdown { [interval] in
                    try await call.context.clock.sleep(for: min(interval, end - now))
                }
            } catch is CancellationError {
                break waiting
            }
            interval = min(interval * 1.5, intervals.longest)
        }
        return .json(["trigger": .text(id), "run": Documents.text(run)], status: 202, headers: answer.headers)
    }

    private static func cancel(_ call: Call) async throws -> Answer {
        let body = try call.object("reason")
        let record = try await RunRoutes.run(call).run
        try call.requireReach(record.selected)
        let run = record.id
        let request = EffectRequest(
            action: "runs.cancel",
            target: run,
            reason: try body.reason(),
            body: body,
            answer: StoredAnswer(status: 202, body: ["trigger": .null, "run": .text(run)])
        )
        return try await call.perform(.cancel(run), request) { await call.context.notices.cancel(run, call.actor) }
    }

    private static func retry(_ call: Call) async throws -> Answer {
        let body = try call.object("assets", "reason")
        let detail = try await RunRoutes.run(call)
        try call.requireReach(detail.run.selected)
        let id = call.context.newID()
        let request = EffectRequest(
            action: "runs.retry",
            target: detail.run.id,
            reason: try body.reason(),
            body: body,
            answer: StoredAnswer(status: 202, body: ["trigger": .text(id), "run": .null])
        )
        if let known = try await call.known(request) { return known }
        var targets = detail.undone
        if let wanted = try body.texts("assets")?.map({ AssetKey($0) }) {
            for key in wanted where call.project.graph[key] == nil {
                throw .unknownAsset(key, in: call.project.graph) as Problem
            }
            let reach = Set(call.project.graph.descent(of: wanted).map(\.key))
            targets = targets.filter(reach.contains)
        }
        guard !targets.isEmpty else {
            let text =
                detail.run.status.isFinished
                ? "Nothing of it that was asked for is left to do." : "It is still in progress."
            throw Problem(.nothingToRetry, text)
        }
        let trigger = TriggerRecord(
            id: id,
            key: "retry:\(detail.run.id):\(id)",
            kind: .retry,
            actor: call.actor,
            targets: targets,
            // What was forced is forced again: otherwise there may be nothing to do.
            isForced: Set(targets).isSubset(of: detail.run.forced),
            createdAt: call.now,
            dueAt: call.now,
            traceParent: call.traceParent
        )
        return try await call.perform(.trigger(trigger), request) { await call.context.notices.trigger(id) }
    }
}

extension RunDetail {
    /// How it ended, for who has waited; where nothing was done, why not.
    fileprivate var answer: String {
        let skipped = steps.filter { $0.status == .skipped }
        guard run.status == .succeeded, !steps.contains(where: { $0.status == .succeeded }), !skipped.isEmpty else {
            return sentence
        }
        let reasons = skipped.prefix(3).map { "\($0.asset) \($0.sentence)" }.joined(separator: "; ")
        return "\(sentence): \(reasons)" + (skipped.count > 3 ? "; and \(skipped.count - 3) more" : "")
    }
}
