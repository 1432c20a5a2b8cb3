/// A set of assets, described; the language is Dagster's, documented in `docs/selection.md`.
///
/// Parse one with ``init(parsing:)``, and ask a graph what it names with ``resolve(in:)``.
public indirect enum Selection: Hashable, Sendable {
    /// Every asset: `*`.
    case everything
    /// The assets whose key fits: `warehouse/fct_sales`, `key:"marts/*"`.
    case key(KeyPattern)
    /// The assets of a kind, named whole (`powerbi.semantic_model`) or by one of its components (`powerbi`).
    case kind(String)
    /// The assets of a group, named exactly.
    case group(String)
    /// The assets that have this owner, such as `team:bi`.
    case owner(String)
    /// The assets that have the tag, and this value for it unless `value` is `nil`.
    case tag(String, value: String?)
    /// The assets that Freshet looks at, does the work of, or chooses by: `is:observed`.
    case role(RoleName)
    /// The assets in at least one of these; with none of them, no asset.
    case any([Selection])
    /// The assets in each of these; with none of them, every asset.
    case all([Selection])
    /// Every asset of the graph but these.
    case not(Selection)
    /// The selected assets with no other selected one upstream, at any distance: `roots(…)`.
    case roots(Selection)
    /// The selected assets with no other selected one downstream, at any distance: `sinks(…)`.
    case sinks(Selection)
    /// The selected assets and what lies at most so many steps away; 0 is none and `Int.max` everything.
    case around(Selection, upstream: Int, downstream: Int)
}

/// A key as it is written in a selection, in which `*` stands for any characters, `/` too.
public struct KeyPattern: Hashable, Sendable {
    /// A key of which `*` is no part, or a pattern.
    public var text: String
    /// Where it stands in the selection, in Unicode scalars from its beginning.
    public var offset: Int

    /// A pattern that stands nowhere has the offset 0.
    public init(_ text: String, offset: Int = 0) {
        self.text = text
        self.offset = offset
    }

    /// Whether it may name several assets, or none; without a wildcard it has to name one.
    public var hasWildcard: Bool { text.contains("*") }

    /// Whether a key fits, from its beginning to its end.
    ///
    /// Takes time proportional to the product of both lengths at worst, and to their sum for most patterns.
    public func matches(_ key: AssetKey) -> Bool {
        guard hasWildcard else { return key.path == text }
        let pattern = Array(text.utf8)
        let path = Array(key.path.utf8)
        var (inPattern, inPath) = (0, 0)
        /// Where to go on when what follows the last wildcard did not fit: let it swallow one byte more.
        var retry: (pattern: Int, path: Int)?
        while inPath < path.count {
            if inPattern < pattern.count, pattern[inPattern] == UInt8(ascii: "*") {
                retry = (inPattern + 1, inPath)
                inPattern += 1
            } else if inPattern < pattern.count, pattern[inPattern] == path[inPath] {
                inPattern += 1
                inPath += 1
            } else if let last = retry {
                retry = (last.pattern, last.path + 1)
                (inPattern, inPath) = (last.pattern, last.path + 1)
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

/// How `is:` names a role.
public enum RoleName: String, Hashable, Sendable, CaseIterable {
    case branch
    case materialized
    case observed
    /// Dagster's word for ``observed``.
    case external
    /// Dagster's word for ``materialized``.
    case materializable

    /// Whether an asset's role goes by this name.
    public func names(_ role: AssetSpec.Role) -> Bool {
        switch role {
        case .branch: self == .branch
        case .materialized: self == .materialized || self == .materializable
        case .observed: self == .observed || self == .external
        }
    }
}
