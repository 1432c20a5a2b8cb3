import FreshetCore

/// What is kept of a manifest: the nodes that are assets, and their names.
///
/// Ephemeral models are no tables and never in a run's results: who reads one reads its parents.
struct DBTProject: Sendable {
    /// By unique id.
    let names: [String: String]
    let adapter: String?

    private let nodes: [String: DBTManifest.Node]
    private let groups: [String: [String]]

    init(_ manifest: DBTManifest) {
        let all = manifest.nodes.merging(manifest.sources) { node, _ in node }
        nodes = all.filter { $0.value.config?.enabled != false }
        adapter = manifest.metadata.adapter
        let ids = nodes.filter { !$0.value.isEphemeral }.keys.sorted().compactMap(DBTNodeID.init)
        names = DBTNames(ids).byID
        groups = Dictionary(
            manifest.groups.compactMap { group in group.name.map { ($0, group.owner?.value?.names ?? []) } },
            uniquingKeysWith: { first, _ in first }
        )
    }

    func config(of id: String) -> DBTManifest.Config? { nodes[id]?.config }

    func isEphemeral(_ id: String) -> Bool { nodes[id]?.isEphemeral ?? false }

    /// In the order of their keys.
    func specs(prefix: String) -> [AssetSpec] {
        names.sorted { $0.value < $1.value }.compactMap { id, name in
            guard let node = nodes[id], let type = DBTNodeID(id)?.type else { return nil }
            return AssetSpec(
                key: AssetKey(prefix + name),
                role: .observed,
                dependencies: parents(of: id).sorted().map { AssetKey(prefix + $0) },
                labels: labels(of: node, type: type)
            )
        }
    }

    /// The names of the nodes that one reads, directly or through ephemeral models.
    private func parents(of id: String) -> Set<String> {
        var parents: Set<String> = []
        var pending = [id]
        // A damaged manifest may lead in circles.
        var seen: Set<String> = [id]
        while let next = pending.popLast() {
            for parent in nodes[next]?.dependsOn?.nodes ?? [] where seen.insert(parent).inserted {
                if let name = names[parent] { parents.insert(name) } else { pending.append(parent) }
            }
        }
        return parents
    }

    private func labels(of node: DBTManifest.Node, type: DBTNodeID.ResourceType) -> Labels {
        let group = node.group?.value ?? node.config?.group?.value
        let stated = node.config?.meta?.value?.owner?.value?.names ?? node.meta?.value?.owner?.value?.names ?? []
        let tags = (node.tags?.value?.texts ?? []) + (node.config?.tags?.value?.texts ?? [])
        return Labels(
            kind: "dbt.\(type.rawValue)",
            group: group,
            owners: stated.isEmpty ? group.flatMap { groups[$0] } ?? [] : stated,
            tags: Dictionary(tags.map { ($0, "") }, uniquingKeysWith: { first, _ in first }),
            description: node.description?.value.flatMap(firstLine)
        )
    }
}

extension DBTManifest.Node {
    var isEphemeral: Bool { config?.materialized == "ephemeral" }
}

/// The first line of a text that is not blank, without the space around it.
func firstLine(_ text: String) -> String? { meaningfulLines(text).first }

/// The lines of a text that are not blank, without the space around them.
func meaningfulLines(_ text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
        let start = line.drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return nil }
        return String(start[...last])
    }
}
