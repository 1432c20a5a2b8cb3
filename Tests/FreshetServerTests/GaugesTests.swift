import FreshetCore
import FreshetKit
import Testing

@testable import FreshetServer

@Suite struct `Gauges of assets` {
    private static let now = Timestamp(seconds: 1_777_000_000)

    /// So many assets in two groups; the data of each is an hour older than that of the one before it, and may have
    /// the age of an hour and a half.
    private func text(assets count: Int, pending: [TriggerRecord] = []) throws -> [Substring] {
        var snapshot = StoreSnapshot(pendingTriggers: pending)
        let specs = (0..<count).map { number in
            AssetSpec(
                key: AssetKey("m\(number)"),
                labels: Labels(group: number.isMultiple(of: 2) ? "even" : "odd"),
                policy: AssetPolicy(freshness: FreshnessPolicy(maxDataAge: .seconds(5400)))
            )
        }
        for (number, spec) in specs.enumerated() {
            let made = Self.now - .seconds(3600 * (number % 4 + 1))
            snapshot.materializations[spec.key] = MaterializationRecord(
                materialization: Materialization(
                    asset: spec.key,
                    version: "v",
                    provenance: Provenance(codeVersion: "1", inputs: [:])
                ),
                run: "run",
                startedAt: made,
                at: made,
                dataTime: made,
                extent: .whole
            )
        }
        let project = try Project.sample(of: specs)
        var text = PrometheusText()
        Gauges(project: project, panorama: Panorama(project, snapshot, at: Self.now)).write(to: &text)
        return text.text.split(separator: "\n")
    }

    @Test func `have a series for each asset`() throws {
        let lines = try text(assets: 4)
        #expect(lines.contains(#"freshet_asset_data_age_seconds{asset="m1"} 7200"#))
        #expect(lines.contains(#"freshet_asset_freshness_target_seconds{asset="m1"} 5400"#))
        #expect(lines.contains(#"freshet_asset_late{asset="m0"} 0"#))
        #expect(lines.contains(#"freshet_asset_late{asset="m1"} 1"#))
    }

    @Test func `have a series for each group where there are too many assets`() throws {
        #expect(try text(assets: 2000).contains { $0.contains("asset=") })
        let lines = try text(assets: 2001)
        #expect(!lines.contains { $0.contains("asset=") })
        #expect(lines.contains(#"freshet_asset_data_age_seconds{group="odd"} 14400"#))
        #expect(lines.contains(#"freshet_asset_late{group="even"} 500"#))
        #expect(lines.contains(#"freshet_asset_late{group="odd"} 1000"#))
    }

    @Test func `count the waiting of a trigger from when it is due`() throws {
        func trigger(dueIn seconds: Int) -> TriggerRecord {
            TriggerRecord(
                id: "\(seconds)",
                key: "\(seconds)",
                kind: .sensor,
                actor: .engine,
                targets: ["m0"],
                createdAt: Self.now - .seconds(900),
                dueAt: Self.now + .seconds(seconds)
            )
        }
        let resting = try text(assets: 1, pending: [trigger(dueIn: 60)])
        #expect(resting.contains("freshet_triggers_pending 1"))
        #expect(resting.contains("freshet_trigger_oldest_pending_seconds 0"))
        let due = try text(assets: 1, pending: [trigger(dueIn: 60), trigger(dueIn: -30), trigger(dueIn: -20)])
        #expect(due.contains("freshet_trigger_oldest_pending_seconds 30"))
    }
}
