/// What a plan or a run has found out so far: the version of each asset, what failed, and what each branch chose.
///
/// A plan considers every asset in graph order; a run considers each when all before it have settled. Both ask here,
/// so that there is one answer to "why".
struct Findings: Sendable {
    let input: PlanInput
    /// Of what has been considered.
    private(set) var versions: [AssetKey: VersionState] = [:]
    /// What failed or is held, with the asset whose own failure it was.
    private(set) var culprits: [AssetKey: AssetKey] = [:]
    /// What kept a step from its work, which is done later.
    private(set) var obstacles: [AssetKey: SkipReason] = [:]
    /// What may still fail.
    private(set) var open: Set<AssetKey> = []
    private(set) var choices: [AssetKey: Choice] = [:]

    init(_ input: PlanInput) { self.input = input }

    /// Takes note of an asset; everything upstream of it has to have been considered before.
    ///
    /// - Parameters:
    ///   - asset: what is considered.
    ///   - decided: the decision that stands already; `nil` to decide now.
    /// - Returns: `nil` for what is not work: branches, observed assets, and what is not selected.
    mutating func consider(_ asset: AssetSpec, decided: Decision? = nil) -> Decision? {
        let inputs = input.graph.inputs(of: asset.key)
        if inputs.contains(where: { open.contains($0.key) }) { open.insert(asset.key) }
        switch asset.role {
        case .observed:
            let isFailed = input.observed[asset.key]?.health == .failed
            culprits[asset.key] = isFailed ? asset.key : culprit(among: inputs)
            versions[asset.key] = input.observed[asset.key]?.version
            if versions[asset.key] == .undecided { open.insert(asset.key) }
            return nil
        case .branch(let branch):
            choices[asset.key] = choose(asset, branch)
            return nil
        case .materialized where input.isSelected(asset.key):
            let decision = decided ?? shadowed(decide(asset, reading: inputs), asset.key)
            note(decision, for: asset.key)
            return decision
        case .materialized:
            open.remove(asset.key)
            versions[asset.key] = input.recorded[asset.key].map { .known($0.version) } ?? .missing
            return nil
        }
    }

    mutating func succeeded(_ asset: AssetKey, version: DataVersion) {
        open.remove(asset)
        versions[asset] = .known(version)
    }

    /// A failed step may have done part of its work, so its version is unknown.
    mutating func failed(_ asset: AssetKey) {
        open.remove(asset)
        versions[asset] = .unknown
        culprits[asset] = asset
    }

    /// A step that ended without work: what it made before stands, but nothing that it is a step before may begin.
    mutating func putOff(_ asset: AssetKey, _ reason: SkipReason) {
        open.remove(asset)
        obstacles[asset] = reason
        versions[asset] = input.recorded[asset].map { .known($0.version) } ?? .missing
    }

    /// What a step consumes that starts now.
    func provenance(of asset: AssetSpec) -> Provenance {
        var consumed: [Input: DataVersion] = [:]
        for input in input.graph.inputs(of: asset.key) {
            if case .known(let version)? = versions[input.key] { consumed[input] = version }
        }
        return Provenance(codeVersion: asset.codeVersion, inputs: consumed)
    }

    /// What a decision about this asset was made from, input by input.
    func evidence(for asset: AssetSpec) -> [Evidence] {
        let trace = input.recorded[asset.key]?.provenance
        return input.graph.inputs(of: asset.key).map { read in
            let seen = input.observed[read.key]
            let isMade = input.graph[read.key]?.isMaterialized == true
            return Evidence(
                input: read,
                then: trace?.inputs[read],
                now: versions[read.key] ?? .missing,
                health: culprits[read.key] == nil ? seen?.health ?? .ok : .failed,
                signal: isMade ? "materialization" : seen?.signal ?? "",
                strength: seen?.strength ?? .exact,
                observedAt: seen?.observedAt,
                message: seen?.message,
                values: seen?.values ?? [:],
                query: seen?.query,
                source: seen?.source,
                cost: seen?.cost
            )
        }
    }

