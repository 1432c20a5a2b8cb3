import FreshetCore
import FreshetKit
import FreshetView
import Synchronization

/// The sensors whose last look failed, kept up to date by the store's sequence of changes.
final class FailingSensors: Sendable {
    private struct State {
        /// By sensor; `nil` before the first look at all of them.
        var ticks: [String: TickRecord]?
        var position: Int64 = 0
    }
    private static let batch = 5000
    private let state = Mutex(State())

    /// The latest tick of each, by name.
    func read(_ project: Project, _ store: any RunStore) async throws(StoreError) -> [TickRecord] {
        var state = state.withLock { $0 }
        let changes = try await store.changes(after: state.position, limit: Self.batch)
        let isGap = state.position < changes.oldest - 1 || changes.records.count == Self.batch
        let names: Set<String>
        if state.ticks == nil || isGap {
            state.ticks = [:]
            names = Set(SensorSummary.all(of: project).map(\.name))
        } else {
            names = Set(changes.records.filter { $0.kind == .tick }.map(\.subject))
        }
        for name in names {
            let last = try await store.ticks(TickQuery(sensor: name, limit: 1)).first
            state.ticks?[name] = last?.status == .failed ? last : nil
        }
        state.position = changes.newest
        let result = state
        self.state.withLock { $0 = result }
        return (result.ticks ?? [:]).values.sorted { $0.sensor < $1.sensor }
    }
}
