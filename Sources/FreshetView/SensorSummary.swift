package import FreshetCore
package import FreshetKit

/// A sensor of the project, for people.
package struct SensorSummary: Sendable {
    /// The asset's key, or the source's name.
    package var name: String
    /// The kind of its asset, or of its source.
    package var kind: String
    /// `nil` for a sensor that looks only when something says that there may be news.
    package var every: Duration?
    /// How many assets it looks at.
    package var assets: Int
    /// Whether a change of another asset leads to a look.
    package var hasUpstream: Bool

    /// Whether it gets no answer: it should have looked again, and had a minute for it.
    package func isSilent(since last: Timestamp?, at now: Timestamp) -> Bool {
        guard let every, let last else { return false }
        return now - last > every * 1.1 + .seconds(60)
    }

    /// By name.
    package static func all(of project: Project) -> [SensorSummary] {
        var counts: [String: Int] = [:]
        var found: [SensorSummary] = []
        for asset in project.assets {
            switch asset.work {
            case .sourced(let source): counts[source, default: 0] += 1
            case .probed(_, let every):
                let key = asset.spec.key
                let hasUpstream = project.graph[key]?.dependencies.isEmpty == false
                let kind = asset.spec.labels.kind
                found.append(
                    SensorSummary(name: key.path, kind: kind, every: every, assets: 1, hasUpstream: hasUpstream)
                )
            case .materialized, .branch: break
            }
        }
        found += project.sources.map { source in
            SensorSummary(
                name: source.name,
                kind: source.kind,
                every: source.source.every,
                assets: counts[source.name] ?? 0,
                hasUpstream: false
            )
        }
        return found.sorted { $0.name < $1.name }
    }
}
