/// Which assets a change concerns, and which of them run together.
public enum Automation {
    /// The assets among these, and of what is downstream of them, that act on a change; upstream first.
    public static func targets(of moved: some Sequence<AssetKey>, in graph: AssetGraph) -> [AssetKey] {
        graph.descent(of: moved).filter { $0.isMaterialized && $0.policy.automation?.actsOnChange == true }.map(\.key)
    }

    /// What one run has to take on together: stale targets that feed each other or share a stale ancestor.
    public struct Group: Equatable, Sendable {
        /// The stale automated assets, upstream first.
        public var targets: [AssetKey]
        /// The targets and the stale materialized assets that feed them, upstream first.
        public var selected: [AssetKey]
    }

    /// Splits the stale targets into groups that have nothing to do with each other.
    ///
    /// - Parameters:
    ///   - targets: automated assets that `plan` decides on.
    ///   - plan: covers the targets and their ancestry.
    ///   - graph: the graph of the plan.
    /// - Returns: groups in graph order; a target that is skipped is in none.
    public static func groups(of targets: [AssetKey], by plan: Plan, in graph: AssetGraph) -> [Group] {
        let stale = Set(plan.steps.filter(\.mayRun).map(\.asset))
        let wanted = Set(targets).intersection(stale)
        let groups = Self.linked(graph.ancestry(of: wanted), stale)
        return groups.compactMap { selected in
            let targets = selected.filter(wanted.contains)
            return targets.isEmpty ? nil : Group(targets: targets, selected: selected)
        }
    }

    /// The stale assets among these, split into those that data flows between.
    ///
    /// What Freshet does not work on passes a link on only if something stale stands behind it: two models that read one
    /// table have nothing to do with each other, unless Freshet is about to rebuild the table.
    ///
    /// - Parameters:
    ///   - assets: closed upstream, upstream first.
    ///   - stale: what may run.
    /// - Returns: each group upstream first, the groups by their first asset.
    private static func linked(_ assets: [AssetSpec], _ stale: Set<AssetKey>) -> [[AssetKey]] {
        var links = DisjointSets(count: assets.count)
        var positions: [AssetKey: Int] = [:]
        for (position, asset) in assets.enumerated() {
            let above = asset.upstreams.compactMap { positions[$0] }
            guard stale.contains(asset.key) || (!asset.isMaterialized && !above.isEmpty) else { continue }
            positions[asset.key] = position
            for other in above { links.join(position, other) }
        }
        var groups: [Int: Int] = [:]
        var ordered: [[AssetKey]] = []
        for asset in assets where stale.contains(asset.key) {
            guard let position = positions[asset.key] else { continue }
            let group = groups[links.leader(of: position), default: ordered.count]
            if group == ordered.count {
                groups[links.leader(of: position)] = group
                ordered.append([])
            }
            ordered[group].append(asset.key)
        }
        return ordered
    }
}

/// Union by halving (Tarjan and van Leeuwen, JACM 1984).
private struct DisjointSets {
    private var parents: [Int]

    init(count: Int) { parents = Array(0..<count) }

    mutating func leader(of member: Int) -> Int {
        var member = member
        while parents[member] != member {
            parents[member] = parents[parents[member]]
            member = parents[member]
        }
        return member
    }

    mutating func join(_ left: Int, _ right: Int) {
        let (left, right) = (leader(of: left), leader(of: right))
        parents[max(left, right)] = min(left, right)
    }
}

extension Plan.Step {
    /// Whether the step runs or may yet run.
    public var mayRun: Bool { if case .skip = decision { false } else { true } }
}
