import FreshetCore
import FreshetKit

/// Watches a trigger become a run, and the run come to its end; tells of it on standard error.
struct RunFollower {
    let store: any RunStore
    let output: Output
    let waits: Bool
    let timeout: Duration?

    private static let interval = Duration.milliseconds(150)
    private static let longestInterval = Duration.seconds(2)

    /// - Returns: the run; `nil` when nobody waits and it has not begun.
    /// - Throws: ``Failure`` or `StoreError`.
    func follow(_ trigger: TriggerID) async throws -> RunDetail? {
        let clock = Wiring.clock
        let end = timeout.map { clock.now + $0 }
        var shown: [AssetKey: String] = [:]
        var isToldToWait = false
        let line = LiveLine(output)
        defer { line.clear() }
        while true {
            let begun = clock.now
            if let found = try await store.trigger(trigger), let end = found.disposition {
                guard let run = end.into, let detail = try await store.run(run) else {
                    throw Failure.rejected(end.reason)
                }
                tell(detail, &shown, line)
                line.show(Self.underWay(detail, at: clock.now))
                if detail.run.status.isFinished || !waits { return detail }
            } else if !waits {
                return nil
            } else if !isToldToWait, output.isErrorTerminal {
                output.note("looking at the inputs …")
                isToldToWait = true
            }
            if let end, clock.now >= end { throw Failure.timedOut("the run") }
            // A run of a thousand steps takes a while to read: watching may cost a fiftieth of the time, until people wait.
            try await clock.sleep(for: min(max(Self.interval, (clock.now - begun) * 49), Self.longestInterval))
        }
    }

    /// One line for each step that moved.
    private func tell(_ detail: RunDetail, _ shown: inout [AssetKey: String], _ line: LiveLine) {
        for step in detail.steps.sorted(by: { ($0.startedAt, $0.asset) < ($1.startedAt, $1.asset) }) {
            let text = Self.progress(step, detail)
            guard shown[step.asset] != text else { continue }
            shown[step.asset] = text
            line.clear()
            for wrapped in Table.wrap("\(step.asset.path): \(text)", to: output.width ?? 400) { output.note(wrapped) }
        }
    }

    /// What runs now, and since when; `nil` when nothing does.
    private static func underWay(_ detail: RunDetail, at now: Timestamp) -> String? {
        let running = detail.steps.filter { $0.status == .running }.sorted { $0.asset < $1.asset }
        guard let first = running.first else { return nil }
        let others = running.count > 1 ? " and \(running.count - 1) more" : ""
        return "refreshing \(first.asset)\(others), \((now - (first.startedAt ?? now)).briefly) …"
    }

    private static func progress(_ step: StepRecord, _ detail: RunDetail) -> String {
        switch step.status {
        case .waiting: return "waiting"
        case .queued: return "waiting for a slot"
        case .running:
            let operation = detail.operations.last { $0.operation.asset == step.asset }?.operation
            let id = operation?.requestID.map { ", request \($0)" } ?? ""
            let isUnsure = operation?.state == .ambiguous
            let doubt = isUnsure ? ", the answer was lost: looking for the refresh in the history" : ""
            return "attempt \(step.attempt), \(detail.extent(of: step).text)\(id)\(doubt)"
        case .retrying:
            return
                "attempt \(step.attempt) failed: \(step.failure?.message ?? ""); tries again at \(step.retryAt?.iso8601 ?? "")"
        case .succeeded: return "succeeded"
        case .failed: return "failed: \(step.failure?.message ?? "")"
        case .skipped: return step.skipReason?.sentence() ?? "skipped"
        case .cancelled: return "cancelled"
        }
    }
}

private func < (lhs: (Timestamp?, AssetKey), rhs: (Timestamp?, AssetKey)) -> Bool {
    let left = lhs.0?.milliseconds ?? Int64.max
    let right = rhs.0?.milliseconds ?? Int64.max
    return (left, lhs.1) < (right, rhs.1)
}
