import FreshetCore
import FreshetKit
import FreshetView

/// The documents of one run.
struct RunDocuments {
    let detail: RunDetail
    let project: Project
    let statistics: Statistics
    private let estimate: Estimate

    init(_ detail: RunDetail, _ project: Project, _ statistics: Statistics) {
        self.detail = detail
        self.project = project
        self.statistics = statistics
        estimate = Estimate(project, detail, statistics)
    }

    /// - Parameter tick: the sequence number of the look that began it.
    func whole(sensor: String?, tick: Int64?) -> JSONValue {
        var members = Documents.row(detail, estimate: estimate.seconds)
        members["steps"] = .list(steps)
        members["operations"] = .list(detail.operations.map(Documents.ledger))
        members["checks"] = .list(detail.checks.map(Documents.check))
        members["sub_steps"] = .list(detail.subSteps.map(Documents.subStep))
        members["cause"] = [
            "sentence": .text(detail.beginning), "trigger": detail.triggers.first.map(Documents.whole) ?? .null,
            "sensor": Documents.text(sensor), "tick": tick.map { .integer($0) } ?? .null,
        ]
        members["root_cause"] = rootCause
        members["config_version"] = .text(detail.run.configVersion)
        members["graph_hash"] = .text(detail.run.graphHash)
        members["retryable"] = Documents.keys(detail.undone)
        return .object(members)
    }

    /// In the order in which they began; those that did not come last.
    var steps: [JSONValue] {
        detail.steps.sorted { left, right in
            let (one, two) = (left.startedAt?.milliseconds ?? .max, right.startedAt?.milliseconds ?? .max)
            return (one, left.asset) < (two, right.asset)
        }.map(step)
    }

    private func step(_ step: StepRecord) -> JSONValue {
        guard case .object(var members) = Documents.step(step) else { return .null }
        let own = Set(detail.steps.map(\.asset))
        members["kind"] = .text(project.graph[step.asset]?.labels.kind ?? "")
        members["sentence"] = .text(step.sentence)
        members["segments"] = .list(detail.segments(of: step).map(\.document))
        members["depends_on"] = Documents.keys(Estimate.upstream(of: step.asset, within: own, project.graph))
        members["critical"] = .boolean(estimate.critical.contains(step.asset) && step.status != .skipped)
        members["estimated_seconds"] = Documents.number(statistics.median(of: step.asset))
        members["log_lines"] = Documents.integer(detail.logLines[step.asset] ?? 0)
        return .object(members)
    }

    private var rootCause: JSONValue {
        guard let step = detail.rootFailure else { return .null }
        let operation = detail.operations.last {
            $0.operation.asset == step.asset && $0.operation.state == .unresolved
        }
        let advice = Advice(failure: step.failure, run: detail.run.id, operation: operation?.operation.handle)
        return [
            "asset": .text(step.asset.path), "sentence": .text(step.sentence),
            "failure": Self.failure(step.failure), "advice": advice.document,
        ]
    }

    static func failure(_ failure: StepFailure?) -> JSONValue {
        failure.map {
            ["code": .text($0.code.rawValue), "retry": .text($0.retry.rawValue), "message": .text($0.message)]
        } ?? .null
    }
}
