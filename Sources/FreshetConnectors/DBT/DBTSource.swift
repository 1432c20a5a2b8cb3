public import FreshetCore
public import FreshetKit

/// The nodes of a dbt project as assets, and the end of every run of dbt as their new versions.
///
/// It reads the files that dbt leaves behind, wherever they are put: `manifest.json` says which nodes there are,
/// `run_results.json` what became of them, `sources.json` how fresh the sources were. dbt overwrites them with each
/// command, `dbt docs generate` included, so a run whose file is replaced before it is looked at is never seen: give
/// the commands that build a place of their own, or each a file of its own and this source a pattern that all of them
/// fit. A node that is left as it was by a run has the version that Freshet knew before.
///
/// - SeeAlso: docs.getdbt.com, "Manifest JSON file", "Run results JSON file" and "Sources JSON file".
public struct DBTSource: DefinitionSource {
    public static let name = "dbt"
    public static let summary = "The nodes of a dbt project; one changes when a run of dbt builds it."
    public static let fields = [
        Field(
            "connection",
            .connection([FileConnection.name, HTTPConnection.name, S3Connection.name]),
            required: true,
            "Where dbt's artifacts lie."
        ),
        Field("project", .text, required: true, "The project's name in asset keys: `dbt/<project>/<node>`."),
        Field("manifest", .text, default: defaultManifest, "The manifest's key in the bucket or path in the folder."),
        Field(
            "run_results",
            .text,
            default: defaultRunResults,
            "The same of the results of the last run; with * or ? of the results of every run."
        ),
        Field("sources", .text, "The same of what dbt source freshness found; not read if not stated."),
        Field("every", .duration, default: "30s", "How often to look for a new run."),
        Field("powerbi", .connection(["powerbi"]), "Where to ask which model stands behind a report of an exposure."),
        DBTProbes.field,
    ]
    public static let examples = [
        """
        connection: artifacts
        project: retail
        manifest: prod/manifest.json
        run_results: prod/run_results.json
        every: 30s
        """,
        "{connection: artifacts, project: retail}",
        """
        connection: artifacts
        project: retail
        manifest: prod/manifest.json
        run_results: prod/runs/*/run_results.json
        sources: prod/sources.json
        probes:
          connection: warehouse
          default:
            table: [row_count, max(updated_at)]
            incremental: [row_count, max(updated_at)]
          nodes:
            dim_*: [row_count, sum(id)]
            fct_sales: {change: [row_count, max(loaded_at)], data_time: max(loaded_at), timeout: 2m}
            stg_events: false
        """,
    ]

    private static let defaultManifest = "target/manifest.json"
    private static let defaultRunResults = "target/run_results.json"

    public let prefix: String
    public let assetKind = "dbt.node"
    public let every: Duration?

    private let connection: String
    private let manifest: String
    private let runResults: ArtifactPattern
    private let sources: String?
    private let powerBI: String?
    private var probes: DBTProbes
    private let memory = DBTMemory()

