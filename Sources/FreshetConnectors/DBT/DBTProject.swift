import FreshetCore

/// What is kept of a manifest: the nodes that are assets, and their names.
///
/// Ephemeral models are no tables and never in a run's results: who reads one reads its parents.
struct DBTProject: Sendable {
    /// Of models, seeds, snapshots and sources, by unique id.
    let names: [String: String]
    /// By unique id; none of them is the name of a node.
    let testNames: [String: String]
    /// By unique id; none of them is the name of a node or a test.
    let exposureNames: [String: String]
    let adapter: String?
    /// The command that wrote the manifest.
    let invocationID: String?
    let exposures: [String: DBTManifest.Exposure]

    private let nodes: [String: DBTManifest.Node]
    private let tests: [String: DBTManifest.Test]
    private let meanings: [String: DBTManifest.Meaning]
    private let groups: [String: [String]]

    init(_ manifest: DBTManifest) {
        let all = manifest.nodes.merging(manifest.sources) { node, _ in node }
        nodes = all.filter { $0.value.config?.enabled != false }
        tests = manifest.tests.filter { $0.value.config?.value?.enabled != false }
        exposures = manifest.exposures.filter { $0.value.config?.value?.enabled != false }
        meanings = manifest.meanings
        adapter = manifest.metadata.adapter
        invocationID = manifest.metadata.invocationID
        // Nodes first, so that no test and no exposure ever takes the name of a table.
        let ids = nodes.filter { !$0.value.isEphemeral }.keys.sorted().compactMap(DBTNodeID.init)
        names = DBTNames(ids).byID
        let testIDs = tests.keys.sorted().compactMap(DBTNodeID.init)
        testNames = DBTNames(testIDs, taken: Set(names.values)).byID
        let exposureIDs = exposures.keys.sorted().compactMap(DBTNodeID.init)
        exposureNames = DBTNames(exposureIDs, taken: Set(names.values).union(testNames.values)).byID
        groups = Dictionary(
            manifest.groups.compactMap { group in group.name.map { ($0, group.owner?.value?.names ?? []) } },
            uniquingKeysWith: { first, _ in first }
        )
    }

    func node(_ id: String) -> DBTManifest.Node? { nodes[id] }

    func config(of id: String) -> DBTManifest.Config? { nodes[id]?.config }

    func isEphemeral(_ id: String) -> Bool { nodes[id]?.isEphemeral ?? false }

    /// `table`, `view`, `incremental`, `seed`, `snapshot`, another word of an adapter, or `source`.
    func materialization(of id: String) -> String? {
        if id.hasPrefix("source.") { return "source" }
        return nodes[id]?.config?.materialized
    }

    /// The ids of the nodes that a node or exposure reads, directly or through ephemeral models, metrics and the like.
    func parents(of id: String) -> Set<String> { reads(of: id).parents }

    /// The same, and the ids that lead nowhere: what they stand for is disabled, gone, or of a kind that is not known.
    func reads(of id: String) -> (parents: Set<String>, unresolved: Set<String>) {
        var parents: Set<String> = []
        var unresolved: Set<String> = []
        var pending = [id]
        // A damaged manifest may lead in circles.
        var seen: Set<String> = [id]
        while let next = pending.popLast() {
            let above: [String]
            if let node = nodes[next] {
                above = node.dependsOn?.nodes ?? []
            } else {
                above = exposures[next]?.dependsOn?.nodes ?? meanings[next]?.dependsOn?.nodes ?? []
                // A metric that reads nothing is one of which it is not known what it reads.
                if above.isEmpty, next != id { unresolved.insert(next) }
            }
            for parent in above where seen.insert(parent).inserted {
                if names[parent] != nil { parents.insert(parent) } else { pending.append(parent) }
            }
        }
        return (parents, unresolved)
    }

    /// The ids of the nodes whose data a test is about.
    ///
    /// A test of a relationship reads two tables, and is about the one that it stands at; dbt before 1.5 says which
    /// only by name. A test of its own file is about all that it reads.
    func tested(by id: String) -> [String] {
        guard let test = tests[id] else { return [] }
        let reads = (test.dependsOn?.nodes ?? []).filter { names[$0] != nil }
        if let attached = test.attachedNode?.value, names[attached] != nil { return [attached] }
        if let place = test.fileKeyName?.value?.split(separator: ".").last.map(String.init) {
            let meant = reads.filter { nodes[$0]?.name?.value == place || names[$0] == place }
            if meant.count == 1 { return meant }
        }
        return reads
    }

