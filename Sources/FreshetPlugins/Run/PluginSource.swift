package import FreshetCore
package import FreshetKit

/// A sensor of a plugin: its program looks at many assets at once, from where it stopped.
package struct PluginSource: DefinitionSource {
    package static let name = "plugin.sensor"
    package static let summary = "The sensor of a plugin; the plugin's own name and fields are in its recipe."
    package static let fields: [Field] = []
    package static let examples: [String] = []

    /// What every sensor can state beside its own fields.
    static let common: [Field] = [
        Field("prefix", .text, "What the keys of its assets begin with; by default its kind's name."),
        Field("every", .duration, "How often it looks."),
    ]

    package let prefix: String
    package let every: Duration?
    package var assetKind: String { entry.kind }

    let manifest: PluginManifest
    let entry: PluginEntry
    let settings: Settings

    init(_ manifest: PluginManifest, _ entry: PluginEntry, _ settings: Settings) throws(Diagnostic) {
        self.manifest = manifest
        self.entry = entry
        self.settings = settings
        let stated = try settings.text("prefix") ?? entry.kind
        let trimmed = stated.split(separator: "/").joined(separator: "/")
        guard !trimmed.isEmpty else {
            throw Diagnostic(
                "'prefix' is empty",
                at: settings.origin(of: "prefix"),
                hint: "write a word such as 'lake'"
            )
        }
        prefix = trimmed + "/"
        every = try settings.duration("every") ?? entry.every ?? .seconds(60)
    }

    /// A plugin's sensors are made by its recipes: without a plugin there is none.
    package init(from settings: Settings) throws(Diagnostic) {
        throw Diagnostic("no plugin is named", at: settings.origin)
    }

    /// The assets that the program names or sees.
    package func discover(_ context: ProbeContext) async throws -> [AssetSpec] {
        let report = try await run(.discover, cursor: nil, context)
        var specs: [String: AssetSpec] = [:]
        for key in Array(report.assets.keys) + Array(report.observations.keys) {
            let said = report.assets[key]
            specs[key] = AssetSpec(
                key: asset(key),
                role: .observed,
                dependencies: (said?["deps"]?.list ?? []).compactMap(\.text).map { AssetKey($0) },
                labels: Labels(
                    kind: entry.kind,
                    group: said?["group"]?.text,
                    owners: (said?["owners"]?.list ?? []).compactMap(\.text),
                    tags: (said?["tags"]?.object ?? [:]).compactMapValues(\.text),
                    description: said?["description"]?.text
                )
            )
        }
        return specs.values.sorted { $0.key < $1.key }
    }

    package var patience: Duration { manifest.patience }

    package func tick(_ context: SensorContext) async throws -> SensorReading {
        let report = try await run(.tick, cursor: context.cursor, context.probe)
        var observations: [AssetKey: Observation] = [:]
        for (key, seen) in report.observations {
            var observation = PluginVerdict.observation(seen, entry)
            observation.source = manifest.name
            observations[asset(key)] = observation
        }
        let reason = report.skips[""] ?? report.skips.values.first
        let count = observations.count == 1 ? "1 asset" : "\(observations.count) assets"
        return SensorReading(
            cursor: report.cursor ?? context.cursor,
            observations: observations,
            message: observations.isEmpty ? reason ?? "nothing new" : "\(count) seen"
        )
    }

    /// Keys may be told with the prefix or without it.
    private func asset(_ key: String) -> AssetKey { AssetKey(key.hasPrefix(prefix) ? key : prefix + key) }

    private func run(
        _ word: PluginOperation.Word,
        cursor: String?,
        _ context: ProbeContext
    ) async throws -> PipesReport {
        let operation = PluginOperation(
            word: word,
            entry: entry,
            settings: settings,
            cursor: cursor,
            extras: ["freshet_prefix": .text(prefix)],
            deadline: context.deadline
        )
        let result = try await PluginRun(manifest: manifest, surroundings: context.surroundings)(operation)
        try Task.checkCancellation()
        let verdict = PluginVerdict(
            entry: entry,
            limits: manifest.limits.process,
            asset: AssetKey(prefix),
            previous: nil
        )
        if let failure = verdict.failure(result) { throw PluginFailure(plugin: manifest.name, failure: failure) }
        return result.report
    }
}
