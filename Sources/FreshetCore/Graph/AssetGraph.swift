/// An acyclic graph of assets.
///
/// Immutable once built; building is the only place it is validated, and takes time linear in its edges.
public struct AssetGraph: Sendable {
    /// Every asset, upstream first, level by level and by key within a level: the same on every machine.
    public let ordered: [AssetSpec]
    private let specs: [AssetKey: AssetSpec]
    private let downstream: [AssetKey: [AssetKey]]
    private let reads: [AssetKey: [Input]]
    private let positions: [AssetKey: Int]
    private let servedByStep: [AssetKey: [AssetKey]]

    public subscript(key: AssetKey) -> AssetSpec? { specs[key] }

    /// The assets that wait for this one directly, in the order of ``ordered``.
    public func dependents(of key: AssetKey) -> [AssetKey] { downstream[key] ?? [] }

    /// The assets that this one is a step before, and those that they are steps before.
    package func served(by step: AssetKey) -> [AssetKey] { servedByStep[step] ?? [] }

    /// What an asset compares: its dependencies, a branch standing for its own inputs, and what its parts read.
    ///
    /// An input that a part reads counts for that part alone, even if it is a dependency too.
    public func inputs(of key: AssetKey) -> [Input] { reads[key] ?? [] }

    /// These assets and all that is upstream of them, in the order of ``ordered``.
    public func ancestry(of keys: some Sequence<AssetKey>) -> [AssetSpec] {
        closure(of: keys) { specs[$0]?.upstreams ?? [] }
    }

    /// These assets and all that is downstream of them, in the order of ``ordered``.
    public func descent(of keys: some Sequence<AssetKey>) -> [AssetSpec] {
        closure(of: keys) { downstream[$0] ?? [] }
    }

    /// These assets and the steps before and after each of them, in the order of ``ordered``.
    ///
    /// Who asks for an asset asks for these too.
    public func withSteps(_ keys: some Sequence<AssetKey>) -> [AssetKey] {
        closure(of: keys) { key in specs[key].map { $0.before + $0.after } ?? [] }.map(\.key)
    }

    private func closure(of keys: some Sequence<AssetKey>, _ neighbours: (AssetKey) -> [AssetKey]) -> [AssetSpec] {
        var found: Set<Int> = []
        var next = Array(keys)
        while let key = next.popLast() {
            guard let position = positions[key], found.insert(position).inserted else { continue }
            next += neighbours(key)
        }
        return found.sorted().map { ordered[$0] }
    }

    /// - Throws: ``GraphError``, for the first mistake found.
    public init(_ assets: [AssetSpec]) throws(GraphError) {
        var specs: [AssetKey: AssetSpec] = [:]
        for asset in assets {
            guard specs.updateValue(asset, forKey: asset.key) == nil else { throw .duplicate(asset.key) }
        }
        ordered = try Self.levels(of: assets, in: specs)

        var downstream: [AssetKey: [AssetKey]] = [:]
        var reads: [AssetKey: [Input]] = [:]
        for asset in ordered {
            for upstream in asset.upstreams { downstream[upstream, default: []].append(asset.key) }
            reads[asset.key] = Self.inputs(of: asset, specs, reads)
        }
        var served: [AssetKey: [AssetKey]] = [:]
        for asset in ordered.reversed() {
            for step in asset.before { served[step, default: []] += [asset.key] + (served[asset.key] ?? []) }
        }
        servedByStep = served
        self.specs = specs
        self.downstream = downstream
        self.reads = reads
        positions = Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ($1.key, $0) })
        for asset in ordered { try check(asset) }
    }

    private static func inputs(
        of asset: AssetSpec,
        _ specs: [AssetKey: AssetSpec],
        _ reads: [AssetKey: [Input]]
    ) -> [Input] {
        // Levels are built upstream first, so that a branch's own inputs are there already.
        let whole = asset.dependencies.flatMap { key in
            specs[key]?.isBranch == true ? reads[key] ?? [] : [Input(key)]
        }
        guard !asset.parts.isEmpty else { return whole.unique() }
        let mapped = Set(asset.parts.values.joined())
        let parts = asset.parts.sorted { $0.key < $1.key }.flatMap { part, keys in
            keys.map { Input($0, part: part) }
        }
        return whole.unique().filter { !mapped.contains($0.key) } + parts.unique()
    }

    /// The materialized assets that these stand for: a branch stands for the targets of its arms.
    package func materialized(behind targets: [AssetKey]) -> [AssetKey] {
        var found: [AssetKey] = []
        var seen: Set<AssetKey> = []
        var next = targets
        while let key = next.popLast() {
            guard seen.insert(key).inserted, let asset = specs[key] else { continue }
            switch asset.role {
            case .branch(let branch): next += branch.arms.flatMap(\.targets)
            case .materialized: found.append(key)
            case .observed: break
            }
        }
        return found
    }

    /// Kahn's algorithm (CACM 1962), a level at a time, so that each asset is sorted once.
    private static func levels(
        of assets: [AssetSpec],
        in specs: [AssetKey: AssetSpec]
    ) throws(GraphError) -> [AssetSpec] {
        var waiting: [AssetKey: Int] = [:]
        var dependents: [AssetKey: [AssetKey]] = [:]
        for asset in assets {
            let upstreams = asset.upstreams
            for upstream in upstreams {
                guard specs[upstream] != nil else { throw .unknownDependency(upstream, of: asset.key) }
                dependents[upstream, default: []].append(asset.key)
            }
            waiting[asset.key] = upstreams.count
        }
        var ordered: [AssetSpec] = []
        var level = assets.map(\.key).filter { waiting[$0] == 0 }
        while !level.isEmpty {
            ordered += level.sorted().map { specs[$0]! }
            var next: [AssetKey] = []
            for dependent in level.lazy.flatMap({ dependents[$0] ?? [] }) {
                waiting[dependent]! -= 1
                if waiting[dependent] == 0 { next.append(dependent) }
            }
            level = next
        }
        let stuck = waiting.filter { $0.value > 0 }
        guard stuck.isEmpty else { throw .cycle(closedPath(among: stuck, specs)) }
        return ordered
    }

    /// Walks upstream among assets that all wait for one another, until it meets itself.
    private static func closedPath(among stuck: [AssetKey: Int], _ specs: [AssetKey: AssetSpec]) -> [AssetKey] {
        var path: [AssetKey] = []
        var position: [AssetKey: Int] = [:]
        var current = stuck.keys.min()
        while let key = current {
            if let start = position[key] { return (path[start...] + [key]).reversed() }
            position[key] = path.count
            path.append(key)
            current = specs[key]!.upstreams.first { stuck[$0] != nil }
        }
        return path
    }
}
