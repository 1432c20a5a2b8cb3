internal import FreshetCore
internal import FreshetKit

/// What sources say about where their assets are shown, such as a dbt exposure about its Power BI model.
///
/// The asset that is named then depends on it, without anybody writing so. Where that asset says itself what each of
/// its parts reads, the link gives it order, health and its place in the lineage, and no version: a change of one table
/// must not refresh the others.
extension GraphBuilder {
    mutating func attachLinks() {
        let linking = drafts.filter { !$0.definition.spec.links.isEmpty }
        guard !linking.isEmpty else { return }
        let kinds = Dictionary(grouping: drafts.indices) { drafts[$0].definition.spec.labels.kind }
        for draft in linking {
            for link in draft.definition.spec.links {
                for index in kinds[link.kind] ?? [] where isMeant(drafts[index], by: link) {
                    attach(draft.key, to: index)
                }
            }
        }
    }

    private func isMeant(_ draft: AssetDraft, by link: AssetLink) -> Bool {
        link.settings.allSatisfy { name, values in
            guard let stated = draft.definition.settings.value[name]?.scalarText?.lowercased() else { return false }
            return values.contains { $0.lowercased() == stated }
        }
    }

    private mutating func attach(_ key: AssetKey, to index: Int) {
        let spec = drafts[index].definition.spec
        guard spec.isMaterialized, spec.key != key, !spec.upstreams.contains(key) else { return }
        if spec.parts.isEmpty {
            drafts[index].definition.spec.dependencies.append(key)
        } else {
            drafts[index].definition.spec.follows.append(key)
        }
    }
}
