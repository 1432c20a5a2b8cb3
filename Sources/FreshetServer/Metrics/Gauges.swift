import FreshetCore
import FreshetKit
import FreshetView
import Glibc

/// What is so at the moment: read from the store and the engine when it is asked for.
struct Gauges {
    /// With more assets, or more sensors, than this, each group is one series.
    static let most = 2000

    let project: Project
    let panorama: Panorama

    private var snapshot: StoreSnapshot { panorama.snapshot }

    func write(to text: inout PrometheusText) {
        addAssets(to: &text)
        addSensors(to: &text)
        addWork(to: &text)
        addStore(to: &text)
    }

    // MARK: Assets

    private typealias Samples = [(labels: PrometheusText.Labels, value: Double)]

    /// One sample an asset; with too many of them one a group, in which the worst counts.
    private func samples(
        _ values: [(asset: AssetSpec, value: Double)],
        worst: (Double, Double) -> Double
    ) -> Samples {
        guard panorama.status.assets.count > Self.most else {
            return values.map { ([("asset", $0.asset.key.path)], $0.value) }
        }
        let groups = Dictionary(values.map { ($0.asset.labels.group ?? "", $0.value) }, uniquingKeysWith: worst)
        return groups.sorted { $0.key < $1.key }.map { ([("group", $0.key)], $0.value) }
    }

    private func addAssets(to text: inout PrometheusText) {
        let assets = panorama.status.assets
        text.add(
            "freshet_asset_data_age_seconds",
            .gauge,
            "How old the data is that the asset shows.",
            samples(
                assets.compactMap { status in
                    status.dataTime.map { (status.asset, max(0, (panorama.at - $0).inSeconds)) }
                },
                worst: max
            )
        )
        text.add(
            "freshet_asset_late",
            .gauge,
            "1 where the asset misses its freshness policy, else 0; of a group, how many do.",
            samples(
                assets.filter { $0.freshness != nil }.map { ($0.asset, $0.isLate ? 1 : 0) },
                worst: +
            )
        )
        text.add(
            "freshet_asset_freshness_target_seconds",
            .gauge,
            "How old the data may be by the asset's freshness policy; of a group, the least.",
            samples(
                assets.compactMap { status in
                    status.asset.policy.freshness?.maxDataAge.map { (status.asset, $0.inSeconds) }
                },
                worst: min
            )
        )
        let states = Dictionary(grouping: assets, by: \.state).mapValues(\.count)
        text.add(
            "freshet_assets",
            .gauge,
            "Materialized assets, by how they stand.",
            AssetStatus.State.allCases.map { ([("state", $0.rawValue)], Double(states[$0] ?? 0)) }
        )
    }

    // MARK: Sensors

    private func addSensors(to text: inout PrometheusText) {
        let sensors = SensorSummary.all(of: project)
        guard sensors.count <= Self.most else { return }
        text.add(
            "freshet_sensor_last_tick_timestamp_seconds",
            .gauge,
            "When the sensor last looked and got an answer, since 1970.",
            sensors.compactMap { sensor in
                snapshot.lastLooks[sensor.name].map { ([("sensor", sensor.name)], $0.seconds) }
            }
        )
        text.add(
            "freshet_sensor_interval_seconds",
            .gauge,
            "How often the sensor looks by itself.",
            sensors.compactMap { sensor in
                sensor.every.map { ([("sensor", sensor.name)], $0.inSeconds) }
            }
        )
    }

    // MARK: Work

    private func addWork(to text: inout PrometheusText) {
        let due = snapshot.pendingTriggers.filter { $0.dueAt <= panorama.at }
        // One that rests for its quiet period has not waited yet.
        let oldest = due.map { (panorama.at - $0.dueAt).inSeconds }.max() ?? 0
        text.add(
            "freshet_triggers_pending",
            .gauge,
            "Triggers that are to be answered.",
            Double(snapshot.pendingTriggers.count)
        )
        text.add(
            "freshet_trigger_oldest_pending_seconds",
            .gauge,
            "How long the oldest trigger that is due has waited since then.",
            oldest
        )
        text.add("freshet_runs_active", .gauge, "Runs in progress.", Double(snapshot.unfinishedRuns.count))
        text.add("freshet_paused", .gauge, "1 while everything is paused, else 0.", snapshot.isPaused ? 1 : 0)
        let open = snapshot.unfinishedRuns.flatMap(\.operations).map(\.operation).filter { operation in
            operation.state == .ambiguous || operation.state == .unresolved
        }
        let ended = panorama.status.assets.filter { status in
            status.state == .failed && status.lastStep?.failure?.code == .unresolved
        }
        let assets = Set(open.map(\.asset)).union(ended.map(\.asset.key))
        text.add(
            "freshet_refresh_ambiguous",
            .gauge,
            "Assets with a refresh of which it is not known whether the service accepted it.",
            Double(assets.count)
        )
    }

    // MARK: Store

    private func addStore(to text: inout PrometheusText) {
        for (name, suffix, help) in [
            ("freshet_store_size_bytes", "", "The store's file."),
            ("freshet_store_wal_bytes", "-wal", "The store's write-ahead log; 0 where there is none."),
        ] {
            var info = stat()
            let isThere = stat(project.store + suffix, &info) == 0
            text.add(name, .gauge, help, isThere ? Double(info.st_size) : 0)
        }
    }
}
