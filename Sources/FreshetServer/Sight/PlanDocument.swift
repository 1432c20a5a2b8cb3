import FreshetCore
import FreshetKit
import FreshetView

/// What would be done, with how long it may take and what stands in its way.
struct PlanDocument {
    let steps: [Plan.Step]
    private let documents: [JSONValue]
    private let estimate: Estimate
    private let at: Timestamp
    private let project: Project

    /// - Parameters:
    ///   - call: gives the project and the statistics.
    ///   - chosen: what is asked for.
    ///   - snapshot: what the store holds.
    ///   - observed: what the inputs are seen as.
    ///   - isForced: whether the chosen run whatever their inputs are.
    init(
        _ call: Call,
        _ chosen: Set<AssetKey>,
        _ snapshot: StoreSnapshot,
        observed: [AssetKey: Observation],
        isForced: Bool
    ) async throws(Problem) {
        project = call.project
        at = call.now
        let statistics = try await call.context.sight.statistics()
        var input = project.planInput(snapshot, observed: observed, at: at)
        if isForced { input.forced = chosen }
        steps = Plan(input, for: chosen).steps.filter { chosen.contains($0.asset) }
        let running = Set(steps.filter(\.isRun).map(\.asset))
        estimate = Estimate(project.graph, running, duration: statistics.median)
        let all = Set(steps.map(\.asset))
        let project = project
        documents = steps.map { step in
            guard case .object(var members) = Documents.step(step) else { return .null }
            members["kind"] = .text(project.graph[step.asset]?.labels.kind ?? "")
            members["estimated_seconds"] = step.isRun ? Documents.number(statistics.median(of: step.asset)) : .null
            members["depends_on"] = Documents.keys(Estimate.upstream(of: step.asset, within: all, project.graph))
            let busy = snapshot.unfinishedRuns.first { detail in
                detail.steps.contains { $0.asset == step.asset && !$0.status.isFinished }
            }
            members["conflict"] =
                busy.map { detail in
                    ["run": .text(detail.run.id), "sentence": "a run works on it; it is decided when that ends"]
                } ?? .null
            return .object(members)
        }
    }

    /// The documents of the steps that would run.
    var running: [JSONValue] { zip(steps, documents).filter { $0.0.isRun }.map(\.1) }

    /// What tells this plan from another: what would be done, and why.
    var hash: String {
        var hash = Fingerprint()
        for step in steps {
            hash.add(step.asset.path)
            hash.add(step.decision.outcome)
            hash.add(step.decision.code)
        }
        return hash.hexadecimal
    }

    /// - Parameter failures: looks that failed, one sentence each.
    func document(failures: [String]) -> JSONValue {
        var counts = ["run": 0, "skip": 0, "hold": 0, "wait": 0]
        for step in steps { counts[step.decision.outcome, default: 0] += 1 }
        let (run, skip, held) = (counts["run"] ?? 0, counts["skip"] ?? 0, counts["hold"] ?? 0)
        return [
            "schema": "freshet.plan/1", "project": .text(project.name), "at": Documents.time(at),
            "steps": .list(documents), "counts": .object(counts.mapValues { Documents.integer($0) }),
            "estimated_seconds": Documents.number(estimate.seconds),
            "failures": .list(failures.map { .text($0) }), "plan_hash": .text(hash),
            "sentence": .text("\(run) to run, \(skip) to skip, \(held) held"),
        ]
    }
}

extension Plan.Step {
    var isRun: Bool { if case .run = decision { true } else { false } }
}

extension Decision {
    /// `run`, `skip`, `hold` or `wait`.
    var outcome: String {
        switch self {
        case .run: "run"
        case .skip(let reason): reason.isHeld ? "hold" : "skip"
        case .wait: "wait"
        }
    }
}
