import FreshetCore
import FreshetKit
import FreshetView
import Glibc

/// `GET /metrics`: figures for Prometheus. Counters begin at 0 with the daemon.
enum MetricsRoutes {
    static let all = [Route("GET", "/metrics", "getMetrics", access: .least(.viewer), handle: metrics)]

    /// With more assets than this, each has no series of its own.
    private static let mostAssets = 2000

    private static func metrics(_ call: Call) async throws -> Answer {
        let panorama = try await call.context.sight.panorama()
        let figures = try await asking { () throws(StoreError) in
            try await call.context.sight.counters.read(from: call.store, at: call.now) { key in
                call.project.graph[key]?.labels.kind ?? ""
            }
        }
        var text = PrometheusText()
        addProcess(to: &text, call)
        addAssets(to: &text, panorama)
        addCounts(to: &text, figures)
        addPresent(to: &text, panorama, call)
        return .text(text.text, type: "text/plain; version=0.0.4; charset=utf-8")
    }

    private static func addProcess(to text: inout PrometheusText, _ call: Call) {
        text.add("freshet_build_info", .gauge, "The program.", [([("version", call.context.version)], 1)])
        text.add(
            "freshet_up_epoch",
            .gauge,
            "The epoch in which this daemon writes.",
            Double(call.context.epoch.number)
        )
        text.add("freshet_leader", .gauge, "Whether this daemon is the one that writes.", 1)
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let cpu =
            Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
        text.add("process_cpu_seconds_total", .counter, "Time of processors, user and system.", cpu)
        text.add(
            "process_max_resident_memory_bytes",
            .gauge,
            "The most that was resident.",
            Double(usage.ru_maxrss) * 1024
        )
    }

    private static func addAssets(to text: inout PrometheusText, _ panorama: Panorama) {
        let assets = panorama.status.assets
        guard assets.count <= mostAssets else {
            let late = Dictionary(grouping: assets) { $0.asset.labels.group ?? "" }
                .map { ([("group", $0.key)], Double($0.value.count(where: \.isLate))) }
            text.add("freshet_asset_late", .gauge, "How many are late.", late.sorted { $0.0[0].1 < $1.0[0].1 })
            return
        }
        func label(_ status: AssetStatus) -> [(String, String)] { [("asset", status.asset.key.path)] }
        text.add(
            "freshet_asset_data_age_seconds",
            .gauge,
            "The age of the data that the asset shows.",
            assets.compactMap { status in
                status.dataTime.map { (label(status), max(0, (panorama.at - $0).inSeconds)) }
            }
        )
        text.add(
            "freshet_asset_late",
            .gauge,
            "Whether it misses its freshness policy.",
            assets.filter { $0.freshness != nil }.map { (label($0), $0.isLate ? 1 : 0) }
        )
        text.add(
            "freshet_asset_freshness_target_seconds",
            .gauge,
            "The greatest age that its freshness policy allows.",
            assets.compactMap { status in
                status.asset.policy.freshness?.maxDataAge.map { (label(status), $0.inSeconds) }
            }
        )
    }

    private static func addCounts(to text: inout PrometheusText, _ figures: Counters.Figures) {
        text.add(
            "freshet_decisions_total",
            .counter,
            "Decisions.",
            figures.decisions.sorted { $0.key < $1.key }.map { word, count in
                let halves = word.split(separator: ":", maxSplits: 1).map(String.init)
                return ([("outcome", halves[0]), ("reason", halves.count > 1 ? halves[1] : "")], Double(count))
            }
        )
        text.add(
            "freshet_triggers_total",
            .counter,
            "Triggers that were answered.",
            figures.triggers.sorted { $0.key < $1.key }.map { ([("disposition", $0.key)], Double($0.value)) }
        )
        text.add(
            "freshet_ticks_total",
            .counter,
            "Looks of sensors.",
            figures.ticks.sorted { $0.key < $1.key }.flatMap { sensor, counts in
                counts.sorted { $0.key < $1.key }.map { ([("sensor", sensor), ("result", $0.key)], Double($0.value)) }
            }
        )
        text.add(
            "freshet_runs_total",
            .counter,
            "Runs that have ended.",
            figures.runs.sorted { $0.key < $1.key }.map { ([("state", $0.key)], Double($0.value)) }
        )
        text.add(
            "freshet_refresh_posts_total",
            .counter,
            "What became of remote operations.",
            figures.operations.sorted { $0.key < $1.key }.map { ([("result", $0.key)], Double($0.value)) }
        )
        text.add(
            "freshet_step_duration_seconds",
            "How long steps took.",
            figures.steps.sorted { $0.key < $1.key }.map { ([("kind", $0.key), ("phase", "work")], $0.value) }
        )
    }

    private static func addPresent(to text: inout PrometheusText, _ panorama: Panorama, _ call: Call) {
        let snapshot = panorama.snapshot
        let oldest = snapshot.pendingTriggers.map(\.createdAt).min().map { (panorama.at - $0).inSeconds } ?? 0
        let operations = snapshot.unfinishedRuns.flatMap(\.operations).map(\.operation.state)
        text.add("freshet_triggers_pending", .gauge, "Triggers to be answered.", Double(snapshot.pendingTriggers.count))
        text.add("freshet_trigger_oldest_pending_seconds", .gauge, "How long the oldest has waited.", max(0, oldest))
        text.add("freshet_runs_active", .gauge, "Runs in progress.", Double(snapshot.unfinishedRuns.count))
        text.add(
            "freshet_refresh_ambiguous",
            .gauge,
            "Requests of which it is not known whether they were accepted.",
            Double(operations.count { $0 == .ambiguous || $0 == .unresolved })
        )
        for (name, suffix, help) in [
            ("freshet_store_size_bytes", "", "The store's file."),
            ("freshet_store_wal_bytes", "-wal", "The store's write-ahead log."),
        ] {
            var info = stat()
            let isThere = stat(call.project.store + suffix, &info) == 0
            text.add(name, .gauge, help, isThere ? Double(info.st_size) : 0)
        }
        text.add(
            "freshet_sse_clients",
            .gauge,
            "Listeners of the event stream.",
            Double(call.context.sight.events.count)
        )
        text.add(
            "freshet_http_requests_total",
            .counter,
            "Requests that were answered.",
            call.context.sight.requests.all.sorted { ($0.key.route, $0.key.status) < ($1.key.route, $1.key.status) }
                .map { ([("route", $0.key.route), ("code", String($0.key.status))], Double($0.value)) }
        )
    }
}
