import FreshetCore
import FreshetKit
import Synchronization

/// What has been counted since the daemon began, from the store's sequence of changes.
final class Counters: Sendable {
    struct Figures: Sendable {
        var decisions: [String: Int] = [:]
        var triggers: [String: Int] = [:]
        var ticks: [String: [String: Int]] = [:]
        var runs: [String: Int] = [:]
        var operations: [String: Int] = [:]
        var steps: [String: Histogram] = [:]
        fileprivate var position: Int64?
        fileprivate var stepsUntil: Timestamp?
    }

    private static let batch = 5000
    private let figures = Mutex(Figures())

    /// Reads what is new, and gives all.
    ///
    /// - Parameter kind: the kind of an asset.
    func read(
        from store: any RunStore,
        at now: Timestamp,
        kind: (AssetKey) -> String
    ) async throws(StoreError) -> Figures {
        var figures = figures.withLock { $0 }
        while true {
            let changes = try await store.changes(after: figures.position, limit: Self.batch)
            for change in changes.records { Self.count(change, in: &figures) }
            let isFirst = figures.position == nil
            figures.position = changes.records.last?.sequence ?? changes.newest
            if isFirst || changes.records.count < Self.batch { break }
        }
        if let since = figures.stepsUntil {
            for step in try await store.finishedSteps(StepQuery(since: since, limit: 10_000)) where step.endedAt < now {
                figures.steps[kind(step.asset), default: Histogram()].observe(step.duration.inSeconds)
            }
        }
        figures.stepsUntil = now
        let result = figures
        self.figures.withLock { $0 = result }
        return result
    }

    private static func count(_ change: ChangeRecord, in figures: inout Figures) {
        switch change.kind {
        case .decision: figures.decisions[change.word, default: 0] += 1
        case .trigger where change.word != "pending": figures.triggers[change.word, default: 0] += 1
        case .tick: figures.ticks[change.subject, default: [:]][change.word, default: 0] += 1
        case .run where ["succeeded", "failed", "cancelled"].contains(change.word):
            figures.runs[change.word, default: 0] += 1
        case .operation: figures.operations[change.word, default: 0] += 1
        case .config, .log, .observation, .pause, .run, .step, .subStep, .trigger: break
        }
    }
}
