internal import FreshetCore
internal import FreshetKit

/// A file of assets: one list under `assets`.
enum AssetFile {
    /// The assets whose keys can be read.
    static func assets(in raw: RawValue, _ diagnostics: inout DiagnosticList) -> [StatedAsset] {
        if raw.isNull { return empty(raw, &diagnostics) }
        guard let entries = raw.entries else {
            diagnostics.error(
                "the file has to hold a mapping with 'assets', not \(raw.description)",
                at: raw.origin,
                hint: raw.items == nil ? nil : "put 'assets:' before the list"
            )
            return []
        }
        var list: RawValue?
        for entry in entries {
            if entry.key == "assets" {
                list = entry.value
                continue
            }
            let isProjectKey = ProjectFields.all.contains { $0.name == entry.key }
            let hint = isProjectKey ? "'\(entry.key)' stands in freshet.yaml" : "an asset file holds only 'assets'"
            diagnostics.error(
                "the key '\(entry.key)' is unknown here",
                at: entry.keyOrigin,
                hint: .didYouMean(nearest(entry.key, among: ["assets"])) ?? hint
            )
        }
        guard let list, !list.isNull else { return entries.isEmpty || list != nil ? empty(raw, &diagnostics) : [] }
        guard let items = list.items else {
            diagnostics.error(
                "'assets' has to be a list of mappings, not \(list.description)",
                at: list.origin,
                hint: "begin each asset with '- key: ...'"
            )
            return []
        }
        return items.compactMap { asset($0, &diagnostics) }
    }

    private static func empty(_ raw: RawValue, _ diagnostics: inout DiagnosticList) -> [StatedAsset] {
        diagnostics.warning("the file states no assets", at: raw.origin)
        return []
    }

    private static func asset(_ raw: RawValue, _ diagnostics: inout DiagnosticList) -> StatedAsset? {
        guard let entries = raw.entries else {
            diagnostics.error(
                "an asset has to be a mapping, not \(raw.description)",
                at: raw.origin,
                hint: "begin it with '- key: ...' and indent its fields as far as 'key'"
            )
            return nil
        }
        guard let value = raw["key"], !value.isNull else {
            let names = entries.map(\.key)
            diagnostics.error(
                "this asset has no key",
                at: raw.origin,
                hint: nearest("key", among: names).map { "is '\($0)' meant to be 'key'?" } ?? "add 'key:'"
            )
            return nil
        }
        guard let text = value.scalar?.text else {
            diagnostics.error("'key' has to be a text, not \(value.description)", at: value.origin)
            return nil
        }
        if let problem = AssetKey.problem(of: text) {
            diagnostics.error("'\(text)' cannot be the key of an asset: \(problem)", at: value.origin)
            return nil
        }
        let rest = RawValue(.map(entries.filter { $0.key != "key" }), at: raw.origin)
        return StatedAsset(key: AssetKey(text), keyOrigin: value.origin, value: rest)
    }
}