    /// What a test that could not be made stands for, where its result does not say it.
    func isErrorSeverity(_ test: String) -> Bool {
        tests[test]?.config?.value?.severity?.value?.lowercased() != "warn"
    }

    func knows(test id: String) -> Bool { tests[id] != nil }

    /// The node's table as the database calls it: parts in double quotes, joined by dots.
    func relation(of id: String) -> String? {
        guard let node = nodes[id] else { return nil }
        if let stated = node.relationName?.value, let name = DBTRelation(stated) { return name.quoted }
        let table = node.identifier?.value ?? node.alias?.value ?? node.name?.value
        guard let table, !table.isEmpty else { return nil }
        let parts = [node.database?.value, node.schema?.value, table].compactMap { $0 }.filter { !$0.isEmpty }
        return DBTRelation(parts: parts).quoted
    }

    // MARK: Assets

    /// In the order of their keys.
    func specs(prefix: String, links: [String: [AssetLink]] = [:]) -> [AssetSpec] {
        func keys(_ ids: some Sequence<String>) -> [AssetKey] {
            ids.compactMap { names[$0] }.sorted().map { AssetKey(prefix + $0) }
        }
        var specs: [AssetSpec] = []
        for (id, name) in names {
            guard let node = nodes[id], let type = DBTNodeID(id)?.type else { continue }
            let labels = labels(of: node, type: type)
            let parents = keys(parents(of: id))
            specs.append(
                AssetSpec(key: AssetKey(prefix + name), role: .observed, dependencies: parents, labels: labels)
            )
        }
        for (id, name) in testNames {
            guard let test = tests[id] else { continue }
            let reads = keys(Set(test.dependsOn?.nodes ?? []))
            let labels = labels(of: test)
            specs.append(AssetSpec(key: AssetKey(prefix + name), role: .observed, dependencies: reads, labels: labels))
        }
        for (id, name) in exposureNames {
            guard let exposure = exposures[id] else { continue }
            specs.append(
                AssetSpec(
                    key: AssetKey(prefix + name),
                    role: .observed,
                    dependencies: keys(parents(of: id)),
                    links: links[id] ?? [],
                    labels: labels(of: exposure)
                )
            )
        }
        return specs.sorted { $0.key < $1.key }
    }

    private func labels(of node: DBTManifest.Node, type: DBTNodeID.ResourceType) -> Labels {
        let group = node.group?.value ?? node.config?.group?.value
        let stated = node.config?.meta?.value?.owner?.value?.names ?? node.meta?.value?.owner?.value?.names ?? []
        return Labels(
            kind: "dbt.\(type.rawValue)",
            group: group,
            owners: stated.isEmpty ? group.flatMap { groups[$0] } ?? [] : stated,
            tags: Self.tags(node.tags?.value, node.config?.tags?.value),
            description: node.description?.value.flatMap(firstLine)
        )
    }

    private func labels(of test: DBTManifest.Test) -> Labels {
        let severity = test.config?.value?.severity?.value?.lowercased() ?? "error"
        return Labels(
            kind: "dbt.test",
            tags: Self.tags(test.tags?.value, test.config?.value?.tags?.value)
                .merging(["severity": severity]) { _, new in new },
            description: test.description?.value.flatMap(firstLine)
        )
    }

    private func labels(of exposure: DBTManifest.Exposure) -> Labels {
        var tags = Self.tags(exposure.tags?.value, exposure.config?.value?.tags?.value)
        tags["type"] = exposure.type?.value
        tags["maturity"] = exposure.maturity?.value
        return Labels(
            kind: "dbt.exposure",
            owners: exposure.owner?.value?.names ?? [],
            tags: tags,
            description: (exposure.description?.value ?? exposure.label?.value).flatMap(firstLine)
        )
    }

    private static func tags(_ lists: Texts?...) -> [String: String] {
        let names = lists.compactMap { $0?.texts }.joined()
        return Dictionary(names.map { ($0, "") }, uniquingKeysWith: { first, _ in first })
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
