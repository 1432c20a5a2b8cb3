import ArgumentParser
import FreshetCore
import FreshetKit
import FreshetPowerBI

/// A project's connection to Power BI, to look through; the store is not needed.
struct ServiceSession {
    let project: Project
    let reading: ServiceReading
    let surroundings: Surroundings
    let output: Output

    /// Through the connection of that name; `nil` takes the only one.
    ///
    /// - Throws: ``Failure``, also when several connections could be meant.
    static func open(_ options: ProjectOptions, connection name: String?) throws -> ServiceSession {
        let project = try options.loadProject()
        let surroundings = try Wiring.surroundings(root: project.root, secrets: project.secretBackends)
        let connections = try Wiring.connections(project.connections, surroundings)
        let known = project.connections.filter { $0.type is PowerBIConnection.Type }.map(\.name)
        guard let chosen = name ?? (known.count == 1 ? known.first : nil) else {
            let list = known.joined(separator: ", ")
            throw known.isEmpty
                ? Failure.usage(
                    "the project has no connection to Power BI",
                    mend: "add one of kind powerbi under 'connections' in freshet.yaml; see docs/powerbi.md"
                )
                : Failure.usage("there are several connections to Power BI", mend: "add --connection: \(list)")
        }
        do throws(ConnectionError) {
            let connection: PowerBIConnection = try connections.get(chosen)
            return ServiceSession(
                project: project,
                reading: ServiceReading(connection),
                surroundings: surroundings,
                output: options.output
            )
        } catch {
            throw Failure.usage(
                "\(error)",
                mend: known.isEmpty ? nil : "connections to Power BI: \(known.joined(separator: ", "))"
            )
        }
    }

    /// Does `body` with the service's refusals worded for a person.
    func ask<Value>(_ body: () async throws(ReadingError) -> Value) async throws -> Value {
        do throws(ReadingError) {
            return try await body()
        } catch {
            throw Failure.service(surroundings.redactor.redact(error.description))
        }
    }

    /// The text with every reference in it resolved.
    func resolve(_ text: String) async throws -> String {
        do throws(SecretError) {
            return try await surroundings.secrets.resolve(text)
        } catch {
            throw Failure.other("\(error)")
        }
    }
}

/// Which model a command is about.
struct ModelOptions: ParsableArguments {
    @Argument(help: "The key of an asset; otherwise --workspace and --model.")
    var asset: String?

    @Option(name: .long, help: ArgumentHelp("The workspace's name or id.", valueName: "workspace"))
    var workspace: String?

    @Option(name: .long, help: ArgumentHelp("The model's name or id.", valueName: "model"))
    var model: String?

    @Option(name: .long, help: ArgumentHelp("The connection, where there are several.", valueName: "name"))
    var connection: String?

    func validate() throws {
        guard asset == nil else {
            guard workspace == nil, model == nil, connection == nil else {
                throw ValidationError("an asset names its own workspace, model and connection")
            }
            return
        }
        guard workspace != nil, model != nil else {
            throw ValidationError("name an asset, or a model with --workspace and --model")
        }
    }

    /// The model's address at the service, with the way there.
    func open(_ options: ProjectOptions) async throws -> (session: ServiceSession, target: String) {
        guard let asset else {
            let session = try ServiceSession.open(options, connection: connection)
            let (workspace, model) = (workspace ?? "", model ?? "")
            let target = try await session.ask { () throws(ReadingError) in
                try await session.reading.target(workspace: workspace, model: model)
            }
            return (session, target)
        }
        let project = try options.loadProject()
        let spec = try project.asset(asset)
        guard let found = project.assets.first(where: { $0.spec.key == spec.key }),
            case .materialized(let kind) = found.work, let kind = kind as? SemanticModelRefresh
        else { throw Failure.usage("\(spec.key) is not a semantic model", mend: "'freshet assets' lists all") }
        let session = try ServiceSession.open(options, connection: kind.connection)
        let (workspace, model) = (try await session.resolve(kind.workspace), try await session.resolve(kind.model))
        let target = try await session.ask { () throws(ReadingError) in
            try await session.reading.target(workspace: workspace, model: model)
        }
        return (session, target)
    }
}
