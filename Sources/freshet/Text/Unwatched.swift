import FreshetCore
import FreshetKit

/// The inputs that nothing ever leads to a look at, for `freshet check`.
enum Unwatched {
    /// One warning for each probe that is looked at when the daemon starts and then by nobody.
    ///
    /// A source of hints may reach any probe; a schedule looks at what its asset reads, and so does a person.
    static func warnings(_ project: Project) -> [Diagnostic] {
        guard project.hints.isEmpty else { return [] }
        let hooked = hooked(project)
        let definitions = Dictionary(project.assets.map { ($0.spec.key, $0) }) { first, _ in first }
        var known: [AssetKey: Bool] = [:]
        func isWatched(_ key: AssetKey) -> Bool {
            if let known = known[key] { return known }
            // A circle is reported elsewhere.
            known[key] = false
            if hooked.contains(key) {
                known[key] = true
                return true
            }
            let isWatched =
                switch definitions[key]?.work {
                case .probed(_, let every)?:
                    every != nil || definitions[key]?.spec.dependencies.contains(where: isWatched) == true
                case .sourced?, .materialized?, .branch?, nil: true
                }
            known[key] = isWatched
            return isWatched
        }
        var told: Set<AssetKey> = []
        return project.assets.flatMap { asset -> [Diagnostic] in
            guard let automation = asset.spec.policy.automation, automation.schedule == nil else { return [] }
            let probes = project.graph.ancestry(of: [asset.spec.key]).map(\.key).filter {
                if case .probed? = definitions[$0]?.work { !isWatched($0) } else { false }
            }
            return probes.filter { told.insert($0).inserted }.map { key in
                Diagnostic(
                    "nothing ever leads to a look at \(key), which \(asset.spec.key) reads: it has no 'every', and depends "
                        + "on nothing that is watched",
                    at: definitions[key]?.settings.origin ?? asset.settings.origin,
                    hint: "add 'every: 5m', or 'deps' on what changes before it, or take hints (docs/hooks.md)",
                    severity: .warning
                )
            }
        }
    }

    /// What hooks lead to a look at: their assets, their sensors, and what those read whom Freshet refreshes.
    private static func hooked(_ project: Project) -> Set<AssetKey> {
        var keys: Set<AssetKey> = []
        for hook in project.hooks {
            keys.formUnion(project.graph.ancestry(of: Array(hook.assets)).map(\.key))
            if let sensor = hook.sensor { keys.insert(AssetKey(sensor)) }
        }
        return keys
    }
}
