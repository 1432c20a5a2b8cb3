package import FreshetCore
package import FreshetKit

/// A probe that a plugin's program looks for, with a cursor of its own.
package struct PluginProbe: CursorProbe {
    package static let name = "plugin.probe"
    package static let summary = "The probe of a plugin; the plugin's own name and fields are in its recipe."
    package static let fields: [Field] = []
    package static let examples: [String] = []

    let manifest: PluginManifest
    let entry: PluginEntry
    let settings: Settings

    init(_ manifest: PluginManifest, _ entry: PluginEntry, _ settings: Settings) {
        self.manifest = manifest
        self.entry = entry
        self.settings = settings
    }

    /// A plugin's probes are made by its recipes: without a plugin there is none.
    package init(from settings: Settings) throws(Diagnostic) {
        throw Diagnostic("no plugin is named", at: settings.origin)
    }

    package var caveats: Caveats { entry.caveats }

    package var patience: Duration { manifest.patience }

    package func observe(
        _ asset: AssetKey,
        from cursor: String?,
        in context: ProbeContext
    ) async throws -> (observation: Observation, cursor: String?) {
        let operation = PluginOperation(
            word: .observe,
            entry: entry,
            settings: settings,
            asset: asset,
            cursor: cursor,
            extras: [
                "freshet_previous_version": context.previous?.fingerprint ?? .null,
                "freshet_is_hinted": .boolean(context.isHinted),
            ],
            deadline: context.deadline
        )
        let result = try await PluginRun(manifest: manifest, surroundings: context.surroundings)(operation)
        try Task.checkCancellation()
        let verdict = PluginVerdict(entry: entry, limits: manifest.limits.process, asset: asset, previous: nil)
        if let failure = verdict.failure(result) { throw PluginFailure(plugin: manifest.name, failure: failure) }
        var observation = verdict.observation(result, last: context.previous)
        if observation.source == nil { observation.source = manifest.name }
        return (observation, result.report.cursor ?? cursor)
    }
}

extension Observation {
    fileprivate var fingerprint: JSONValue? {
        if case .known(let version) = version { .text(version.fingerprint) } else { nil }
    }
}
