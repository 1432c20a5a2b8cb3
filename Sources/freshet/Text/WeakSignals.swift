import FreshetCore
import FreshetKit

/// The models that rest on weak signals alone, for `freshet check`.
enum WeakSignals {
    /// One warning for each refreshed asset of which an input shows changes only by a heuristic signal.
    ///
    /// An input that depends on another, stronger one that the same asset reads is no comfort: each is compared by
    /// itself, and what its own signal misses is missed.
    static func warnings(_ project: Project) -> [Diagnostic] {
        let sources = Dictionary(project.sources.map { ($0.name, $0.source) }) { first, _ in first }
        let works = Dictionary(project.assets.map { ($0.spec.key, $0.work) }) { first, _ in first }
        var caveats: [AssetKey: Caveats] = [:]
        func learn(_ key: AssetKey) {
            switch works[key] {
            case .probed(let probe, _): caveats[key] = probe.caveats
            case .sourced(let name): caveats[key] = sources[name]?.caveats(of: key)
            case .materialized, .branch, nil: break
            }
        }
        return project.assets.compactMap { asset in
            guard asset.spec.isMaterialized else { return nil }
            let inputs = Set(project.graph.inputs(of: asset.spec.key).map(\.key)).sorted()
            for input in inputs where caveats[input] == nil { learn(input) }
            let weak = inputs.filter { caveats[$0]?.strength == .heuristic }
            guard let first = weak.first else { return nil }
            let misses = Set(weak.flatMap { caveats[$0]?.misses ?? [] }).sorted()
            let others = weak.count > 1 ? " and \(weak.count - 1) more" : ""
            let what = misses.isEmpty ? "changes that do happen" : misses.joined(separator: "; ")
            return Diagnostic(
                "\(asset.spec.key) rests on a weak signal: \(first)\(others) misses \(what)",
                at: asset.settings.origin,
                hint: bound(asset.spec)
                    ?? "add a stronger signal to 'change', or bound the mistake with 'max_skip' or 'force_at'",
                severity: .warning
            )
        }
    }

    /// What already bounds a false skip, as a hint that says how long one may last.
    private static func bound(_ spec: AssetSpec) -> String? {
        guard let policy = spec.policy.automation else { return nil }
        if let longest = policy.maxSkip {
            return "a missed change is found after \(longest.briefly) at latest (max_skip)"
        }
        return policy.forcedAt.map { "a missed change is found at the next \($0.expressions[0].text) (force_at)" }
    }
}
