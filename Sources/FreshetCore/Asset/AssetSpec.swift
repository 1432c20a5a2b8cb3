/// What a definition file says about one asset.
public struct AssetSpec: Hashable, Sendable {
    public enum Role: Hashable, Sendable {
        /// Freshet only looks at it. Its dependencies give order and health, never its version.
        case observed
        /// Freshet does the work.
        case materialized
        /// Freshet evaluates it and chooses among its arms. It has no version and no memory.
        case branch(Branch)
    }

    public var key: AssetKey
    public var role: Role
    public var dependencies: [AssetKey]
    /// Materialized assets that have to have succeeded before this one, and give it no version.
    public var before: [AssetKey]
    /// Materialized assets that follow each success of this one; it is among their dependencies.
    public var after: [AssetKey]
    /// Assets that have to settle and be well before this one, and give it no version: what they tell, it reads itself.
    public var follows: [AssetKey]
    /// What this asset is shown in, as far as it says so itself.
    public var links: [AssetLink]
    /// The parts that can be refreshed alone (a model's tables), each with the assets it is read from.
    public var parts: [String: [AssetKey]]
    /// A hash of what alters the work; automation, pool, freshness and labels are not in it.
    public var codeVersion: String
    public var labels: Labels
    public var policy: AssetPolicy

    public init(
        key: AssetKey,
        role: Role = .materialized,
        dependencies: [AssetKey] = [],
        before: [AssetKey] = [],
        after: [AssetKey] = [],
        follows: [AssetKey] = [],
        links: [AssetLink] = [],
        parts: [String: [AssetKey]] = [:],
        codeVersion: String = "1",
        labels: Labels = Labels(),
        policy: AssetPolicy = AssetPolicy()
    ) {
        self.key = key
        self.role = role
        self.dependencies = dependencies
        self.before = before
        self.after = after
        self.follows = follows
        self.links = links
        self.parts = parts
        self.codeVersion = codeVersion
        self.labels = labels
        self.policy = policy
    }

    /// Each asset that has to settle before this one, once.
    public var upstreams: [AssetKey] {
        let whole = before.isEmpty && follows.isEmpty ? dependencies : dependencies + before + follows
        return parts.isEmpty ? whole.unique() : (whole + parts.values.flatMap { $0 }.sorted()).unique()
    }

    public var isBranch: Bool { if case .branch = role { true } else { false } }
    public var isMaterialized: Bool { role == .materialized }
    public var isObserved: Bool { role == .observed }
}

/// A statement of an asset that others depend on it: those of this kind whose settings say all of this.
public struct AssetLink: Hashable, Sendable {
    /// The kind's name as in the definition file.
    public var kind: String
    /// By the setting's name, the values of which it has to have one; case makes no difference.
    public var settings: [String: [String]]

    public init(kind: String, settings: [String: [String]]) {
        self.kind = kind
        self.settings = settings
    }
}

/// What a person knows an asset by; nothing is decided from it.
public struct Labels: Hashable, Sendable {
    /// The kind's name as in the definition file, such as `powerbi.semantic_model`.
    public var kind: String
    public var group: String?
    public var owners: [String]
    public var tags: [String: String]
    public var description: String?

    public init(
        kind: String = "",
        group: String? = nil,
        owners: [String] = [],
        tags: [String: String] = [:],
        description: String? = nil
    ) {
        self.kind = kind
        self.group = group
        self.owners = owners
        self.tags = tags
        self.description = description
    }
}

extension Sequence where Element: Hashable {
    /// The elements without repetition, in the order of their first appearance.
    func unique() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
