extension Selection {
    /// The assets of a graph that it names.
    ///
    /// Each part of it costs at most time linear in the assets and edges of the graph, whatever its shape.
    ///
    /// - Throws: ``SelectionError/Reason/unknownKey(_:)`` for a key without a wildcard that the graph does not have. What
    ///   fits no wildcard, kind, group, owner or tag is an empty set: it may be there tomorrow.
    public func resolve(in graph: AssetGraph) throws(SelectionError) -> Set<AssetKey> {
        switch self {
        case .everything: return graph.keys { _ in true }
        case .key(let pattern): return try graph.keys(fitting: pattern)
        case .kind(let name): return graph.keys { $0.labels.isOfKind(name) }
        case .group(let name): return graph.keys { $0.labels.group == name }
        case .owner(let name): return graph.keys { $0.labels.owners.contains(name) }
        case .tag(let name, nil): return graph.keys { $0.labels.tags[name] != nil }
        case .tag(let name, let value): return graph.keys { $0.labels.tags[name] == value }
        case .role(let name): return graph.keys { name.names($0.role) }
        case .any(let selections):
            var found: Set<AssetKey> = []
            for selection in selections { found.formUnion(try selection.resolve(in: graph)) }
            return found
        case .all(let selections):
            var found: Set<AssetKey>?
            // Not cut short when nothing is left: an unknown key is a mistake wherever it stands.
            for selection in selections {
                let next = try selection.resolve(in: graph)
                found = found?.intersection(next) ?? next
            }
            return found ?? graph.keys { _ in true }
        case .not(let selection): return graph.keys { _ in true }.subtracting(try selection.resolve(in: graph))
        case .roots(let selection):
            return graph.outermost(try selection.resolve(in: graph), in: graph.ordered, along: graph.upstreams)
        case .sinks(let selection):
            return graph.outermost(
                try selection.resolve(in: graph),
                in: graph.ordered.reversed(),
                along: graph.dependents
            )
        case .around(let selection, let upstream, let downstream):
            let start = try selection.resolve(in: graph)
            return AssetGraph.reach(from: start, steps: upstream, along: graph.upstreams)
                .union(AssetGraph.reach(from: start, steps: downstream, along: graph.dependents))
        }
    }
}

extension AssetGraph {
    /// The assets at most `steps` away, and those it starts from; breadth first, so that each is entered once.
    static func reach(
        from start: Set<AssetKey>,
        steps: Int,
        along neighbours: (AssetKey) -> [AssetKey]
    ) -> Set<AssetKey> {
        var reached = start
        var frontier = Array(start)
        var left = steps
        while left > 0, !frontier.isEmpty {
            frontier = frontier.flatMap(neighbours).filter { reached.insert($0).inserted }
            left -= 1
        }
        return reached
    }

    /// The selected assets that have no other selected one before them, at any distance.
    ///
    /// `order` holds every asset, each after those that lie before it; `neighbours` are those directly before one.
    fileprivate func outermost(
        _ selected: Set<AssetKey>,
        in order: some Sequence<AssetSpec>,
        along neighbours: (AssetKey) -> [AssetKey]
    ) -> Set<AssetKey> {
        var behind: Set<AssetKey> = []
        for asset in order
        where neighbours(asset.key).contains(where: { selected.contains($0) || behind.contains($0) }) {
            behind.insert(asset.key)
        }
        return selected.subtracting(behind)
    }

    fileprivate func upstreams(of key: AssetKey) -> [AssetKey] { self[key]?.upstreams ?? [] }

    fileprivate func keys(where isSelected: (AssetSpec) -> Bool) -> Set<AssetKey> {
        var keys: Set<AssetKey> = []
        for asset in ordered where isSelected(asset) { keys.insert(asset.key) }
        return keys
    }

    fileprivate func keys(fitting pattern: KeyPattern) throws(SelectionError) -> Set<AssetKey> {
        if pattern.hasWildcard { return keys { pattern.matches($0.key) } }
        let key = AssetKey(pattern.text)
        if self[key] != nil { return [key] }
        let near = AssetKey.nearest(to: key, among: ordered.lazy.map(\.key))
        throw SelectionError(.unknownKey(key), at: pattern.offset, nearest: near?.path)
    }
}

extension Labels {
    fileprivate func isOfKind(_ name: String) -> Bool {
        kind == name || kind.split(separator: ".").contains { $0 == name }
    }
}
