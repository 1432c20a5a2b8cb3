public import FreshetCore
public import FreshetKit

/// A sensor of the project, for people.
public struct SensorSummary: Sendable {
    public var name: String
    /// The kind of its asset, or of its source.
    public var kind: String
    /// `nil` for a sensor that looks only when something says that there may be news.
    public var every: Duration?
    /// Whether a change of another asset leads to a look.
    public var hasUpstream: Bool

    /// Whether it gets no answer: it should have looked again, and had a minute for it.
    public func isSilent(since last: Timestamp?, at now: Timestamp) -> Bool {
        guard let every, let last else { return false }
        return now - last > every * 1.1 + .seconds(60)
    }

    /// By name.
    public static func all(of project: Project) -> [SensorSummary] {
        let kinds = Dictionary(project.assets.map { ($0.spec.key.path, $0.spec.labels.kind) }) { first, _ in first }
        let sources = Dictionary(project.sources.map { ($0.name, $0.kind) }) { first, _ in first }
        return SensorIndex(project).all.map { sensor in
            SensorSummary(
                name: sensor.name,
                kind: kinds[sensor.name] ?? sources[sensor.name] ?? "",
                every: sensor.timing.every,
                hasUpstream: sensor.asset.map { project.graph[$0]?.dependencies.isEmpty == false } ?? false
            )
        }
    }
}
