internal import FreshetCore
internal import FreshetKit

/// Finds in the graph what each hook is about.
struct HookResolver {
    private let graph: AssetGraph
    private let sources: SourcePrefixes
    /// The sources that were read, so that what they do not name does not exist.
    private let resolved: Set<String>
    private let areAllResolved: Bool
    private let sensors: [String]
    var diagnostics = DiagnosticList()

    init(_ assets: [AssetDefinition], _ graph: AssetGraph, _ project: ProjectSettings, resolved: Set<String>) {
        self.graph = graph
        self.resolved = resolved
        sources = SourcePrefixes(project.sources)
        areAllResolved = project.sources.allSatisfy { resolved.contains($0.name) }
        let probed = assets.filter { if case .probed = $0.work { true } else { false } }
        sensors = probed.map(\.spec.key.path) + project.sources.map(\.name)
    }

    /// The hook with the assets that it is about.
    mutating func resolve(_ stated: StatedHook) -> HookDefinition {
        var hook = stated.hook
        if let sensor = hook.sensor, !sensors.contains(sensor) {
            diagnostics.error(
                "there is no sensor '\(sensor)'",
                at: stated.sensorOrigin,
                hint: .didYouMean(nearest(sensor, among: sensors))
                    ?? "a sensor has the key of the asset that it looks at, or the name of a source"
            )
        }
        guard let raw = stated.assets, let text = raw.scalar?.text else { return hook }
        do throws(SelectionError) {
            hook.assets = try Selection(parsing: text).resolve(in: graph)
        } catch {
            tell(error, raw)
            return hook
        }
        // What a source would name is not known before it was read.
        if hook.assets.isEmpty, areAllResolved {
            diagnostics.warning(
                "the hook '\(hook.name)' selects no asset, so that nothing is looked at",
                at: raw.origin,
                hint: "'freshet assets' lists the keys that there are"
            )
        }
        return hook
    }

    private mutating func tell(_ error: SelectionError, _ raw: RawValue) {
        if case .unknownKey(let key) = error.reason, let source = sources.source(of: key) {
            guard resolved.contains(source.name) else { return }
            return diagnostics.warning(
                "the source '\(source.name)' does not name '\(key)'",
                at: raw.origin(atOffset: error.offset),
                hint: .didYouMean(error.nearest) ?? "the hook leads to no look until the source names it"
            )
        }
        diagnostics.error(
            "the selection is not right: \(error.reason)",
            at: raw.origin(atOffset: error.offset),
            hint: .didYouMean(error.nearest)
        )
    }
}
