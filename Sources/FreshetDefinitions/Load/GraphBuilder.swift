internal import FreshetCore
internal import FreshetKit

/// Joins assets into a graph, and says everything that keeps them from being one.
///
/// What is wrong is told and then mended in a copy, so that the next mistake shows too: Core's own checks stay the only
/// ones. The graph itself is of use only where nothing was wrong.
struct GraphBuilder {
    /// How many mistakes of the graph are told at once; each costs another pass over all assets.
    private static let mistakeLimit = 25
    /// How many unknown keys get a suggestion; each costs a search through all keys.
    private static let suggestionLimit = 50

    private let sources: [SourceDefinition]
    private let sourceOrigins: [String: Origin]
    /// The sources that were read, so that what they do not name does not exist.
    private let resolved: Set<String>
    var drafts: [AssetDraft]
    private(set) var indices: [AssetKey: Int] = [:]
    private var suggestions = 0
    var diagnostics = DiagnosticList()

    init(_ drafts: [AssetDraft], _ project: ProjectSettings, resolved: Set<String>) {
        self.drafts = drafts
        self.resolved = resolved
        sources = project.sources
        sourceOrigins = project.sourceOrigins
        for (index, draft) in drafts.enumerated() { indices[draft.key] = index }
    }

    /// - Returns: every asset, those included that only a reference names; and the graph, unless it has mistakes.
    mutating func build() -> (assets: [AssetDefinition], graph: AssetGraph?) {
        resolveReferences()
        attachLinks()
        attachSteps()
        var specs = drafts.map(\.definition.spec)
        for _ in 0..<Self.mistakeLimit {
            do throws(GraphError) {
                let graph = try AssetGraph(specs)
                return (drafts.map(\.definition), graph)
            } catch {
                tell(error)
                let isCycle = if case .cycle = error { true } else { false }
                mend(error, &specs)
                // What stands on a cycle leads to wrong statements about branches.
                if isCycle { specs = specs.map(\.withoutArms) }
            }
        }
        return (drafts.map(\.definition), nil)
    }

    // MARK: References

    private mutating func resolveReferences() {
        let prefixes = SourcePrefixes(sources)
        for index in drafts.indices {
            var unknown: Set<AssetKey> = []
            for reference in drafts[index].references where indices[reference.key] == nil {
                if let source = prefixes.source(of: reference.key) {
                    addImplicit(reference, of: source)
                } else if unknown.insert(reference.key).inserted {
                    tellUnknown(reference, of: drafts[index].key)
                }
            }
            // Parts that a source yields are in no file.
            for key in drafts[index].definition.spec.upstreams where indices[key] == nil { unknown.insert(key) }
            if !unknown.isEmpty { drafts[index].definition.spec.forget(unknown) }
        }
    }

    /// A key under a source's prefix is taken as its asset, even while the source has not been read.
    private mutating func addImplicit(_ reference: ShapeDecoder.KeyReference, of source: SourceDefinition) {
        var origin = sourceOrigins[source.name] ?? reference.origin
        origin.layer = .source
        let kind = source.source.assetKind
        func entry(_ key: String, _ text: String) -> ConfigValue.Entry {
            ConfigValue.Entry(key: key, keyOrigin: origin, value: ConfigValue(.text(text), at: origin))
        }
        let settings = ConfigValue(.object([entry("key", reference.key.path), entry("kind", kind)]), at: origin)
        let spec = AssetSpec(key: reference.key, role: .observed, labels: Labels(kind: kind))
        if resolved.contains(source.name), reference.origin.layer != .source {
            let known = drafts.lazy.map(\.key).filter { $0.path.hasPrefix(source.source.prefix) }
            diagnostics.warning(
                "the source '\(source.name)' does not name '\(reference.key)'",
                at: reference.origin,
                hint: suggestion(for: reference.key, among: Array(known))
                    ?? "nothing is known of it until the source names it"
            )
        }
        indices[reference.key] = drafts.count
        let definition = AssetDefinition(spec: spec, work: .sourced(source.name), settings: Settings(settings))
        drafts.append(AssetDraft(definition: definition, keyOrigin: reference.origin))
    }

    private mutating func tellUnknown(_ reference: ShapeDecoder.KeyReference, of asset: AssetKey) {
        // Nobody wrote it, and nobody can mend it in a file.
        if reference.origin.layer == .source {
            diagnostics.warning(
                "this source yields '\(asset)' as dependent on '\(reference.key)', which does not exist",
                at: reference.origin,
                hint: "changes of '\(reference.key)' are not seen; state it under 'assets'"
            )
            return
        }
        let verb =
            switch reference.use {
            case .dependency: "depends on"
            case .target: "leads to"
            case .condition: "asks about"
            case .field: "refers to"
            }
        diagnostics.error(
            "'\(asset)' \(verb) '\(reference.key)', and there is no such asset",
            at: reference.origin,
            hint: suggestion(for: reference.key, among: Array(indices.keys))
                ?? "state it under 'assets', or mend the key"
        )
    }

    private mutating func suggestion(for key: AssetKey, among keys: [AssetKey]) -> String? {
        suggestions += 1
        guard suggestions <= Self.suggestionLimit else { return nil }
        return .didYouMean(AssetKey.nearest(to: key, among: keys)?.path)
    }

