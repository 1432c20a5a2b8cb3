package import FreshetCore
package import FreshetKit
import FreshetView
package import Logging
import ServiceLifecycle

/// Finds each run that ends while the daemon is up, times its phases, and hands its trace on.
///
/// It reads the store's sequence of changes beside the engine, which knows nothing of it.
package struct EndedRuns: Service {
    /// How long a run may have ended before it is noticed.
    private static let interval = Duration.seconds(2)
    private static let batch = 5000

    private let store: any RunStore
    private let clock: any EngineClock
    private let meters: Meters
    private let queue: TraceQueue?
    private let kind: @Sendable (AssetKey) -> String
    private let log: Logger
    private let start: Int64?

    /// - Parameters:
    ///   - store: of the daemon.
    ///   - position: of the sequence of changes when the daemon began; `nil` for where it is at the first look.
    ///   - clock: tells when to look.
    ///   - meters: are told how long phases took.
    ///   - queue: takes traces; `nil` where none are wanted.
    ///   - kind: of an asset; empty for one that is not known any more.
    ///   - log: is told what could not be read.
    package init(
        _ store: any RunStore,
        after position: Int64?,
        clock: any EngineClock,
        meters: Meters,
        queue: TraceQueue?,
        kind: @escaping @Sendable (AssetKey) -> String,
        log: Logger
    ) {
        self.store = store
        start = position
        self.clock = clock
        self.meters = meters
        self.queue = queue
        self.kind = kind
        self.log = log
    }

    /// Returns when the service group stops, after a last look.
    package func run() async throws {
        let place = await cancelWhenGracefulShutdown {
            var place = start
            while !Task.isCancelled {
                place = await look(after: place)
                do { try await clock.sleep(for: Self.interval) } catch { break }
            }
            return place
        }
        _ = await look(after: place)
    }

    /// Takes what has ended since a position.
    ///
    /// - Returns: the position up to which everything was looked at; the newest of all for `nil`.
    package func look(after position: Int64?) async -> Int64? {
        var position = position
        do throws(StoreError) {
            while true {
                let changes = try await store.changes(after: position, limit: Self.batch)
                guard let known = position else { return changes.newest }
                if known < changes.oldest - 1 {
                    log.warning("\(changes.oldest - 1 - known) changes were gone before runs were looked for in them")
                }
                for change in changes.records where change.kind == .run && Self.ends.contains(change.word) {
                    if let detail = try await store.run(change.subject) { take(detail) }
                }
                position = changes.records.last?.sequence ?? max(known, changes.newest)
                if changes.records.count < Self.batch { return position }
            }
        } catch {
            log.warning("what runs took cannot be read: \(error)")
            return position
        }
    }

    private static let ends = Set(RunStatus.allCases.filter(\.isFinished).map(\.rawValue))

    private func take(_ detail: RunDetail) {
        for step in detail.steps {
            var sums: [String: Duration] = [:]
            for segment in detail.segments(of: step) {
                if let end = segment.to { sums[segment.phase.rawValue, default: .zero] += end - segment.from }
            }
            for (phase, took) in sums { meters.observe(.stepDuration, kind(step.asset), phase, took: took) }
        }
        queue?.offer(RunTrace(of: detail, kind: kind).spans)
    }
}
