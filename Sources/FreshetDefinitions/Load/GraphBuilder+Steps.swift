internal import FreshetCore
internal import FreshetKit

/// `before:` and `after:`, which are written at the asset in the middle.
///
/// A step before reads what that asset reads, so that both are stale at once, and stands beside it in each arm. A step
/// after depends on it. Either goes by that asset's automation unless it states its own.
extension GraphBuilder {
    mutating func attachSteps() {
        for index in drafts.indices {
            let spec = drafts[index].definition.spec
            for (keys, word) in [(spec.before, "before"), (spec.after, "after")] {
                for key in keys where !isStep(key, word, of: index) { drafts[index].definition.spec.forget([key]) }
            }
        }
        for draft in drafts {
            let spec = draft.definition.spec
            for key in spec.before { attach(key, before: spec) }
            for key in spec.after { attach(key, after: spec) }
        }
    }

    private mutating func isStep(_ key: AssetKey, _ word: String, of index: Int) -> Bool {
        let asset = drafts[index].key
        let place = origin(of: key, in: asset, [.field])
        if key == asset {
            diagnostics.error("'\(asset)' names itself in '\(word)'", at: place)
        } else if let step = indices[key].map({ drafts[$0] }), !step.definition.spec.isMaterialized, !step.isBroken {
            diagnostics.error(
                "'\(asset)' names '\(key)' in '\(word)', which Freshet only looks at or evaluates",
                at: place,
                hint: "a step has to be an asset that Freshet works on; what has to settle first belongs into 'deps'"
            )
        } else {
            return true
        }
        return false
    }

    private mutating func attach(_ key: AssetKey, before asset: AssetSpec) {
        guard let step = indices[key] else { return }
        let reads = asset.dependencies + asset.parts.values.flatMap { $0 }.sorted()
        for upstream in reads where upstream != key && !drafts[step].definition.spec.dependencies.contains(upstream) {
            drafts[step].definition.spec.dependencies.append(upstream)
        }
        for branch in asset.dependencies {
            guard let index = indices[branch], case .branch(var choice) = drafts[index].definition.spec.role
            else { continue }
            for arm in choice.arms.indices
            where choice.arms[arm].targets.contains(asset.key) && !choice.arms[arm].targets.contains(key) {
                choice.arms[arm].targets.append(key)
            }
            drafts[index].definition.spec.role = .branch(choice)
        }
        inheritAutomation(step, from: asset)
    }

    private mutating func attach(_ key: AssetKey, after asset: AssetSpec) {
        guard let step = indices[key] else { return }
        if !drafts[step].definition.spec.dependencies.contains(asset.key) {
            drafts[step].definition.spec.dependencies.append(asset.key)
        }
        inheritAutomation(step, from: asset)
    }

    /// At its pace: the asset in the middle sets it.
    private mutating func inheritAutomation(_ step: Int, from asset: AssetSpec) {
        guard let policy = asset.policy.automation, !drafts[step].definition.settings.has("automation") else { return }
        var own = AutomationPolicy()
        own.onUnknown = policy.onUnknown
        drafts[step].definition.spec.policy.automation = own
    }
}
