/// A decision for every selected asset that Freshet materializes, upstream first.
public struct Plan: Equatable, Sendable {
    public struct Step: Equatable, Sendable {
        public var asset: AssetKey
        public var decision: Decision
        public var evidence: [Evidence]

        public init(asset: AssetKey, decision: Decision, evidence: [Evidence]) {
            self.asset = asset
            self.decision = decision
            self.evidence = evidence
        }
    }

    public private(set) var steps: [Step]
    private let positions: [AssetKey: Int]

    public subscript(key: AssetKey) -> Decision? { positions[key].map { steps[$0].decision } }

    public func step(_ key: AssetKey) -> Step? { positions[key].map { steps[$0] } }

    /// True when nothing would run.
    public var isEmpty: Bool { steps.allSatisfy { if case .skip = $0.decision { true } else { false } } }

    /// - Parameters:
    ///   - input: what the plan is made from.
    ///   - scope: the assets to decide on; their ancestors are considered too. `nil` for the whole graph.
    public init(_ input: PlanInput, for scope: Set<AssetKey>? = nil) {
        var findings = Findings(input)
        var steps: [Step] = []
        var positions: [AssetKey: Int] = [:]
        for asset in scope.map({ input.graph.ancestry(of: $0) }) ?? input.graph.ordered {
            guard let decision = findings.consider(asset) else { continue }
            positions[asset.key] = steps.count
            steps.append(Step(asset: asset.key, decision: decision, evidence: findings.evidence(for: asset)))
        }
        self.steps = steps
        self.positions = positions
    }
}
