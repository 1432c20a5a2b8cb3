import FreshetCore
package import FreshetKit

/// A sensor of the project, for people.
package struct SensorSummary: Sendable {
    /// The asset's key, or the source's name.
    package var name: String
    /// The kind of its asset, or of its source.
    package var kind: String
    /// `nil` for a sensor that looks only when something upstream moved.
    package var every: Duration?
    /// How many assets it looks at.
    package var assets: Int

    /// By name.
    package static func all(of project: Project) -> [SensorSummary] {
        var counts: [String: Int] = [:]
        var found: [SensorSummary] = []
        for asset in project.assets {
            switch asset.work {
            case .sourced(let source): counts[source, default: 0] += 1
            case .probed(_, let every):
                let key = asset.spec.key.path
                found.append(SensorSummary(name: key, kind: asset.spec.labels.kind, every: every, assets: 1))
            case .materialized, .branch: break
            }
        }
        found += project.sources.map { source in
            SensorSummary(
                name: source.name,
                kind: source.kind,
                every: source.source.every,
                assets: counts[source.name] ?? 0
            )
        }
        return found.sorted { $0.name < $1.name }
    }
}
