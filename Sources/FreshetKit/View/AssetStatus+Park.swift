internal import FreshetCore

extension ProjectStatus {
    /// What the steps of active runs have been asked to wait for, by a refusal of their own or of another on their budget.
    static func parks(
        in project: Project,
        _ snapshot: StoreSnapshot,
        at now: Timestamp
    ) -> [AssetKey: AssetStatus.Park] {
        let steps = snapshot.unfinishedRuns.flatMap(\.steps).filter { $0.status == .retrying || $0.status == .queued }
        guard !steps.isEmpty else { return [:] }
        let waiting = Dictionary(steps.map { ($0.asset, $0) }) { _, last in last }
        var parks: [AssetKey: AssetStatus.Park] = [:]
        for asset in project.assets {
            guard let step = waiting[asset.spec.key], case .materialized(let kind) = asset.work,
                let (until, code) = wait(of: step, asset, snapshot, at: now)
            else { continue }
            parks[asset.spec.key] = AssetStatus.Park(
                system: type(of: kind).system,
                code: code,
                until: until,
                time: until.clock(in: project.zone(project.timeZone), at: now)
            )
        }
        return parks
    }

    private static func wait(
        of step: StepRecord,
        _ asset: AssetDefinition,
        _ snapshot: StoreSnapshot,
        at now: Timestamp
    ) -> (until: Timestamp, code: FailureCode)? {
        if step.status == .retrying {
            guard let until = step.retryAt, let failure = step.failure, failure.isThrottling else { return nil }
            return (until, failure.code)
        }
        let blocks = asset.budgets.compactMap { snapshot.budgets[$0]?.blockedUntil }.filter { $0 > now }
        return blocks.max().map { ($0, .throttled) }
    }
}

extension Timestamp {
    /// The time on a zone's clocks, such as `14:05`; before it the date, where that is not today's.
    func clock(in zone: TimeZoneRules, at now: Timestamp) -> String {
        // `2026-11-21T14:05:00+01:00`
        let text = formatted(in: zone)
        let time = String(text.dropFirst(11).prefix(5))
        return zone.local(at: self).date == zone.local(at: now).date ? time : "\(text.prefix(10)) \(time)"
    }
}
