import FreshetCore
import Testing

/// Any graph, six runs in any order of reports, with retries, cancels and changes that land on the way; the argument of a
/// failing test is its seed.
@Suite struct `Any order of reports` {
    @Test(arguments: 0..<1000) func `does what hindsight says it had to do, and no more`(seed: UInt64) throws {
        var generator = SeededGenerator(seed &+ 1_000_000)
        var specs = randomSpecs(using: &generator)
        for index in specs.indices {
            let count = Int.random(in: 0...2, using: &generator)
            specs[index].policy.retry = RetryPolicy(count: count, delay: .seconds(60))
            if generator.chance(15) { specs[index].policy.automation = AutomationPolicy(onUnknown: .hold) }
        }
        var live = try Scenario(specs)
        var oracle = Oracle(live)
        for round in 0..<6 {
            live.shake(using: &generator)
            let before = live.recorded
            var drive = Drive(live, seed: seed)
            drive.run(using: &generator) { generator in live.shakeSources(using: &generator) }
            live.recorded = drive.frozen.recorded
            #expect(drive.mistakes == [], "round \(round)")
            let isCancelled = { (key: AssetKey) in drive.skipped[key] == .cancelled }
            let lost = drive.failed.union(drive.skipped.keys.filter(isCancelled))
            let fates = oracle.fates(in: drive.frozen, failing: lost)
            for (key, fate) in fates where !isCancelled(key) {
                // What is behind a step that a cancel kept from beginning may be held by that, or by something else.
                if drive.isCancelled, fate == .held, drive.launched[key] == nil { continue }
                #expect(actual(key, in: drive) == fate, "round \(round): \(key)")
            }
            for asset in live.graph.ordered where asset.isMaterialized {
                judge(
                    asset,
                    fates[asset.key],
                    drive,
                    oracle,
                    isNew: live.recorded[asset.key] != before[asset.key],
                    round
                )
            }
            let end: RunStatus = drive.isCancelled ? .cancelled : drive.failed.isEmpty ? .succeeded : .failed
            #expect(drive.status == end, "round \(round)")
        }
    }

    private func judge(
        _ asset: AssetSpec,
        _ fate: Oracle.Fate?,
        _ drive: Drive,
        _ oracle: Oracle,
        isNew: Bool,
        _ round: Int
    ) {
        let key = asset.key
        guard let fate else {
            #expect(drive.launched[key] == nil, "round \(round): \(key) is not selected")
            return
        }
        #expect(drive.launched[key] != nil || drive.skipped[key] != nil, "round \(round): \(key) has no end")
        if drive.launched[key] == nil || drive.failed.contains(key) { #expect(!isNew, "round \(round): \(key)") }
        guard drive.skipped[key] != .cancelled, ![.failed, .held, .notSelected, .blocked, .unverified].contains(fate)
        else { return }
        #expect(oracle.isFresh(key), "round \(round): \(key) is stale")
        // What is on record is what was there when the run began, whatever moved since.
        guard isNew, let trace = drive.frozen.recorded[key]?.provenance else { return }
        for input in oracle.inputs(of: key) {
            #expect(trace.inputs[input] == oracle.present(input.key), "round \(round): \(key) from \(input.key)")
        }
    }

    private func actual(_ key: AssetKey, in drive: Drive) -> Oracle.Fate {
        switch drive.skipped[key] {
        case .upToDate: return .upToDate
        case .notSelected: return .notSelected
        case .upstreamFailed: return .held
        case .nothingSelected, .upstreamMissing: return .blocked
        case .upstreamUnknown: return .unverified
        case .cancelled, .foreignRefreshRunning, .quotaExhausted: return .failed
        case nil: break
        }
        guard let causes = drive.launched[key], !drive.failed.contains(key) else { return .failed }
        switch Extent(causes) {
        case .whole: return .ran(parts: [""])
        case .parts(let parts): return .ran(parts: parts)
        }
    }
}