    // MARK: Mistakes

    private func draft(_ key: AssetKey) -> AssetDraft? { indices[key].map { drafts[$0] } }

    /// Where an asset refers to another, else where the asset itself stands.
    func origin(of key: AssetKey, in asset: AssetKey, _ uses: [ShapeDecoder.KeyReference.Use]) -> Origin {
        let found = draft(asset)?.references.first { $0.key == key && uses.contains($0.use) }
        return found?.origin ?? draft(asset)?.keyOrigin ?? Origin(file: ProjectFiles.assetFolder)
    }

    private mutating func tell(_ mistake: GraphError) {
        let place: Origin
        var hint: String?
        switch mistake {
        case .duplicate(let key):
            place = draft(key)?.keyOrigin ?? Origin(file: ProjectFiles.assetFolder)
        case .unknownDependency(let key, let asset):
            place = origin(of: key, in: asset, [.dependency, .field])
        case .cycle(let path):
            // The path closes at its last step: that one names the one before.
            let steps = zip(path, path.dropFirst())
            let origins = steps.map { origin(of: $0, in: $1, [.dependency, .field]) }
            place = origins.min { ($0.file, $0.line, $0.column) < ($1.file, $1.line, $1.column) } ?? origins[0]
            hint = "take one of these dependencies away"
        case .inNoArm(let key, let branch):
            place = origin(of: branch, in: key, [.dependency])
            hint = "name '\(key)' in an arm of '\(branch)', or take the branch out of its deps"
        case .notBehind(let key, let branch):
            place = origin(of: key, in: branch, [.target])
            hint = "add '\(branch)' to the deps of '\(key)'"
        case .notAnInput(let key, let branch):
            place = origin(of: key, in: branch, [.condition])
            hint = "add '\(key)' to the deps of '\(branch)'"
        case .notObserved(let key, let branch):
            place = origin(of: key, in: branch, [.condition])
            hint = "only what a probe or a source looks at has values"
        case .observedBehindBranch(let key, let branch):
            place = origin(of: key, in: branch, [.target])
            hint = "an arm can name only what Freshet refreshes, or another branch"
        }
        // A broken asset's settings are incomplete, and so is what the graph says of it.
        guard !mistake.assets.contains(where: { draft($0)?.isBroken == true }) else { return }
        diagnostics.error("\(mistake)", at: place, hint: hint)
    }

    private func mend(_ mistake: GraphError, _ specs: inout [AssetSpec]) {
        func change(_ key: AssetKey, _ change: (inout AssetSpec) -> Void) {
            if let index = indices[key], specs.indices.contains(index) { change(&specs[index]) }
        }
        switch mistake {
        case .duplicate: break
        case .unknownDependency(let key, let asset): change(asset) { $0.forget([key]) }
        case .cycle(let path):
            for (upstream, asset) in zip(path, path.dropFirst()) { change(asset) { $0.forget([upstream]) } }
        case .inNoArm(let key, let branch): change(branch) { $0.addArm(to: key) }
        case .notBehind(let key, let branch): change(branch) { $0.forget([key]) }
        case .notAnInput(let key, let branch), .notObserved(let key, let branch):
            change(branch) { $0.forgetCondition(on: key) }
        case .observedBehindBranch(let key, let branch):
            change(branch) { $0.forget([key]) }
            change(key) { $0.forget([branch]) }
        }
    }
}

extension GraphError {
    /// The assets that the mistake is about.
    fileprivate var assets: [AssetKey] {
        switch self {
        case .duplicate(let key): [key]
        case .unknownDependency(let key, let asset): [key, asset]
        case .cycle(let path): path
        case .inNoArm(let key, let branch), .notBehind(let key, let branch), .notAnInput(let key, let branch),
            .notObserved(let key, let branch), .observedBehindBranch(let key, let branch):
            [key, branch]
        }
    }
}

extension AssetSpec {
    /// Takes these keys out of dependencies, parts, arms and conditions.
    mutating func forget(_ keys: Set<AssetKey>) {
        dependencies.removeAll { keys.contains($0) }
        before.removeAll { keys.contains($0) }
        follows.removeAll { keys.contains($0) }
        after.removeAll { keys.contains($0) }
        parts = parts.mapValues { $0.filter { !keys.contains($0) } }
        guard case .branch(var branch) = role else { return }
        for index in branch.arms.indices {
            branch.arms[index].targets.removeAll { keys.contains($0) }
            if branch.arms[index].condition.keys.contains(where: keys.contains) {
                branch.arms[index].condition = .otherwise
            }
        }
        role = .branch(branch)
    }

    fileprivate mutating func forgetCondition(on key: AssetKey) {
        guard case .branch(var branch) = role else { return }
        for index in branch.arms.indices where branch.arms[index].condition.keys.contains(key) {
            branch.arms[index].condition = .otherwise
        }
        role = .branch(branch)
    }

    fileprivate mutating func addArm(to key: AssetKey) {
        guard case .branch(var branch) = role else { return }
        branch.arms.append(Arm(if: .otherwise, then: [key]))
        role = .branch(branch)
    }

    /// The asset, or what a branch is without its choice.
    fileprivate var withoutArms: AssetSpec {
        guard isBranch else { return self }
        var spec = self
        spec.role = .materialized
        return spec
    }
}
