extension Automation {
    /// When each stale asset of a plan may be worked on.
    ///
    /// A run takes the stale ancestors of its targets along, so an asset has to wait for the slowest among them, and
    /// for none beside it: of two models behind one stale table, each goes by its own pace.
    ///
    /// - Parameters:
    ///   - targets: what is asked for.
    ///   - plan: covers the targets and their ancestry.
    ///   - graph: the graph of the plan.
    ///   - now: the present moment.
    ///   - zone: the rules of a time zone by its name.
    ///   - history: what happened to an asset so far, given why it would run.
    /// - Returns: one answer for each stale asset among the targets and their ancestry.
    public static func dues(
        of targets: some Sequence<AssetKey>,
        by plan: Plan,
        in graph: AssetGraph,
        at now: Timestamp,
        zone: (String) -> TimeZoneRules = { _ in .utc },
        history: (AssetKey, [Cause]) -> Pace.History
    ) -> [AssetKey: Pace.Due] {
        var found: [AssetKey: Prospect] = [:]
        var dues: [AssetKey: Pace.Due] = [:]
        for asset in graph.ancestry(of: targets) {
            var prospect = Prospect(due: Pace.Due(at: now, delay: nil))
            for upstream in asset.upstreams {
                if let before = found[upstream] { prospect.wait(for: before) }
            }
            guard asset.isMaterialized else {
                found[asset.key] = prospect
                continue
            }
            guard let step = plan.step(asset.key), step.mayRun else { continue }
            prospect.add(step.causes, of: asset, now, zone, history)
            found[asset.key] = prospect
            dues[asset.key] = prospect.due
        }
        return dues
    }

    /// What is known of an asset from itself and what is stale before it.
    private struct Prospect {
        var due: Pace.Due
        /// Whether something is known to have moved, not merely unknown, since the last attempt.
        var hasMoved = false

        mutating func wait(for upstream: Prospect) {
            due = due.later(upstream.due)
            hasMoved = hasMoved || upstream.hasMoved
        }

        mutating func add(
            _ causes: [Cause],
            of asset: AssetSpec,
            _ now: Timestamp,
            _ zone: (String) -> TimeZoneRules,
            _ history: (AssetKey, [Cause]) -> Pace.History
        ) {
            var past = history(asset.key, causes)
            // What is about to be rebuilt upstream is an input that moves.
            if hasMoved { past.failure?.inputsMoved = true }
            let known = causes.filter { !$0.isUnknown }
            let policy = asset.policy.automation ?? AutomationPolicy()
            let offset = asset.policy.isCritical ? .zero : Stagger.offset(of: asset.key, within: policy.stagger)
            due = due.later(
                Pace.due(hasMoved ? known : causes, policy, past, at: now, offset: offset, zone: zone)
            )
            hasMoved = hasMoved || (!known.isEmpty && past.failure?.inputsMoved != false)
        }
    }
}

extension Plan.Step {
    /// Why it runs; empty while that depends on steps before it.
    fileprivate var causes: [Cause] { if case .run(let causes) = decision { causes } else { [] } }
}

extension Pace.Due {
    /// The one of the two that is later; never is the latest.
    func later(_ other: Pace.Due) -> Pace.Due {
        guard let mine = at, let theirs = other.at else { return at == nil ? self : other }
        return theirs > mine ? other : self
    }
}
