package import FreshetCore
package import FreshetKit
import FreshetView

/// A run that has ended as spans: the run, its steps, their attempts, and the phases of each.
///
///     run
///     └ step warehouse/sales
///       ├ queued
///       ├ attempt 1
///       │ ├ preflight
///       │ ├ posting
///       │ └ remote
///       ├ retry_wait
///       └ attempt 2 …
///
/// What was skipped is an event of the run, and the ledger of an attempt's remote operation is the attempt's events.
package struct RunTrace {
    /// The run first, and each span after the one that it is part of.
    package private(set) var spans: [Span] = []
    private let detail: RunDetail
    /// The caller's, where the run was asked for as a part of one; otherwise its own.
    private let trace: String
    /// What its spans' ids come of: a trace of somebody else may hold several runs.
    private let own: String
    private let root: String

    /// - Parameters:
    ///   - detail: of a run that has ended.
    ///   - kind: of an asset; empty where it is not known any more.
    package init(of detail: RunDetail, kind: (AssetKey) -> String) {
        self.detail = detail
        own = SpanID.trace(of: detail.run.id)
        trace = detail.caller?.trace ?? own
        root = SpanID.span("run", in: own)
        spans = [run]
        for step in detail.steps { add(step, kind: kind(step.asset)) }
    }

    private var run: Span {
        let run = detail.run
        let failed = detail.steps.filter { $0.status == .failed }
        let ended = run.endedAt ?? detail.steps.compactMap(\.endedAt).max() ?? run.createdAt
        var span = Span(trace: trace, id: root, name: "run", start: run.createdAt, end: max(ended, run.createdAt))
        span.parent = detail.caller?.span
        span.links = detail.triggers.compactMap(\.traceParent).filter { $0 != detail.caller }
        span.attributes = [
            "freshet.run.id": .text(run.id), "freshet.run.state": .text(run.status.rawValue),
            "freshet.run.trigger": .text(run.trigger.rawValue), "freshet.run.actor": .text(run.actor.name),
            "freshet.config.version": .text(run.configVersion), "freshet.graph.hash": .text(run.graphHash),
            "freshet.run.steps": .integer(Int64(detail.steps.count { $0.startedAt != nil })),
        ]
        switch run.status {
        case .succeeded: span.status = .ok
        case .failed:
            let first = failed.first.map { "\($0.asset): \($0.failure?.message ?? "failed")" }
            span.status = .error(failed.count > 1 ? "\(failed.count) steps failed; \(first ?? "")" : first ?? "failed")
        case .cancelled, .queued, .running: break
        }
        span.events = detail.steps.filter { $0.status == .skipped }.map { step in
            Span.Event(
                at: step.endedAt ?? run.createdAt,
                name: "skipped",
                attributes: [
                    "freshet.asset": .text(step.asset.path),
                    "freshet.reason": .text(step.skipReason?.code ?? ""),
                ]
            )
        }
        return span
    }

    private mutating func add(_ step: StepRecord, kind: String) {
        let segments = detail.segments(of: step).compactMap { segment in
            segment.to.map { (segment: segment, to: $0) }
        }
        guard let ended = step.endedAt, let start = segments.first?.segment.from else { return }
        let id = SpanID.span("step", step.asset.path, in: own)
        var span = Span(
            trace: trace,
            id: id,
            parent: root,
            name: "step \(step.asset)",
            start: start,
            end: max(ended, segments.last?.to ?? ended)
        )
        span.attributes = [
            "freshet.asset": .text(step.asset.path), "freshet.asset.kind": .text(kind),
            "freshet.step.state": .text(step.status.rawValue), "freshet.step.attempts": .integer(Int64(step.attempt)),
            "freshet.step.causes": .texts(step.causes.map(\.code)),
        ]
        span.fail(with: step)
        spans.append(span)

        let attempts = Dictionary(grouping: segments.filter { $0.segment.phase.isWork }, by: \.segment.attempt)
        for (segment, to) in segments where !segment.phase.isWork {
            add(segment, until: to, of: step, under: id)
        }
        for (number, parts) in attempts.sorted(by: { $0.key < $1.key }) {
            let attempt = self.attempt(number, of: step, under: id, from: parts[0].segment.from, to: parts.last?.to)
            spans.append(attempt)
            for (segment, to) in parts { add(segment, until: to, of: step, under: attempt.id) }
        }
    }

    private func attempt(
        _ number: Int,
        of step: StepRecord,
        under parent: String,
        from start: Timestamp,
        to end: Timestamp?
    ) -> Span {
        var span = Span(
            trace: trace,
            id: SpanID.span("attempt", step.asset.path, String(number), in: own),
            parent: parent,
            name: "attempt \(number)",
            start: start,
            end: end ?? start
        )
        span.attributes = ["freshet.asset": .text(step.asset.path), "freshet.attempt": .integer(Int64(number))]
        if number == step.attempt { span.fail(with: step) }
        let mine = detail.operations.first { $0.operation.asset == step.asset && $0.operation.attempt == number }
        guard let (operation, events) = mine.map({ ($0.operation, $0.events) }) else { return span }
        span.attributes["freshet.operation.state"] = .text(operation.state.rawValue)
        span.attributes["freshet.operation.target"] = .text(operation.target)
        span.attributes["freshet.operation.adopted"] = .boolean(operation.isAdopted)
        if let id = operation.requestID { span.attributes["freshet.operation.request_id"] = .text(id) }
        if number < step.attempt { span.status = .error(operation.state.rawValue) }
        span.events = events.map { Span.Event(at: $0.at, name: $0.name) }
        return span
    }

    private mutating func add(_ segment: Segment, until end: Timestamp, of step: StepRecord, under parent: String) {
        let phase = segment.phase.rawValue
        let began = String(segment.from.milliseconds)
        var span = Span(
            trace: trace,
            id: SpanID.span("phase", step.asset.path, String(segment.attempt), phase, began, in: own),
            parent: parent,
            name: phase,
            kind: segment.phase == .remote || segment.phase == .posting ? .client : .internal,
            start: segment.from,
            end: end
        )
        span.attributes = [
            "freshet.asset": .text(step.asset.path), "freshet.attempt": .integer(Int64(segment.attempt)),
        ]
        spans.append(span)
    }
}

extension RunDetail {
    /// The span that asked for the run; that of one which was only coalesced into it is not.
    fileprivate var caller: TraceParent? {
        triggers.first { $0.disposition?.kind == .run && $0.traceParent != nil }?.traceParent
    }
}

extension Span {
    fileprivate mutating func fail(with step: StepRecord) {
        switch step.status {
        case .succeeded: status = .ok
        case .failed:
            status = .error(step.failure?.message ?? "failed")
            if let code = step.failure?.code { attributes["error.type"] = .text(code.rawValue) }
        case .cancelled, .queued, .retrying, .running, .skipped, .waiting: break
        }
    }
}

extension Segment.Phase {
    /// Whether it is part of an attempt, rather than of waiting for one.
    fileprivate var isWork: Bool {
        switch self {
        case .queued, .parked, .retryWait: false
        case .posting, .preflight, .reconciling, .remote, .verifying, .working: true
        }
    }
}
