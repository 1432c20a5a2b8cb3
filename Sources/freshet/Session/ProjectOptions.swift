import ArgumentParser
import FoundationEssentials
import FreshetCore
import FreshetDefinitions
import FreshetKit

/// What every command takes.
struct ProjectOptions: ParsableArguments {
    @Option(
        name: [.customShort("C"), .long],
        help: ArgumentHelp(
            "The project's folder.",
            discussion: "Otherwise $FRESHET_PROJECT, or the nearest freshet.yaml upward.",
            valueName: "folder"
        )
    )
    var project: String?

    @Option(name: .long, help: ArgumentHelp("The environment to use; otherwise $FRESHET_ENV.", valueName: "name"))
    var env: String?

    @Flag(name: .long, help: "Write one JSON document to standard output.")
    var json = false

    @Option(name: .long, help: "Colour: auto, always or never.")
    var color: Style.Choice = .auto

    var output: Output { Output(colour: color, environment: Wiring.environment) }

    /// - Throws: ``Failure/noProject(from:)``.
    func folder() throws -> String {
        if let named = project ?? Wiring.environment["FRESHET_PROJECT"] {
            guard FileManager.default.fileExists(atPath: named + "/freshet.yaml") else {
                throw Failure.noProject(from: named)
            }
            return named
        }
        let here = FileManager.default.currentDirectoryPath
        guard let found = ProjectLoader.findProject(from: here) else { throw Failure.noProject(from: here) }
        return found
    }

    /// The project's folder, absolute; the current one where there is no project.
    var anyFolder: String { absolute((try? folder()) ?? ".") }  // What needs no project does not miss it.

    /// The folder as a path from the root; plugins' programs are run by theirs.
    func absolute(_ folder: String) -> String {
        let path = folder.hasPrefix("/") ? folder : FileManager.default.currentDirectoryPath + "/" + folder
        return URL(filePath: path).standardized.path.trimmingSlash
    }

    /// Loads the project with what its sources yielded last.
    ///
    /// - Throws: ``Failure/definitions(_:root:)`` with every mistake.
    func load() throws -> LoadedProject {
        let folder = try folder()
        let (catalog, code) = try Wiring.words(of: absolute(folder))
        return try Self.loading(root: folder) { () throws(LoadError) in
            let plain = ProjectLoader(catalog: catalog, environmentVariables: Wiring.environment)
            let sources = try plain.sources(folder: folder, environment: env)
            let known = SourceCache(root: sources.root).read(sources.sources)
            let loader = ProjectLoader(
                catalog: catalog,
                resolvedSources: known,
                environmentVariables: Wiring.environment,
                code: code
            )
            return try loader.load(folder: folder, environment: env)
        }
    }

    /// The project alone, as ``load()`` finds it.
    ///
    /// - Throws: ``Failure/definitions(_:root:)`` with every mistake.
    func loadProject() throws -> Project { try load().project }

    /// Asks every source what it yields now, keeps that, and loads the project with it.
    ///
    /// - Parameters:
    ///   - surroundings: the seams for connections, by the project's folder and its backends of secrets.
    ///   - note: is told of a source that cannot be read; what it yielded last is used then.
    /// - Returns: the project as its sources are now.
    /// - Throws: ``Failure/definitions(_:root:)`` with every mistake.
    func discover(
        _ surroundings: (String, [SecretBackendDefinition]) throws -> Surroundings,
        note: (String) -> Void
    ) async throws -> LoadedProject {
        let folder = try folder()
        let catalog = try Wiring.catalog(of: absolute(folder))
        let found = try Self.loading(root: folder) { () throws(LoadError) in
            try ProjectLoader(catalog: catalog, environmentVariables: Wiring.environment)
                .sources(folder: folder, environment: env)
        }
        guard !found.sources.isEmpty else { return try load() }
        let surroundings = try surroundings(found.root, found.secretBackends)
        let connections = try Wiring.connections(found.connections, surroundings)
        let context = ProbeContext(
            connections: connections,
            surroundings: surroundings,
            deadline: surroundings.clock.now + .seconds(60)
        )
        let cache = SourceCache(root: found.root)
        for source in found.sources {
            do {
                try cache.write(try await source.source.discover(context), of: source.name)
            } catch {
                note(
                    "source \(source.name) cannot be read now: \(surroundings.redactor.redact(String(describing: error)))"
                )
            }
        }
        return try load()
    }

    private static func loading<Value>(root: String, _ body: () throws(LoadError) -> Value) throws -> Value {
        do throws(LoadError) {
            return try body()
        } catch {
            switch error {
            case .noProject(let folder): throw Failure.noProject(from: folder)
            case .invalid(let diagnostics): throw Failure.definitions(diagnostics, root: root)
            }
        }
    }
}

extension String {
    fileprivate var trimmingSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}

extension Style.Choice: ExpressibleByArgument {}
