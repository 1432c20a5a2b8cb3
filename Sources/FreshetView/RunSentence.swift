package import FreshetCore
package import FreshetKit

extension RunDetail {
    /// Why it was begun, and how it ended.
    package var sentence: String { "\(beginning), \(ending)" }

    /// `began because warehouse/fct_sales changed`.
    package var beginning: String {
        let causes = steps.flatMap(\.causes).sorted()
        switch run.trigger {
        case .manual: return "was asked for by \(run.actor)"
        case .retry: return "was asked for by \(run.actor) to do again what failed"
        case .dayChange, .maxSkip, .schedule, .sensor, .startup:
            guard let first = causes.first else { return "began to look whether there is something to do" }
            let others = Set(causes.map(\.reason)).count - 1
            return "began because \(first.reason)" + (others > 0 ? " and \(others) more" : "")
        }
    }

    /// `and succeeded`, `and failed: …`.
    package var ending: String {
        switch run.status {
        case .queued: return "and waits"
        case .running: return cancelText.map { "and is being cancelled by \($0)" } ?? "and is in progress"
        case .succeeded:
            let work = steps.count { $0.status == .succeeded }
            return work == 0 ? "and found nothing to do" : "and succeeded"
        case .failed: return "and failed" + (rootFailure.map { ": \($0.asset) \($0.sentence)" } ?? "")
        case .cancelled: return "and was cancelled" + (cancelText.map { " by \($0)" } ?? "")
        }
    }

    private var cancelText: String? { run.cancelRequestedBy?.name }

    /// The step that failed first.
    package var rootFailure: StepRecord? {
        steps.filter { $0.status == .failed }
            .min { ($0.endedAt ?? run.createdAt, $0.asset) < ($1.endedAt ?? run.createdAt, $1.asset) }
    }

    /// What a retry would do again.
    package var undone: [AssetKey] { run.status.isFinished ? steps.filter(\.isUndone).map(\.asset) : [] }

    package var stepsByStatus: [StepStatus: Int] { steps.reduce(into: [:]) { $0[$1.status, default: 0] += 1 } }
}

extension StepRecord {
    /// Whether it was wanted, and did not come about.
    package var isUndone: Bool {
        switch status {
        case .failed, .cancelled: true
        case .skipped: skipReason.map { $0.isHeld || $0 == .cancelled } ?? false
        case .waiting, .queued, .running, .retrying, .succeeded: false
        }
    }

    /// What follows the asset's name.
    package var sentence: String {
        let because = causes.isEmpty ? "" : " because \(causes.sorted()[0].reason)"
        switch status {
        case .waiting: return "waits for what it reads"
        case .queued: return "waits for a slot\(because.isEmpty ? "" : "; runs\(because)")"
        case .running: return "is being refreshed\(because)"
        case .retrying where failure?.isThrottling == true: return "is put off because the service asks for it"
        case .retrying: return "failed at attempt \(attempt): \(failure?.message ?? "it did not succeed"); tries again"
        case .succeeded: return "ran\(because)"
        case .failed: return "failed: \(failure?.message ?? "it did not succeed")"
        case .skipped: return skipReason?.sentence() ?? "is skipped"
        case .cancelled: return "was cancelled"
        }
    }
}
