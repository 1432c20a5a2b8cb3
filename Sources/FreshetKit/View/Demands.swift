public import FreshetCore

extension Project {
    /// What a plan for this moment is made from, the calendar and the longest skips included.
    ///
    /// - Parameters:
    ///   - snapshot: what the store holds.
    ///   - observed: what the inputs are seen as; `nil` for what the store holds.
    ///   - now: the present moment.
    /// - Returns: an input that selects everything and forces nothing.
    public func planInput(
        _ snapshot: StoreSnapshot,
        observed: [AssetKey: Observation]? = nil,
        at now: Timestamp
    ) -> PlanInput {
        var input = PlanInput(
            graph: graph,
            recorded: snapshot.materializations.mapValues(\.materialization),
            observed: observed ?? snapshot.observations.mapValues(\.observation)
        )
        for asset in graph.ordered {
            guard let policy = asset.policy.automation, let last = snapshot.materializations[asset.key] else {
                continue
            }
            if let longest = policy.maxSkip, last.at + longest <= now { input.overdue.insert(asset.key) }
            guard policy.refreshesOnDayChange else { continue }
            input.dayChanges[asset.key] = DayChange(since: last.startedAt, at: now, in: zone(timeZone))
        }
        return input
    }
}