    private func decide(_ asset: AssetSpec, reading inputs: [Input]) -> Decision {
        let demand = input.demand(for: asset.key)
        let choices = asset.dependencies.compactMap { self.choices[$0] }
        if demand == nil, let choice = choices.first(where: { !$0.candidates.contains(asset.key) }) {
            return .skip(.notSelected(byBranch: choice.branch))
        }
        let tolerated = choices.compactMap { $0.tolerated[asset.key] }.reduce(into: Set()) { $0.formUnion($1) }
        if let culprit = culprit(among: inputs, except: tolerated) { return .skip(.upstreamFailed(culprit)) }
        if let culprit = asset.follows.lazy.compactMap({ culprits[$0] }).first {
            return .skip(.upstreamFailed(culprit))
        }
        if let culprit = asset.before.lazy.compactMap({ culprits[$0] }).first { return .skip(.upstreamFailed(culprit)) }
        if let reason = asset.before.lazy.compactMap({ obstacles[$0] }).first { return .skip(reason) }
        if let step = asset.before.first(where: { versions[$0] == .missing }) { return .skip(.upstreamMissing(step)) }
        if demand == nil, choices.contains(where: { !$0.certain.contains(asset.key) }) {
            return .wait(on: inputs.map(\.key).filter(open.contains).unique())
        }
        let last = input.recorded[asset.key]
        let decision = Rebuilder.decide(asset, reading: inputs, last: last, now: versions)
        if let demand { return decision.demanded(demand) }
        return asset.policy.automation?.onUnknown == .hold ? decision.holdingUnknown() : decision
    }

    /// What there is nothing to do for is done all the same, where its slot asks for that.
    private func shadowed(_ decision: Decision, _ asset: AssetKey) -> Decision {
        guard let slot = input.shadowed[asset] else { return decision }
        switch decision {
        case .skip(.upToDate), .skip(.notSelected): return .run([.shadowed(slot)])
        case .skip, .run, .wait: return decision
        }
    }

    private func culprit(among inputs: [Input], except tolerated: Set<AssetKey> = []) -> AssetKey? {
        inputs.lazy.filter { !tolerated.contains($0.key) }.compactMap { culprits[$0.key] }.first
    }

    private mutating func note(_ decision: Decision, for asset: AssetKey) {
        let last = input.recorded[asset].map { VersionState.known($0.version) }
        switch decision {
        case .run, .wait:
            open.insert(asset)
            versions[asset] = .undecided
        case .skip(.upToDate), .skip(.upstreamMissing):
            open.remove(asset)
            versions[asset] = last ?? .missing
        case .skip(.notSelected), .skip(.nothingSelected):
            open.remove(asset)
            versions[asset] = last ?? .absent
        case .skip(.foreignRefreshRunning): putOff(asset, .foreignRefreshRunning)
        case .skip(.quotaExhausted): putOff(asset, .quotaExhausted)
        case .skip(.upstreamUnknown), .skip(.cancelled):
            open.remove(asset)
            versions[asset] = last ?? .unknown
        case .skip(.upstreamFailed(let culprit)):
            open.remove(asset)
            versions[asset] = last ?? .unknown
            culprits[asset] = culprit
        }
    }
}

extension Decision {
    /// A demand runs what was up to date or waiting, and adds itself to what would have run.
    fileprivate func demanded(_ cause: Cause) -> Decision {
        switch self {
        case .run(let causes): .run([cause] + causes)
        case .skip(.upToDate), .wait: .run([cause])
        case .skip: self
        }
    }

    fileprivate func holdingUnknown() -> Decision {
        guard case .run(let causes) = self else { return self }
        for case .inputUnverifiable(let input) in causes { return .skip(.upstreamUnknown(input.key)) }
        return self
    }
}
