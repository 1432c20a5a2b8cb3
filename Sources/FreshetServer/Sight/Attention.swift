import FreshetCore
import FreshetKit
import FreshetView

/// Causes that a person should know of, one each however many assets they affect.
struct Attention {
    let documents: [JSONValue]

    init(_ project: Project, _ panorama: Panorama, failing: [TickRecord]) {
        let snapshot = panorama.snapshot
        var found: [JSONValue] = []
        if snapshot.isPaused {
            let count = panorama.status.assets.count
            found.append(
                Self.row(
                    "everything_paused",
                    "warning",
                    "Everything is paused; nothing begins until it is resumed",
                    count: count
                )
            )
        }
        for status in panorama.status.assets
        where status.lastStep?.failure?.code == .unresolved && status.state == .failed {
            let text =
                "It cannot be known whether the service accepted a refresh of \(status.asset.key); say what became of it"
            found.append(
                Self.row(
                    "unresolved_operation",
                    "error",
                    text,
                    since: status.lastStep?.endedAt,
                    asset: status.asset.key,
                    run: status.lastStep?.run
                )
            )
        }
        for tick in failing {
            let key = AssetKey(tick.sensor)
            let affected = project.graph[key].map { project.graph.descent(of: [$0.key]).count { $0.isMaterialized } }
            found.append(
                Self.row(
                    "sensor_failing",
                    "warning",
                    "\(tick.sensor) could not look: \(tick.message)",
                    since: tick.startedAt,
                    asset: project.graph[key] == nil ? nil : key,
                    sensor: tick.sensor,
                    count: affected ?? 0
                )
            )
        }
        for (name, budget) in snapshot.budgets.sorted(by: { $0.key < $1.key }) where budget.blockedUntil > panorama.at {
            let parked = panorama.status.assets.count { $0.state == .parked }
            let until = budget.blockedUntil.iso8601
            let text = "\(name.replacing(":", with: " ")) asked to wait until \(until); \(parked) parked"
            found.append(Self.row("throttled", "info", text, since: budget.since, count: parked))
        }
        documents = found
    }

    private static func row(
        _ code: String,
        _ severity: String,
        _ sentence: String,
        since: Timestamp? = nil,
        asset: AssetKey? = nil,
        run: RunID? = nil,
        sensor: String? = nil,
        count: Int = 1
    ) -> JSONValue {
        [
            "code": .text(code), "severity": .text(severity), "sentence": .text(sentence),
            "since": Documents.time(since), "asset": Documents.text(asset?.path), "run": Documents.text(run),
            "sensor": Documents.text(sensor), "count": Documents.integer(count),
        ]
    }
}
