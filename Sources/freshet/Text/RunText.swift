import FreshetCore
import FreshetKit

/// A run as a person reads it.
enum RunText {
    static func write(_ detail: RunDetail, to output: Output, now: Timestamp) {
        let style = output.style
        let run = detail.run
        let took = ((run.endedAt ?? now) - run.createdAt).briefly
        output.line("Run \(run.id): \(paint(run.status, style)(run.status.rawValue)), \(took)")
        output.line("  asked for by \(run.actor) (\(run.trigger.rawValue)), \(run.createdAt.iso8601)")
        for step in detail.steps.sorted(by: { ($0.startedAt ?? now, $0.asset) < ($1.startedAt ?? now, $1.asset) }) {
            output.line()
            let head = Table.wrap("\(step.asset.path): \(status(step))", to: (output.width ?? 400) - 2)
            for (index, line) in head.enumerated() { output.line((index == 0 ? "  " : "      ") + line) }
            for line in lines(step, detail) {
                for wrapped in Table.wrap(line, to: (output.width ?? 400) - 6) { output.line("      " + wrapped) }
            }
        }
    }

    private static func status(_ step: StepRecord) -> String {
        switch step.status {
        case .skipped: step.skipReason?.sentence() ?? "skipped"
        case .retrying where step.failure?.isThrottling == true:
            "put off until \(step.retryAt?.iso8601 ?? "–") because the service asks for it"
        case .retrying: "attempt \(step.attempt) failed, tries again at \(step.retryAt?.iso8601 ?? "–")"
        default: step.status.rawValue + (step.attempt > 1 ? " at attempt \(step.attempt)" : "")
        }
    }

    private static func lines(_ step: StepRecord, _ detail: RunDetail) -> [String] {
        var lines: [String] = []
        if !step.causes.isEmpty {
            lines.append("because " + step.causes.sorted().map(\.reason).joined(separator: ", "))
            lines.append("refreshes \(detail.extent(of: step).text)")
        }
        if let failure = step.failure {
            let when = step.status == .succeeded ? "a former attempt failed, " : ""
            lines.append("\(when)\(failure.code.rawValue): \(failure.message)")
        }
        lines += subSteps(of: step, detail)
        for check in detail.checks where check.asset == step.asset {
            let verdict = check.result.isPassed ? "passed" : check.result.severity == .warn ? "warns" : "failed"
            lines.append("check \(check.result.name) \(verdict): \(check.result.message)")
        }
        for operation in detail.operations where operation.operation.asset == step.asset {
            let found = operation.operation
            let request = found.requestID.map { "request \($0)" } ?? "no request id"
            let adopted = found.isAdopted ? ", adopted from history" : ""
            lines.append("attempt \(found.attempt): \(found.state.rawValue), \(request)\(adopted)")
            for event in operation.events {
                lines.append("  \(event.at.iso8601) \(event.name)")
            }
        }
        return lines
    }

    /// The parts of the last attempt: what failed and what is being done by name, the rest as a figure.
    private static func subSteps(of step: StepRecord, _ detail: RunDetail) -> [String] {
        let parts = detail.subSteps.filter { $0.asset == step.asset && $0.attempt == step.attempt }.map(\.subStep)
        guard !parts.isEmpty else { return [] }
        let figures = SubStepStatus.allCases.compactMap { status in
            let count = parts.count { $0.status == status }
            return count == 0 ? nil : "\(count) \(status.rawValue)"
        }
        let told = parts.filter { $0.status == .failed || $0.status == .running }.prefix(20).map { part in
            "  \(part.name) \(part.status.rawValue)" + (part.message.map { ": \($0)" } ?? "")
        }
        return ["\(parts.count) parts: " + figures.joined(separator: ", ")] + told
    }

    static func paint(_ status: RunStatus, _ style: Style) -> @Sendable (String) -> String {
        switch status {
        case .succeeded: style.green
        case .failed: style.red
        case .cancelled: style.yellow
        case .queued, .running: style.blue
        }
    }
}

extension RunDetail {
    /// What was asked of the service, where it was asked; it may be more than what has changed.
    func extent(of step: StepRecord) -> Extent {
        let asked = operations.last { $0.operation.asset == step.asset }?.operation
        return asked?.objects.isEmpty == true ? .whole : Extent(step.causes)
    }
}
