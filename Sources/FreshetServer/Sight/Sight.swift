import FreshetCore
import FreshetKit
import Synchronization

/// What the server sees of the project at one moment; made once for all who ask at about the same time.
struct Panorama: Sendable {
    let at: Timestamp
    let snapshot: StoreSnapshot
    let status: ProjectStatus
    let statuses: [AssetKey: AssetStatus]
    /// The run that works on an asset now.
    let working: [AssetKey: RunID]

    init(_ project: Project, _ snapshot: StoreSnapshot, at now: Timestamp) {
        at = now
        self.snapshot = snapshot
        status = ProjectStatus(project, snapshot, at: now, zone: project.zone)
        statuses = Dictionary(status.assets.map { ($0.asset.key, $0) }) { first, _ in first }
        var working: [AssetKey: RunID] = [:]
        for detail in snapshot.unfinishedRuns {
            for step in detail.steps where !step.status.isFinished && step.status != .waiting {
                working[step.asset] = detail.run.id
            }
        }
        self.working = working
    }

    /// The position of the stream that it includes.
    var sequence: Int64 { snapshot.sequence }
}

/// Reads the store for the routes, and keeps what is asked for again and again.
final class Sight: Sendable {
    private let project: Project
    private let store: any RunStore
    private let clock: any EngineClock
    private struct State {
        var panorama: Panorama?
        var making: Task<Result<Panorama, Problem>, Never>?
        var statistics: Statistics?
        var statisticsAt: Int64 = -1
    }
    private let state = Mutex(State())
    let definitions: [AssetKey: AssetDefinition]
    let layouts = LayoutCache()
    let failing = FailingSensors()
    let requests = RequestCounts()
    let events: EventHub

    init(project: Project, store: any RunStore, clock: any EngineClock) {
        self.project = project
        events = EventHub(store: store, clock: clock)
        definitions = Dictionary(project.assets.map { ($0.spec.key, $0) }) { first, _ in first }
        self.store = store
        self.clock = clock
    }

    /// How old a panorama may be of which nothing in the store has changed since: freshness moves with the clock.
    private static let patience = Duration.seconds(1)

    /// How everything stands now; of those who ask at the same time, one reads and all get the same.
    func panorama() async throws(Problem) -> Panorama {
        let position = try await position()
        while true {
            let now = clock.now
            let (known, task) = state.withLock { state -> (Panorama?, Task<Result<Panorama, Problem>, Never>?) in
                if let known = state.panorama, known.sequence >= position, now - known.at < Self.patience {
                    return (known, nil)
                }
                if let task = state.making { return (nil, task) }
                let task = Task { await self.make() }
                state.making = task
                return (nil, task)
            }
            if let known { return known }
            // What was begun before this question may not include what it has to.
            if let made = try await task?.value.get(), made.sequence >= position { return made }
        }
    }

    private func make() async -> Result<Panorama, Problem> {
        let result: Result<Panorama, Problem>
        do throws(StoreError) {
            let snapshot = try await store.snapshot()
            result = .success(Panorama(project, snapshot, at: clock.now))
        } catch {
            result = .failure(Problem(error))
        }
        state.withLock { state in
            state.making = nil
            if case .success(let panorama) = result { state.panorama = panorama }
        }
        return result
    }

    /// The position of the newest change in the store.
    func position() async throws(Problem) -> Int64 {
        try await asking { () throws(StoreError) in try await store.changes(after: nil, limit: 0) }.newest
    }

    /// What the steps of the last 30 days took; read again when a step has ended since.
    func statistics() async throws(Problem) -> Statistics {
        let (known, readAt) = state.withLock { ($0.statistics, $0.statisticsAt) }
        let moved = try await asking { () throws(StoreError) in try await store.changes(after: readAt, limit: 5000) }
        if let known, readAt >= moved.oldest - 1, moved.records.last.map({ $0.sequence == moved.newest }) ?? true,
            !moved.records.contains(where: { $0.kind == .run })
        {
            state.withLock { $0.statisticsAt = moved.newest }
            return known
        }
        let query = StepQuery(since: clock.now - Statistics.span, limit: Statistics.most)
        let steps = try await asking { () throws(StoreError) in try await store.finishedSteps(query) }
        let statistics = Statistics(steps)
        state.withLock { state in
            state.statistics = statistics
            state.statisticsAt = moved.newest
        }
        return statistics
    }
}

/// What the latest steps of each asset took.
struct Statistics: Sendable {
    static let span = Duration.seconds(30 * 86_400)
    static let most = 20_000
    /// How many of an asset are shown in a row.
    static let shown = 14

    /// Newest first.
    private let steps: [AssetKey: [FinishedStep]]
    private let medians: [AssetKey: Double]

    init(_ all: [FinishedStep]) {
        steps = Dictionary(grouping: all, by: \.asset)
        medians = steps.compactMapValues { steps in
            Self.quantile(0.5, of: steps.filter { $0.status == .succeeded }.map(\.duration.inSeconds))
        }
    }

    /// In seconds; `nil` when nothing of it has succeeded.
    func median(of asset: AssetKey) -> Double? { medians[asset] }

    /// The last attempts, oldest first.
    func recent(of asset: AssetKey) -> [FinishedStep] { (steps[asset] ?? []).prefix(Self.shown).reversed() }

    /// The value below which this share lies; `nil` for no values.
    static func quantile(_ share: Double, of values: [Double]) -> Double? {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return nil }
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
