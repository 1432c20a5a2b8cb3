/// A choice among arms.
public struct Branch: Hashable, Sendable {
    public enum Mode: String, Hashable, Sendable {
        /// The first arm that holds.
        case first = "choose"
        /// Each arm that holds.
        case all = "choose_all"
    }

    public var mode: Mode
    public var arms: [Arm]

    public init(_ mode: Mode, _ arms: [Arm]) {
        self.mode = mode
        self.arms = arms
    }
}

/// One way that a branch can go; an arm without targets is legal.
public struct Arm: Hashable, Sendable {
    public var condition: Condition
    public var targets: [AssetKey]

    public init(if condition: Condition, then targets: [AssetKey]) {
        self.condition = condition
        self.targets = targets
    }
}
