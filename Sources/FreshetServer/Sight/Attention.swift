import FreshetCore
import FreshetKit
import FreshetView

/// Causes that a person should know of, one each however many assets they affect.
struct Attention {
    /// What the daemon knows beside the store.
    struct Around {
        /// The latest tick of each sensor whose last look failed.
        var failing: [TickRecord] = []
        var warnings: [Outside.Warning] = []
        var files: ConfigReport?
        var storeTrouble: StoreError?
    }

    private enum Severity: String { case error, warning, info }

    private(set) var documents: [JSONValue] = []

    init(_ project: Project, _ panorama: Panorama, _ around: Around) {
        addStore(around.storeTrouble)
        addFiles(around.files)
        addPause(panorama)
        addUnresolved(panorama.status.assets)
        addSensors(around.failing, project)
        addWarnings(around.warnings)
        addBudgets(panorama)
    }

    private mutating func addStore(_ trouble: StoreError?) {
        guard let trouble else { return }
        var reason = "the daemon's log says why"
        if case .full = trouble { reason = "there is no room left on its disk" }
        add("store", .error, "The store takes nothing that happens now, and nothing new begins: \(reason)")
    }

    private mutating func addFiles(_ files: ConfigReport?) {
        guard let files, files.differs else { return }
        let errors = files.diagnostics.filter { $0.severity == .error }
        if let first = errors.first {
            // What stands in a file that nobody has loaded is for those who may load it.
            let what = errors.count == 1 ? "a mistake at" : "\(errors.count) mistakes, the first at"
            let text = "The files as they are now have \(what) \(first.origin); what was loaded goes on"
            add("config_invalid", .warning, text, count: errors.count)
        } else {
            let count = files.files.count { $0.status != .same }
            let what = count == 1 ? "1 file is" : "\(count) files are"
            add("config_changed", .info, "\(what) not as the daemon loaded them; reload to use them", count: count)
        }
    }

    private mutating func addPause(_ panorama: Panorama) {
        guard panorama.snapshot.isPaused else { return }
        add(
            "everything_paused",
            .warning,
            "Everything is paused; nothing begins until it is resumed",
            count: panorama.status.assets.count
        )
    }

    private mutating func addUnresolved(_ assets: [AssetStatus]) {
        for status in assets where status.lastStep?.failure?.code == .unresolved && status.state == .failed {
            add(
                "unresolved_operation",
                .error,
                "It cannot be known whether the service accepted a refresh of \(status.asset.key); say what became of it",
                since: status.lastStep?.endedAt,
                asset: status.asset.key,
                run: status.lastStep?.run
            )
        }
    }

    private mutating func addSensors(_ failing: [TickRecord], _ project: Project) {
        for tick in failing {
            let key = AssetKey(tick.sensor)
            let affected = project.graph[key].map { project.graph.descent(of: [$0.key]).count { $0.isMaterialized } }
            add(
                "sensor_failing",
                .warning,
                "\(tick.sensor) could not look: \(tick.message)",
                since: tick.startedAt,
                asset: project.graph[key] == nil ? nil : key,
                sensor: tick.sensor,
                count: affected ?? 0
            )
        }
    }

    /// What only warns of one asset and does not end badly by itself stands on the page of that asset alone.
    private mutating func addWarnings(_ warnings: [Outside.Warning]) {
        let causes = Dictionary(grouping: warnings, by: \.check).sorted { $0.key < $1.key }
        for (check, found) in causes {
            guard let first = found.first(where: \.isFailure) ?? found.first else { continue }
            let code: String
            switch check {
            case Outside.Warning.schedule: code = "ui_schedule_on"
            case Outside.Warning.expiry: code = "credential_expiring"
            default:
                guard first.isFailure || first.asset == nil else { continue }
                code = "connection_failing"
            }
            let more = found.count > 1 ? " (and \(found.count - 1) more; 'freshet doctor' lists them)" : ""
            let mend = first.mend.map { "; \($0)" } ?? ""
            let whose = first.asset.map { "\($0): " } ?? ""
            add(
                code,
                first.isFailure ? .error : .warning,
                whose + first.sentence + mend + more,
                since: first.since,
                asset: first.asset,
                count: found.count
            )
        }
    }

    private mutating func addBudgets(_ panorama: Panorama) {
        let blocked = panorama.snapshot.budgets.filter { $0.value.blockedUntil > panorama.at }
        for (name, budget) in blocked.sorted(by: { $0.key < $1.key }) {
            let parked = panorama.status.assets.count { $0.state == .parked }
            let until = budget.blockedUntil.iso8601
            let text = "\(name.replacing(":", with: " ")) asked to wait until \(until); \(parked) parked"
            add("throttled", .info, text, since: budget.since, count: parked)
        }
    }

    private mutating func add(
        _ code: String,
        _ severity: Severity,
        _ sentence: String,
        since: Timestamp? = nil,
        asset: AssetKey? = nil,
        run: RunID? = nil,
        sensor: String? = nil,
        count: Int = 1
    ) {
        documents.append([
            "code": .text(code), "severity": .text(severity.rawValue), "sentence": .text(sentence),
            "since": Documents.time(since), "asset": Documents.text(asset?.path), "run": Documents.text(run),
            "sensor": Documents.text(sensor), "count": Documents.integer(count),
        ])
    }
}
