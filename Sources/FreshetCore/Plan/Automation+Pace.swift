extension Automation {
    /// When each stale asset of a plan may be worked on.
    ///
    /// A run takes the stale ancestors of its targets along, so an asset has to wait for the slowest among them, and
    /// for none beside it: of two models behind one stale table, each goes by its own pace. A step before an asset waits
    /// for that asset, as it is there for nothing else: for the first, where it stands before several.
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
        let ancestry = graph.ancestry(of: targets)
        for asset in ancestry {
            var prospect = Prospect(due: Pace.Due(at: now, delay: nil))
            for upstream in asset.upstreams {
                // A step before it is no input: that it runs is no reason to try again what has failed.
                let isInput = !asset.before.contains(upstream) || asset.dependencies.contains(upstream)
                if let before = found[upstream] { prospect.wait(for: before, isInput: isInput) }
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
        holdSteps(before: ancestry, &dues)
        return dues
    }

    /// Lets each step before stale assets begin with the first of them.
    private static func holdSteps(before assets: [AssetSpec], _ dues: inout [AssetKey: Pace.Due]) {
        var firsts: [AssetKey: Pace.Due] = [:]
        // From the last to the first, as a step may have steps before it.
        for asset in assets.reversed() {
            guard var due = dues[asset.key] else { continue }
            if let first = firsts[asset.key] {
                due = due.later(first)
                dues[asset.key] = due
            }
            for step in asset.before { firsts[step] = firsts[step]?.earlier(due) ?? due }
        }
    }

    /// What is known of an asset from itself and what is stale before it.
    private struct Prospect {
        var due: Pace.Due
        /// Whether something is known to have moved, not merely unknown, since the last attempt.
        var hasMoved = false

        mutating func wait(for upstream: Prospect, isInput: Bool) {
            due = due.later(upstream.due)
            hasMoved = hasMoved || isInput && upstream.hasMoved
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

    /// The one of the two that is earlier; never is the latest.
    package func earlier(_ other: Pace.Due) -> Pace.Due {
        guard let mine = at, let theirs = other.at else { return at == nil ? other : self }
        return theirs < mine ? other : self
    }
}
