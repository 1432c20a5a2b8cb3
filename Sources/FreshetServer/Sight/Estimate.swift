import FreshetCore
import FreshetKit

/// What steps that depend on each other are expected to take together: the longest path by the medians.
struct Estimate {
    /// In seconds; `nil` when nothing is known of any of them.
    let seconds: Double?
    /// The assets on the longest path.
    let critical: Set<AssetKey>

    /// - Parameters:
    ///   - graph: gives their order.
    ///   - steps: the assets that are worked on.
    ///   - duration: of one, in seconds.
    init(_ graph: AssetGraph, _ steps: Set<AssetKey>, duration: (AssetKey) -> Double?) {
        var ends: [AssetKey: Double] = [:]
        var before: [AssetKey: AssetKey] = [:]
        var isKnown = false
        for spec in graph.ordered where steps.contains(spec.key) {
            let latest = Self.upstream(of: spec.key, within: steps, graph).max { (ends[$0] ?? 0) < (ends[$1] ?? 0) }
            let own = duration(spec.key)
            isKnown = isKnown || own != nil
            ends[spec.key] = (latest.flatMap { ends[$0] } ?? 0) + (own ?? 0)
            before[spec.key] = latest
        }
        let last = ends.max { ($0.value, $1.key) < ($1.value, $0.key) }
        seconds = isKnown ? last?.value : nil
        var path: Set<AssetKey> = []
        var place = isKnown ? last?.key : nil
        while let key = place, path.insert(key).inserted { place = before[key] }
        critical = path
    }

    init(_ project: Project, _ detail: RunDetail, _ statistics: Statistics) {
        let steps = Set(detail.steps.filter { $0.status != .skipped }.map(\.asset))
        self.init(project.graph, steps, duration: statistics.median)
    }

    /// Those of `steps` that an asset waits for, through whatever lies between.
    static func upstream(of asset: AssetKey, within steps: Set<AssetKey>, _ graph: AssetGraph) -> [AssetKey] {
        var found: [AssetKey] = []
        var seen: Set<AssetKey> = []
        var next = graph[asset]?.upstreams ?? []
        while let key = next.popLast() {
            guard seen.insert(key).inserted else { continue }
            if steps.contains(key) { found.append(key) } else { next += graph[key]?.upstreams ?? [] }
        }
        return found.sorted()
    }
}
