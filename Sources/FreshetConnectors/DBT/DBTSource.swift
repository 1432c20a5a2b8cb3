public import FreshetCore
public import FreshetKit

/// The nodes of a dbt project as assets, and the end of every run of dbt as their new versions.
///
/// It reads two files that dbt leaves behind, wherever they are put: `manifest.json` says which nodes there are,
/// `run_results.json` what became of them. dbt overwrites the latter with each command, so a run whose file is replaced
/// before it is looked at is never seen: give the commands that build a place of their own, which `dbt docs generate`
/// does not write to. A node that is left as it was by a run has the version that Freshet knew before.
///
/// - SeeAlso: docs.getdbt.com, "Manifest JSON file" and "Run results JSON file".
public struct DBTSource: DefinitionSource {
    public static let name = "dbt"
    public static let summary = "The nodes of a dbt project; one changes when a run of dbt builds it."
    public static let fields = [
        Field(
            "connection",
            .connection([FileConnection.name, S3Connection.name]),
            required: true,
            "Where dbt's artifacts lie."
        ),
        Field("project", .text, required: true, "The project's name in asset keys: `dbt/<project>/<node>`."),
        Field("manifest", .text, default: defaultManifest, "The manifest's key in the bucket or path in the folder."),
        Field("run_results", .text, default: defaultRunResults, "The same of the results of the last run."),
        Field("every", .duration, default: "30s", "How often to look for a new run."),
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
    ]

    private static let defaultManifest = "target/manifest.json"
    private static let defaultRunResults = "target/run_results.json"

    public let prefix: String
    public let assetKind = "dbt.node"
    public let every: Duration?

    private let connection: String
    private let manifest: String
    private let runResults: String
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
        runResults = try Self.key("run_results", default: Self.defaultRunResults, in: settings)
        let every = try settings.duration("every") ?? .seconds(30)
        guard every > .zero else {
            throw Diagnostic("'every' has to be longer than nothing", at: settings.origin(of: "every"))
        }
        self.every = every
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

    /// The nodes that the manifest names, in the order of their keys.
    ///
    /// - Throws: ``DBTError`` when there is no manifest, or it cannot be read; and what the connection throws.
    public func discover(_ context: ProbeContext) async throws -> [AssetSpec] {
        let store = try context.connections.artifactStore(connection)
        guard let project = try await readManifest(from: store) else { throw DBTError.missing(document: manifest) }
        return project.specs(prefix: prefix)
    }

    /// Reads the results of the last run, if they are not the ones that the cursor knows.
    ///
    /// - Throws: ``DBTError`` when a file cannot be read, half-written ones among them; and what the connection throws.
    public func tick(_ context: SensorContext) async throws -> SensorReading {
        let began = context.probe.surroundings.clock.now
        let redactor = context.probe.surroundings.redactor
        let store = try context.probe.connections.artifactStore(connection)
        var cursor = DBTCursor(parsing: context.cursor)
        switch try await store.get(runResults, ifNoneMatch: cursor.etag) {
        case .missing where cursor.etag != nil:
            // It was there: somebody moved or deleted it, and what is built since would not be seen.
            throw DBTError.missing(document: runResults)
        case .missing:
            return SensorReading(cursor: context.cursor, observations: [:], message: "no run yet: no '\(runResults)'")
        case .unchanged:
            return SensorReading(cursor: context.cursor, observations: [:], message: "no new run")
        case .found(let head, let bytes):
            let run = try DBTRunResults(parsing: bytes, named: runResults)
            cursor.etag = head.etag
            guard run.isOfBuild else {
                let message = redactor.redact("'\(runResults)' is of \(run.command), which builds nothing")
                return SensorReading(cursor: cursor.text, observations: [:], message: message)
            }
            let project = try await readManifest(from: store)
            let observer = DBTObserver(
                run: run,
                project: project,
                build: DataVersion(run.metadata.invocationID ?? run.metadata.generatedAt ?? head.etag),
                began: began,
                redactor: redactor
            )
            return observer.reading(prefix: prefix, moving: cursor)
        }
    }

    /// What the manifest says, from memory when it is still the same.
    ///
    /// - Returns: what was read last when the manifest is gone; `nil` when there has been none.
    private func readManifest(from store: any ArtifactStore) async throws -> DBTProject? {
        let known = memory.content
        switch try await store.get(manifest, ifNoneMatch: known?.etag) {
        case .missing, .unchanged: return known?.project
        case .found(let head, let bytes):
            let project = DBTProject(try DBTManifest(parsing: bytes, named: manifest))
            memory.content = DBTMemory.Content(etag: head.etag, project: project)
            return project
        }
    }
}