    public init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        let project = try settings.requiredText("project")
        guard !project.isEmpty, !project.hasPrefix("/"), !project.hasSuffix("/") else {
            throw Diagnostic(
                "'\(project)' cannot be the middle of an asset key",
                at: settings.origin(of: "project"),
                hint: "write the name that stands in dbt_project.yml"
            )
        }
        prefix = "dbt/\(project)/"
        manifest = try Self.key("manifest", default: Self.defaultManifest, in: settings)
        runResults = ArtifactPattern(try Self.key("run_results", default: Self.defaultRunResults, in: settings))
        sources = try settings.text("sources")
        powerBI = try settings.text("powerbi")
        probes = try DBTProbes(from: settings)
        let every = try settings.duration("every") ?? .seconds(30)
        guard every > .zero else {
            throw Diagnostic("'every' has to be longer than nothing", at: settings.origin(of: "every"))
        }
        self.every = every
    }

    public static let assetFields = [DBTProbes.assetField]

    public func minding(_ stated: [AssetKey: Settings]) throws(Diagnostic) -> DBTSource {
        var rules: [String: ConfigValue] = [:]
        for (key, settings) in stated {
            rules[String(key.path.dropFirst(prefix.count))] = settings.value[DBTProbes.assetField.name]
        }
        var source = self
        source.probes = try probes.adding(rules)
        return source
    }

    private static func key(
        _ name: String,
        default defaultKey: String,
        in settings: Settings
    ) throws(Diagnostic) -> String {
        let key = try settings.text(name) ?? defaultKey
        guard !key.isEmpty else {
            throw Diagnostic("'\(name)' is empty", at: settings.origin(of: name), hint: "write the file's key or path")
        }
        return key
    }

    public var patience: Duration { max(.seconds(60), probes.patience) }

    /// As weak as the weakest of the tables that the version is made of.
    public func caveats(of asset: AssetKey) -> Caveats? {
        guard let project = memory.content?.project, asset.path.hasPrefix(prefix) else { return nil }
        let name = String(asset.path.dropFirst(prefix.count))
        let known = project.names.first { $0.value == name } ?? project.exposureNames.first { $0.value == name }
        var seen: Set<String> = []
        return known.flatMap { caveats(of: $0.key, in: project, &seen) }
    }

    private func caveats(of id: String, in project: DBTProject, _ seen: inout Set<String>) -> Caveats? {
        guard seen.insert(id).inserted else { return nil }
        let rule = project.names[id].map { probes.rule(of: id, name: $0, in: project) } ?? .parents
        switch rule {
        case .run where sources != nil && id.hasPrefix("source."): return DBTFreshness.caveats
        // Every build is a change.
        case .run: return nil
        case .figures(let figures): return (try? probes.probe(figures, table: "t"))?.caveats
        case .parents:
            var found: [Caveats] = []
            for parent in project.parents(of: id).sorted() {
                if let caveats = caveats(of: parent, in: project, &seen) { found.append(caveats) }
            }
            return found.first { $0.strength == .heuristic } ?? found.first
        }
    }

    /// The nodes, tests and exposures that the manifest names, in the order of their keys.
    ///
    /// - Throws: ``DBTError`` when there is no manifest, or it cannot be read; and what the connection throws.
    public func discover(_ context: ProbeContext) async throws -> [AssetSpec] {
        let files = try files(context)
        guard let project = try await files.manifest() else { throw DBTError.missing(document: manifest) }
        return project.specs(prefix: prefix, links: await DBTExposureLinks(powerBI, context).links(of: project))
    }

    /// Reads the results of the runs that the cursor does not know, and what follows from them.
    ///
    /// - Throws: ``DBTError`` when a file cannot be read, half-written ones among them; and what the connection throws.
    public func tick(_ context: SensorContext) async throws -> SensorReading {
        let files = try files(context.probe)
        let redactor = context.probe.surroundings.redactor
        let before = DBTCursor(parsing: context.cursor)
        var sight = DBTSight(before, began: context.probe.surroundings.clock.now)
        let news = try await files.newRuns(&sight.cursor)
        let (runs, note) = (news.runs, news.note)
        let freshness = try await files.newFreshness(&sight.cursor)
        if runs.isEmpty, news.doubts.isEmpty, freshness == nil, !probes.isStated {
            return SensorReading(
                cursor: sight.cursor == before ? context.cursor : sight.cursor.text,
                note ?? "no new run"
            )
        }
        let project = try await files.manifest()
        for doubt in news.doubts { doubt.apply(to: &sight, project: project, probes: probes) }
        for run in runs {
            let observer = DBTObserver(
                run: run.results,
                project: project,
                probes: probes,
                build: run.version,
                endedAt: runResults.isPattern ? run.endedAt : nil,
                isAgain: run.isAgain,
                began: sight.began,
                redactor: redactor
            )
            observer.observe(into: &sight)
        }
        if let project {
            if let freshness {
                DBTFreshness(results: freshness, project: project, probes: probes, redactor: redactor)
                    .observe(into: &sight)
            }
            let hasRun = runs.contains { $0.results.isOfBuild }
            let evidence = DBTEvidence(probes: probes, project: project, prefix: prefix, context: context.probe)
            evidence.note(hasRun: hasRun, in: &sight)
            await evidence.look(&sight)
            if !runs.isEmpty { sight.touched.formUnion(sight.cursor.forgetTests { project.knows(test: $0) }) }
            if !sight.observations.isEmpty || sight.cursor.manifestTag != memory.content?.etag {
                DBTDerivation(project: project, probes: probes).derive(into: &sight)
                sight.cursor.manifestTag = memory.content?.etag
            }
        }
        sight.settle()
        if let note { sight.sentences.append(note) }
        let message = sight.sentences.isEmpty ? "no new run" : sight.sentences.joined(separator: "; ")
        var observations: [AssetKey: Observation] = [:]
        for (name, var observation) in sight.observations {
            // What was not read from a table was read from dbt's files.
            observation.source = observation.source ?? connection
            observations[AssetKey(prefix + name)] = observation
        }
        return SensorReading(cursor: sight.cursor.text, observations: observations, message: redactor.redact(message))
    }

    /// A hint at one of the files that it reads.
    public func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool {
        guard let key = await hint.key(behind: connection, in: context) else { return false }
        return key == manifest || key == sources || runResults.matches(key)
    }

    private func files(_ context: ProbeContext) throws -> DBTFiles {
        DBTFiles(
            store: try context.connections.artifactStore(connection),
            manifestKey: manifest,
            runResults: runResults,
            sourcesKey: sources,
            memory: memory,
            clock: context.surroundings.clock
        )
    }
}

extension SensorReading {
    /// Nothing was seen, and why.
    fileprivate init(cursor: String?, _ message: String) {
        self.init(cursor: cursor, observations: [:], message: message)
    }
}
