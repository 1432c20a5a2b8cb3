/// Why a set of assets is not a graph.
public enum GraphError: Error, Equatable, CustomStringConvertible {
    case duplicate(AssetKey)
    case unknownDependency(AssetKey, of: AssetKey)
    /// The path that closes on itself, in the direction of the data; first and last are the same.
    case cycle([AssetKey])
    /// A dependent of a branch that no arm names: it could never be chosen.
    case inNoArm(AssetKey, of: AssetKey)
    /// An arm names an asset that does not depend on the branch: it could not be held back.
    case notBehind(AssetKey, branch: AssetKey)
    /// A condition asks about something that is no input of its branch: nothing behind it would ever consume it.
    case notAnInput(AssetKey, branch: AssetKey)
    /// A comparison asks for a value of something that is not observed, and so has none.
    case notObserved(AssetKey, branch: AssetKey)
    /// Data flows into what only looks at the outside: a branch cannot lead to an observed asset.
    case observedBehindBranch(AssetKey, branch: AssetKey)

    public var description: String {
        switch self {
        case .duplicate(let key): "asset '\(key)' is defined twice"
        case .unknownDependency(let key, let asset): "asset '\(asset)' depends on '\(key)', which is not defined"
        case .cycle(let path): "assets depend on each other: \(path.map(\.path).joined(separator: " -> "))"
        case .inNoArm(let key, let branch): "asset '\(key)' stands in no arm of '\(branch)', which it depends on"
        case .notBehind(let key, let branch): "branch '\(branch)' names '\(key)', which does not depend on it"
        case .notAnInput(let key, let branch): "branch '\(branch)' asks about '\(key)', which is not one of its inputs"
        case .notObserved(let key, let branch):
            "branch '\(branch)' compares a value of '\(key)', which is not an observed asset"
        case .observedBehindBranch(let key, let branch):
            "asset '\(key)' is observed and cannot stand behind branch '\(branch)'"
        }
    }
}

extension AssetGraph {
    /// A branch and its dependents have to name each other.
    func check(_ asset: AssetSpec) throws(GraphError) {
        guard case .branch(let branch) = asset.role else { return }
        let arms = branch.arms
        let targets = Set(arms.flatMap(\.targets))
        let dependents = Set(dependents(of: asset.key))
        if let key = dependents.subtracting(targets).min() { throw .inNoArm(key, of: asset.key) }
        if let key = targets.subtracting(dependents).min() { throw .notBehind(key, branch: asset.key) }
        let inputs = Set(inputs(of: asset.key).map(\.key))
        if let key = arms.flatMap(\.condition.keys).first(where: { !inputs.contains($0) }) {
            throw .notAnInput(key, branch: asset.key)
        }
        if let key = arms.flatMap(\.condition.compared).first(where: { self[$0]?.isObserved != true }) {
            throw .notObserved(key, branch: asset.key)
        }
        if let key = targets.filter({ self[$0]?.isObserved == true }).min() {
            throw .observedBehindBranch(key, branch: asset.key)
        }
    }
}
