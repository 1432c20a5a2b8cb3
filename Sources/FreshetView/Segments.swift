package import FreshetCore
package import FreshetKit

/// A stretch of a step's time; the stretches follow each other without gaps.
package struct Segment: Hashable, Sendable {
    package enum Phase: String, Sendable {
        case queued
        case preflight
        case posting
        case remote
        case reconciling
        case verifying
        case retryWait = "retry_wait"
        case parked
        case working
    }

    package var phase: Phase
    package var attempt: Int
    package var from: Timestamp
    /// `nil` while it lasts.
    package var to: Timestamp?

    package var document: JSONValue {
        [
            "phase": .text(phase.rawValue), "attempt": Documents.integer(attempt), "from": Documents.time(from),
            "to": Documents.time(to), "message": .null,
        ]
    }
}

extension RunDetail {
    /// What a step spent its time on, as its own record and the ledger of its remote operations tell.
    ///
    /// Of earlier attempts without a remote operation only their end is known: what lies before counts as waiting.
    package func segments(of step: StepRecord) -> [Segment] {
        guard step.status != .skipped, step.status != .waiting else { return [] }
        var builder = SegmentBuilder(from: run.createdAt)
        let mine = operations.filter { $0.operation.asset == step.asset }
            .sorted { $0.operation.preparedAt < $1.operation.preparedAt }
        for detail in mine {
            if detail.operation.attempt == step.attempt, let began = step.startedAt { builder.begin(step, at: began) }
            builder.add(detail)
        }
        let hasLedger = mine.contains { $0.operation.attempt == step.attempt }
        if !hasLedger, let began = step.startedAt { builder.begin(step, at: began) }
        switch step.status {
        case .queued: builder.open(.queued, attempt: step.attempt)
        case .retrying:
            builder.open(step.parking == nil ? .retryWait : .parked, attempt: step.attempt + 1)
        case .running:
            if !hasLedger { builder.open(.working, attempt: step.attempt) }
        case .succeeded, .failed, .cancelled:
            if let ended = step.endedAt {
                builder.close(hasLedger ? .verifying : .working, attempt: step.attempt, ended)
            }
        case .skipped, .waiting: break
        }
        return builder.segments
    }
}

private struct SegmentBuilder {
    private(set) var segments: [Segment] = []
    private var cursor: Timestamp
    private var attempt = 1

    init(from start: Timestamp) { cursor = start }

    /// What lies before an attempt was waiting.
    mutating func begin(_ step: StepRecord, at began: Timestamp) {
        add(segments.isEmpty ? .queued : .retryWait, attempt: step.attempt, until: began)
    }

    mutating func add(_ detail: OperationDetail) {
        let operation = detail.operation
        if segments.isEmpty { add(.queued, attempt: operation.attempt, until: operation.preparedAt) }
        // Of an attempt in between it is not known when it began.
        if let last = segments.last, last.attempt < operation.attempt {
            add(.retryWait, attempt: operation.attempt, until: operation.preparedAt)
        }
        add(.preflight, attempt: operation.attempt, until: operation.preparedAt)
        var phase = Segment.Phase.posting
        for event in detail.events.sorted(by: { $0.at < $1.at }) where event.at > cursor {
            add(phase, attempt: operation.attempt, until: event.at)
            phase = event.name.contains("reconcil") ? .reconciling : .remote
        }
        if operation.state.isInFlight {
            segments.append(Segment(phase: phase, attempt: operation.attempt, from: cursor))
        }
    }

    /// Nothing for a stretch without length.
    private mutating func add(_ phase: Segment.Phase, attempt: Int, until end: Timestamp) {
        guard end > cursor else { return }
        if let last = segments.indices.last, segments[last].phase == phase, segments[last].attempt == attempt {
            segments[last].to = end
        } else {
            segments.append(Segment(phase: phase, attempt: attempt, from: cursor, to: end))
        }
        cursor = end
    }

    mutating func close(_ phase: Segment.Phase, attempt: Int, _ end: Timestamp) {
        if let last = segments.indices.last, segments[last].to == nil {
            segments[last].to = max(end, segments[last].from)
        } else {
            add(phase, attempt: attempt, until: end)
        }
    }

    mutating func open(_ phase: Segment.Phase, attempt: Int) {
        segments.append(Segment(phase: phase, attempt: attempt, from: cursor))
    }
}
