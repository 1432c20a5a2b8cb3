package import FreshetCore
package import FreshetKit

/// Loads a project's folder: `freshet.yaml` and every YAML file under `assets/`.
///
/// The stages are: files → raw values with positions → references replaced → layers merged (source, defaults,
/// environment, asset) → checked against shapes → made into kinds → joined into a graph. A stage goes on after a mistake
/// where it can, so that all of them are told at once.
package struct ProjectLoader: Sendable {
    private let catalog: Catalog
    private let resolvedSources: [String: [AssetSpec]]
    private let environmentVariables: [String: String]
    private let zones: Zones
    private let code: Code

    /// Tells a hash of what else alters the work of one asset, such as a script that it names; empty for nothing.
    package typealias Code = @Sendable (_ kind: String, _ settings: Settings, _ root: String) -> String

    /// - Parameters:
    ///   - catalog: every kind that a file may name.
    ///   - resolvedSources: what each source yields, as it was discovered now or read last, by the source's name. A
    ///     source that is not in it has not been read.
    ///   - environmentVariables: those of the process; `FRESHET_ENV` names the environment, `TZDIR` the folder of time
    ///     zones.
    ///   - code: see ``Code``.
    package init(
        catalog: Catalog,
        resolvedSources: [String: [AssetSpec]] = [:],
        environmentVariables: [String: String],
        code: @escaping Code = { _, _, _ in "" }
    ) {
        self.catalog = catalog
        self.resolvedSources = resolvedSources
        self.environmentVariables = environmentVariables
        self.code = code
        zones = Zones(folder: environmentVariables["TZDIR"] ?? Zones.defaultFolder)
    }

    /// The nearest folder that holds a `freshet.yaml`: this one, or one above it; absolute.
    package static func findProject(from folder: String) -> String? { ProjectFiles.find(from: folder) }

    /// Loads everything.
    ///
    /// - Parameters:
    ///   - folder: the one that holds `freshet.yaml`.
    ///   - environment: the environment's name; `nil` for that of `FRESHET_ENV`, else of `default_environment`, else
    ///     none.
    /// - Returns: the project, with what is doubtful about it.
    /// - Throws: ``LoadError`` with every mistake of the project's files.
    package func load(folder: String, environment: String? = nil) throws(LoadError) -> LoadedProject {
        var reading = try read(folder, environment)
        let stated = readAssets(&reading)
        guard reading.settings.isReadable else { throw .invalid(reading.diagnostics.all.inFileOrder) }
        var builder = AssetBuilder(reading.settings, catalog, zones) { [root = reading.files.root] in code($0, $1, root)
        }
        builder.checkDefaults()
        let drafts = build(stated, &builder, reading.settings)
        reading.diagnostics.add(builder.diagnostics)

        var graphBuilder = GraphBuilder(drafts, reading.settings, resolved: Set(resolvedSources.keys))
        let (assets, graph) = graphBuilder.build()
        reading.diagnostics.add(graphBuilder.diagnostics)
        mind(assets, &reading)
        let hooks = hooks(assets, graph, &reading)

        guard reading.diagnostics.errorCount == 0, let graph else {
            throw .invalid(reading.diagnostics.all.inFileOrder)
        }
        let settings = reading.settings
        let project = Project(
            name: settings.name,
            root: reading.files.root,
            timeZone: settings.timeZone,
            store: settings.store,
            environment: settings.environment,
            mode: settings.mode,
            secretBackends: settings.secretBackends,
            connections: settings.connections,
            sources: settings.sources,
            hints: settings.hints,
            hooks: hooks,
            pools: settings.pools,
            listen: settings.listen,
            server: settings.server,
            assets: assets,
            graph: graph,
            configVersion: reading.version(environment: settings.environment),
            zones: zones.rules(named: graph.ordered.map(\.policy), or: settings.timeZone)
        )
        return LoadedProject(project: project, warnings: reading.diagnostics.warnings)
    }

    /// Reads connections and sources only, so that a caller can ask the sources what they yield and then load.
    ///
    /// - Throws: ``LoadError`` with every mistake of `freshet.yaml`, as far as it does not turn on assets.
    package func sources(folder: String, environment: String? = nil) throws(LoadError) -> LoadedSources {
        let reading = try read(folder, environment)
        guard reading.diagnostics.errorCount == 0 else { throw .invalid(reading.diagnostics.all.inFileOrder) }
        return LoadedSources(
            root: reading.files.root,
            environment: reading.settings.environment,
            secretBackends: reading.settings.secretBackends,
            connections: reading.settings.connections,
            sources: reading.settings.sources,
            warnings: reading.diagnostics.warnings
        )
    }

    // MARK: Stages

    /// What has been read so far.
    private struct Reading {
        let files: ProjectFiles
        var settings: ProjectSettings
        var diagnostics: DiagnosticList
        private var hash = Fingerprint()

        init(_ files: ProjectFiles) {
            self.files = files
            settings = ProjectSettings()
            diagnostics = DiagnosticList()
        }

        /// A file as YAML, and into the hash of all.
        mutating func yaml(_ file: String) -> RawValue? {
            guard let text = files.read(file, &diagnostics) else { return nil }
            hash.add(file)
            hash.add(text)
            return YAMLReader.read(text, file: file, into: &diagnostics)
        }

        func version(environment: String?) -> String {
            var hash = hash
            hash.add(environment ?? "")
            return hash.hexadecimal
        }
    }

    private func read(_ folder: String, _ environment: String?) throws(LoadError) -> Reading {
        guard let files = ProjectFiles(folder: folder) else { throw .noProject(folder: ProjectFiles.absolute(folder)) }
        var reading = Reading(files)
        let raw = reading.yaml(ProjectFiles.projectFile)
        var reader = ProjectReader(
            catalog: catalog,
            zones: zones,
            root: files.root,
            environmentVariables: environmentVariables,
            wantedEnvironment: environment
        )
        reader.diagnostics = reading.diagnostics
        reading.settings = reader.read(raw)
        reading.diagnostics = reader.diagnostics
        return reading
    }

    /// Tells each source what its assets state about how they are looked at.
    private func mind(_ assets: [AssetDefinition], _ reading: inout Reading) {
        for index in reading.settings.sources.indices {
            let source = reading.settings.sources[index]
            let fields = source.source.fieldsOfAssets
            guard !fields.isEmpty else { continue }
            var stated: [AssetKey: Settings] = [:]
            for asset in assets {
                guard case .sourced(source.name) = asset.work, fields.contains(where: { asset.settings.has($0.name) })
                else { continue }
                stated[asset.spec.key] = asset.settings
            }
            guard !stated.isEmpty else { continue }
            do throws(Diagnostic) {
                reading.settings.sources[index].source = try source.source.minding(stated)
            } catch {
                reading.diagnostics.add(error)
            }
        }
    }

    private func hooks(
        _ assets: [AssetDefinition],
        _ graph: AssetGraph?,
        _ reading: inout Reading
    ) -> [HookDefinition] {
        guard let graph else { return [] }
        var resolver = HookResolver(assets, graph, reading.settings, resolved: Set(resolvedSources.keys))
        let hooks = reading.settings.hooks.map { resolver.resolve($0) }
        reading.diagnostics.add(resolver.diagnostics)
        return hooks.sorted { $0.name < $1.name }
    }

    private func readAssets(_ reading: inout Reading) -> [StatedAsset] {
        var stated: [StatedAsset] = []
        var first: [AssetKey: Origin] = [:]
        for file in reading.files.assetFiles(&reading.diagnostics) {
            guard let raw = reading.yaml(file) else { continue }
            let resolved = reading.settings.references.resolve(raw, in: .asset, &reading.diagnostics)
            for asset in AssetFile.assets(in: resolved, &reading.diagnostics) {
                if let origin = first[asset.key] {
                    reading.diagnostics.error(
                        "the asset '\(asset.key)' is stated twice; first in \(origin)",
                        at: asset.keyOrigin,
                        hint: "keep one of the two"
                    )
                    continue
                }
                first[asset.key] = asset.keyOrigin
                stated.append(asset)
            }
        }
        return stated
    }

    /// Those that files state in the order of the files, then those that only sources yield by key.
    private func build(
        _ stated: [StatedAsset],
        _ builder: inout AssetBuilder,
        _ settings: ProjectSettings
    ) -> [AssetDraft] {
        var yielded: [AssetKey: YieldedAsset] = [:]
        for source in settings.sources {
            let origin = settings.sourceOrigins[source.name] ?? Origin(file: ProjectFiles.projectFile)
            for spec in resolvedSources[source.name] ?? [] {
                let asset = YieldedAsset(spec: spec, source: source.name, origin: origin)
                guard let other = yielded.updateValue(asset, forKey: spec.key) else { continue }
                builder.diagnostics.error(
                    other.source == source.name
                        ? "the source '\(source.name)' yields '\(spec.key)' twice"
                        : "the sources '\(other.source)' and '\(source.name)' both yield '\(spec.key)'",
                    at: origin
                )
            }
        }
        var drafts: [AssetDraft] = []
        for asset in stated {
            if let draft = builder.build(asset, yielded.removeValue(forKey: asset.key)) { drafts.append(draft) }
        }
        for asset in yielded.values.sorted(by: { $0.spec.key < $1.spec.key }) {
            if let draft = builder.build(nil, asset) { drafts.append(draft) }
        }
        return drafts
    }
}
