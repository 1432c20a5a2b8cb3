/// What a branch makes of the present.
struct Choice: Sendable {
    /// The branch to name as the reason: itself, or the one that did not select it.
    var branch: AssetKey
    /// What stands in a chosen arm or, while that is open, in any arm that may yet be chosen.
    var candidates: Set<AssetKey> = []
    /// What stands in an arm that is certainly chosen.
    var certain: Set<AssetKey> = []
    /// For each target, the inputs whose failure its arms ask for; it does not hold that target.
    var tolerated: [AssetKey: Set<AssetKey>] = [:]
}

extension Findings {
    /// Chooses among the arms, unless the branch itself stands in an arm that was not chosen.
    func choose(_ asset: AssetSpec, _ branch: Branch) -> Choice {
        let outer = asset.dependencies.compactMap { choices[$0] }
        var choice = Choice(branch: asset.key)
        // All that stands behind it stands in the outer arm too, also what only a demand will run.
        let passedOn = outer.compactMap { $0.tolerated[asset.key] }.reduce(into: Set()) { $0.formUnion($1) }
        if !passedOn.isEmpty {
            for target in branch.arms.flatMap(\.targets) { choice.tolerated[target] = passedOn }
        }
        if let excluding = outer.first(where: { !$0.candidates.contains(asset.key) }) {
            choice.branch = excluding.branch
            return choice
        }
        let isCertain = outer.allSatisfy { $0.certain.contains(asset.key) }
        var isOpen = false
        for arm in branch.arms {
            let answer = holds(arm, among: branch.arms)
            guard answer != false else { continue }
            choice.candidates.formUnion(arm.targets)
            if answer == true, isCertain, !isOpen || branch.mode == .all { choice.certain.formUnion(arm.targets) }
            for target in arm.targets {
                choice.tolerated[target, default: []].formUnion(arm.condition.failures)
            }
            guard branch.mode == .first else { continue }
            if answer == true { break }
            isOpen = true
        }
        return choice
    }

    /// Asks an arm by what its targets last consumed; an empty arm asks for all that stand behind the branch.
    private func holds(_ arm: Arm, among arms: [Arm]) -> Bool? {
        let targets = arm.targets.isEmpty ? arms.flatMap(\.targets) : arm.targets
        let (moved, undecided) = movement(behind: targets)
        return arm.condition.holds(
            in: Circumstances(
                changed: { moved.contains($0) ? true : undecided.contains($0) ? nil : false },
                failed: { culprits[$0] != nil ? true : open.contains($0) ? nil : false },
                value: { input.observed[$0]?.values[$1] }
            )
        )
    }

    /// The inputs that some target has not consumed as they are now, and those of which that is still open.
    private func movement(behind targets: [AssetKey]) -> (moved: Set<AssetKey>, undecided: Set<AssetKey>) {
        var moved: Set<AssetKey> = []
        var undecided: Set<AssetKey> = []
        for target in input.graph.materialized(behind: targets) {
            let trace = input.recorded[target]?.provenance
            for input in input.graph.inputs(of: target) {
                switch Rebuilder.compare(input, in: trace, now: versions[input.key] ?? .missing) {
                case _ where trace == nil: moved.insert(input.key)
                case .same: continue
                case .undecided: undecided.insert(input.key)
                case .changed, .missing, .unknown: moved.insert(input.key)
                }
            }
        }
        return (moved, undecided)
    }
}
