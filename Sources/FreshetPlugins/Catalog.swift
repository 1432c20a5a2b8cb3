package import FreshetKit

/// What plugins add to the words of a definition file.
package enum Plugins {
    package static func catalog(_ manifests: [PluginManifest]) -> Catalog {
        var catalog = Catalog()
        for manifest in manifests {
            for entry in manifest.entries { add(entry, of: manifest, to: &catalog) }
        }
        return catalog
    }

    /// Tells the hash of the files that an asset of a plugin's kind names as its code.
    ///
    /// It is made when it is asked for, of the files as they are then; empty for other kinds.
    package static func code(
        _ manifests: [PluginManifest]
    ) -> @Sendable (_ kind: String, _ settings: Settings, _ root: String) -> String {
        var entries: [String: PluginEntry] = [:]
        for entry in manifests.flatMap(\.entries) where entry.fields.contains(where: \.isCode) {
            entries[entry.kind] = entry
        }
        return { [entries] kind, settings, root in entries[kind]?.code(settings, root: root) ?? "" }
    }

    private static func add(_ entry: PluginEntry, of manifest: PluginManifest, to catalog: inout Catalog) {
        let fields = entry.fields.map(\.field)
        switch entry.role {
        case .materialize, .check:
            catalog.kinds.append(
                recipe(entry, manifest, fields) { settings throws(Diagnostic) in
                    PluginKind(manifest, entry, settings)
                }
            )
        case .observe:
            catalog.probes.append(
                recipe(entry, manifest, fields) { settings throws(Diagnostic) in
                    PluginProbe(manifest, entry, settings)
                }
            )
        case .sensor:
            catalog.sources.append(
                recipe(entry, manifest, PluginSource.common + fields) { settings throws(Diagnostic) in
                    try PluginSource(manifest, entry, settings)
                }
            )
        }
    }

    private static func recipe<Made>(
        _ entry: PluginEntry,
        _ manifest: PluginManifest,
        _ fields: [Field],
        make: @escaping @Sendable (Settings) throws(Diagnostic) -> Made
    ) -> Recipe<Made> {
        Recipe(
            name: entry.kind,
            summary: entry.summary,
            fields: fields,
            examples: entry.examples,
            codeVersion: manifest.codeVersion,
            make: make
        )
    }
}
