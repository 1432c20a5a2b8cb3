import FreshetCore
import FreshetKit
import FreshetView

/// How one asset's steps did within some days.
struct Performance {
    private let days: Int
    private let steps: [FinishedStep]
    private let skips: Int

    init(of asset: AssetKey, days: Int, _ call: Call) async throws(Problem) {
        self.days = days
        let since = call.now - .seconds(Double(days) * 86_400)
        steps = try await asking { () throws(StoreError) in
            try await call.store.finishedSteps(StepQuery(asset: asset, since: since, limit: 2000))
        }.filter { $0.status == .succeeded || $0.status == .failed }
        let query = DecisionQuery(asset: asset, outcome: .skip, since: since, limit: 5000)
        skips = try await asking { () throws(StoreError) in try await call.store.decisions(query) }.count
    }

    var document: JSONValue {
        let good = steps.filter { $0.status == .succeeded }
        let times = good.map(\.duration.inSeconds)
        let slowest = Statistics.quantile(0.95, of: times)
        let samples: [JSONValue] = steps.prefix(500).reversed().map { step in
            [
                "run": .text(step.run), "at": Documents.time(step.endedAt), "status": .text(step.status.rawValue),
                "duration_seconds": .number(step.duration.inSeconds),
                "queued_seconds": .number(max(0, (step.startedAt - step.createdAt).inSeconds)),
                "parts": .list(step.parts.map { .text($0) }),
                "slow": .boolean(slowest.map { step.duration.inSeconds > 1.5 * $0 } ?? false),
            ]
        }
        let ratio = steps.isEmpty ? nil : Double(good.count) / Double(steps.count)
        return [
            "days": Documents.integer(days), "runs": Documents.integer(steps.count),
            "succeeded": Documents.integer(good.count), "success_ratio": Documents.number(ratio),
            "p50_seconds": Documents.number(Statistics.quantile(0.5, of: times)),
            "p95_seconds": Documents.number(slowest),
            "queue_p50_seconds": Documents.number(
                Statistics.quantile(0.5, of: steps.map { max(0, ($0.startedAt - $0.createdAt).inSeconds) })
            ),
            "skips": Documents.integer(skips), "samples": .list(samples),
        ]
    }
}

extension FinishedStep {
    /// The parts that it was limited to; empty for the whole.
    var parts: [String] { if case .parts(let names) = Extent(causes) { names.sorted() } else { [] } }
}
