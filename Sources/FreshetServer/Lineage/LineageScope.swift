import FreshetCore
import FreshetKit

/// Which part of the graph is shown, and how it is folded.
struct LineageScope: Hashable {
    enum Grouping: String, CaseIterable { case none, group, kind, workspace }

    /// How many nodes are shown unfolded where nobody says what is to be open.
    private static let unfolded = 300

    private let selection: String?
    private let focus: AssetKey?
    private let up: Int
    private let down: Int
    private let by: Grouping
    private let expand: String?

    init(_ query: Query, in graph: AssetGraph) throws(Problem) {
        selection = query["selection"]
        focus = query["focus"].map { AssetKey($0) }
        up = Int(try query.integer("up", in: 0...100, default: 2))
        down = Int(try query.integer("down", in: 0...100, default: 2))
        by = try query.word("by") ?? .group
        expand = query["expand"]
        guard let focus, graph[focus] == nil else { return }
        let unknown = Problem.unknownAsset(focus, in: graph)
        throw Problem(.badRequest, unknown.detail, nearest: unknown.nearest)
    }

    /// The nodes that are shown: assets, and groups that stand for several.
    struct Nodes {
        struct Node {
            /// The asset's key, or `group:<name>`.
            var id: String
            var members: [AssetSpec]
            var group: String
            var isFolded: Bool
        }
        var nodes: [Node] = []
        /// The number of the node that stands for an asset.
        var numbers: [AssetKey: Int] = [:]
        /// Every group's size.
        var sizes: [String: Int] = [:]
        var isGrouped: Bool
    }

    func nodes(_ project: Project, _ definitions: [AssetKey: AssetDefinition]) throws(Problem) -> Nodes {
        let assets = try shown(project)
        var found = Nodes(isGrouped: by != .none)
        var folded: [String: Int] = [:]
        let names = assets.map { name(of: $0, definitions) }
        for name in names { found.sizes[name, default: 0] += 1 }
        let open = expand.map { Set($0.split(separator: ",").map(String.init)) }
        for (spec, name) in zip(assets, names) {
            let isOpen =
                by == .none || (open.map { $0.contains("*") || $0.contains(name) } ?? (assets.count <= Self.unfolded))
            if isOpen {
                found.numbers[spec.key] = found.nodes.count
                found.nodes.append(Nodes.Node(id: spec.key.path, members: [spec], group: name, isFolded: false))
            } else if let number = folded[name] {
                found.numbers[spec.key] = number
                found.nodes[number].members.append(spec)
            } else {
                folded[name] = found.nodes.count
                found.numbers[spec.key] = found.nodes.count
                found.nodes.append(Nodes.Node(id: "group:\(name)", members: [spec], group: name, isFolded: true))
            }
        }
        return found
    }

    /// In graph order.
    private func shown(_ project: Project) throws(Problem) -> [AssetSpec] {
        let chosen = try project.selected(selection)
        guard let focus else { return chosen }
        let graph = project.graph
        let near = Self.reach(from: focus, steps: up) { graph[$0]?.upstreams ?? [] }
            .union(Self.reach(from: focus, steps: down) { graph.dependents(of: $0) })
        return chosen.filter { near.contains($0.key) }
    }

    private static func reach(from start: AssetKey, steps: Int, _ next: (AssetKey) -> [AssetKey]) -> Set<AssetKey> {
        var found: Set<AssetKey> = [start]
        var level = [start]
        for _ in 0..<steps where !level.isEmpty { level = level.flatMap(next).filter { found.insert($0).inserted } }
        return found
    }

    private func name(of spec: AssetSpec, _ definitions: [AssetKey: AssetDefinition]) -> String {
        switch by {
        case .none: ""
        case .group: spec.labels.group ?? ""
        case .kind: spec.labels.kind
        case .workspace:
            definitions[spec.key]?.text("workspace") ?? spec.key.path.split(separator: "/").first.map(String.init) ?? ""
        }
    }
}
