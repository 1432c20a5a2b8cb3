import FreshetAccess
import FreshetConnectors
import FreshetCore
import FreshetCurl
import FreshetDefinitions
import FreshetEngine
import FreshetKit
import FreshetPlugins
import FreshetPowerBI
import FreshetProcess
import FreshetSQLite
import FreshetTelemetry
import Glibc
import Logging

/// The one place that knows every name: what there is, and what it is made from.
enum Wiring {
    private static let catalog = Connectors.catalog + PowerBI.catalog

    /// What is compiled in, and what the plugins of a project add.
    ///
    /// - Throws: ``Failure/definitions(_:root:)`` with every mistake of a `plugin.yaml`.
    static func catalog(of root: String) throws -> Catalog { try words(of: root).catalog }

    /// The catalog of a project, and what tells the hash of the scripts that its assets name.
    ///
    /// - Throws: ``Failure/definitions(_:root:)`` with every mistake of a `plugin.yaml`.
    static func words(of root: String) throws -> (catalog: Catalog, code: ProjectLoader.Code) {
        let found = plugins(of: root)
        let diagnostics = found.flatMap(\.diagnostics)
        guard diagnostics.isEmpty else { throw Failure.definitions(diagnostics, root: root) }
        let manifests = found.compactMap(\.manifest)
        return (catalog + Plugins.catalog(manifests), Plugins.code(manifests))
    }

    /// What is compiled in, and what those plugins add that have no mistakes: to word what is wrong with others.
    static func catalogForMessages(of root: String) -> Catalog {
        catalog + Plugins.catalog(plugins(of: root).compactMap(\.manifest))
    }

    /// A plugin of a project: what it declares, or what is wrong with that.
    struct FoundPlugin {
        var name: String
        var manifest: PluginManifest?
        var diagnostics: [Diagnostic]
    }

    /// Each folder of `plugins/` that holds a `plugin.yaml`, in order.
    static func plugins(of root: String) -> [FoundPlugin] {
        var taken = Dictionary(uniqueKeysWithValues: catalog.names.map { ($0, "Freshet has it built in") })
        return PluginFolder.names(root: root).map { name in
            let file = "\(PluginFolder.name)/\(name)/\(PluginManifest.file)"
            let folder = "\(root)/\(PluginFolder.name)/\(name)"
            let (settings, diagnostics) = DeclarationFile.read(file, root: root, as: ManifestFields.all)
            guard let settings else { return FoundPlugin(name: name, manifest: nil, diagnostics: diagnostics) }
            do throws(Diagnostic) {
                let version = PluginFolder.codeVersion(of: folder)
                let manifest = try PluginManifest(settings, folder: folder, codeVersion: version)
                let clashes = manifest.clashes(with: taken)
                for entry in manifest.entries { taken[entry.kind] = "the plugin '\(name)' has it" }
                return FoundPlugin(name: name, manifest: clashes.isEmpty ? manifest : nil, diagnostics: clashes)
            } catch {
                return FoundPlugin(name: name, manifest: nil, diagnostics: [error])
            }
        }
    }

    /// The process's environment, read once.
    static let environment: [String: String] = {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text)
            if let equals = pair.firstIndex(of: "=") {
                variables[String(pair[..<equals])] = String(pair[pair.index(after: equals)...])
            }
            entry += 1
        }
        return variables
    }()

    static let clock: any EngineClock = SystemClock()

    /// A uniform value in 0..<1, from the system's generator.
    static let chance: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// What connections work through, with the secrets of these backends.
    ///
    /// - Throws: ``Failure/definitions(_:root:)`` with what the backends say of their settings; another ``Failure`` when
    ///   the network library cannot start.
    static func surroundings(root: String, secrets: [SecretBackendDefinition]) throws -> Surroundings {
        var surroundings = try surroundings(root: root)
        surroundings.secrets = try self.secrets(secrets, surroundings)
        return surroundings
    }

    /// The same, with everything that goes out counted.
    static func surroundings(
        root: String,
        secrets: [SecretBackendDefinition],
        meters: Meters
    ) throws -> Surroundings {
        var surroundings = try surroundings(root: root)
        let (transport, processes) = (surroundings.transport, surroundings.processes)
        surroundings.transport = MeteredTransport(transport, service: "other", meters: meters, clock: clock)
        surroundings.processes = MeteredProcesses(processes, folder: "\(root)/\(PluginFolder.name)", meters: meters)
        surroundings.secrets = try self.secrets(secrets, surroundings)
        return surroundings
    }

    /// The secrets of a project; its backends work through the surroundings that are given here.
    ///
    /// - Throws: ``Failure/definitions(_:root:)``.
    static func secrets(_ definitions: [SecretBackendDefinition], _ surroundings: Surroundings) throws -> ProjectSecrets
    {
        let (backends, diagnostics) = backends(definitions, surroundings)
        guard diagnostics.isEmpty else { throw Failure.definitions(diagnostics, root: surroundings.root) }
        return ProjectSecrets(
            process: ProcessSecrets(root: surroundings.root, redactor: surroundings.redactor),
            backends: backends,
            redactor: surroundings.redactor,
            clock: surroundings.clock
        )
    }

    private static func backends(
        _ definitions: [SecretBackendDefinition],
        _ surroundings: Surroundings
    ) -> (backends: [ProjectSecrets.Declared], diagnostics: [Diagnostic]) {
        var backends: [ProjectSecrets.Declared] = []
        var diagnostics: [Diagnostic] = []
        for definition in definitions {
            do throws(Diagnostic) {
                let own = surroundings.serving(definition.type.name)
                let backend = try definition.type.init(from: definition.settings, in: own)
                let declared = ProjectSecrets.Declared(
                    name: definition.name,
                    backend: backend,
                    cache: definition.cache
                )
                backends.append(declared)
            } catch {
                diagnostics.append(error)
            }
        }
        return (backends, diagnostics)
    }

    /// What a project's backends and connections say of their settings; nothing is connected to.
    ///
    /// - Throws: ``Failure/definitions(_:root:)`` with all of it.
    static func check(_ project: Project) throws {
        let diagnostics = try diagnostics(of: project)
        guard diagnostics.isEmpty else { throw Failure.definitions(diagnostics, root: project.root) }
    }

    /// What ``check(_:)`` would throw.
    ///
    /// - Throws: ``Failure`` when the network library cannot start.
    static func diagnostics(of project: Project) throws -> [Diagnostic] {
        let surroundings = try surroundings(root: project.root)
        return backends(project.secretBackends, surroundings).diagnostics
            + made(project.connections, surroundings).diagnostics + ServerSettings(project).diagnostics
    }

    /// With no secrets but those of the process.
    ///
    /// - Throws: ``Failure`` when the network library cannot start.
    static func surroundings(root: String) throws -> Surroundings {
        let redactor = Redactor()
        let transport: CurlTransport
        do throws(HTTPError) { transport = try CurlTransport() } catch { throw Failure.other(error.message) }
        return Surroundings(
            transport: transport,
            secrets: ProcessSecrets(root: root, redactor: redactor),
            redactor: redactor,
            clock: clock,
            chance: chance,
            root: root,
            processes: ContainedProcesses(redactor: redactor)
        )
    }

    /// - Throws: ``Failure/definitions(_:root:)`` with what the connections say of their settings.
    static func connections(_ definitions: [ConnectionDefinition], _ surroundings: Surroundings) throws -> Connections {
        let (values, diagnostics) = made(definitions, surroundings)
        guard diagnostics.isEmpty else { throw Failure.definitions(diagnostics, root: surroundings.root) }
        return Connections(values)
    }

    private static func made(
        _ definitions: [ConnectionDefinition],
        _ surroundings: Surroundings
    ) -> (values: [String: any Connection], diagnostics: [Diagnostic]) {
        var values: [String: any Connection] = [:]
        var diagnostics: [Diagnostic] = []
        for definition in definitions {
            do throws(Diagnostic) {
                let own = surroundings.serving(definition.type.name)
                values[definition.name] = try definition.type.init(from: definition.settings, in: own)
            } catch {
                diagnostics.append(error)
            }
        }
        return (values, diagnostics)
    }

    /// All that is remembered: runs, and who may do what.
    typealias Store = AccessStore & RunStore

    /// Bytes that nobody can guess.
    static let entropy = Entropy.system

    /// The store of a project, to read; other processes may write it meanwhile.
    ///
    /// - Throws: ``Failure/store(_:path:)``.
    static func openReader(_ path: String) async throws -> any Store { try await open(path, .reader) }

    /// The store of a project, for this process alone to write; made if it is not there.
    ///
    /// - Throws: ``Failure/store(_:path:)``.
    static func openWriter(_ path: String) async throws -> any Store { try await open(path, .writer) }

    /// What must hold of a store and does not; see ``FreshetSQLite/Violation``.
    ///
    /// - Throws: ``Failure/store(_:path:)``.
    static func violations(inStore path: String) async throws -> [Violation] {
        do throws(StoreError) {
            let store = try await SQLiteStore.open(path: path, mode: .reader, clock: clock)
            let violations = try await store.violations()
            await store.close()
            return violations
        } catch {
            throw Failure.store(error, path: path)
        }
    }

    private static func open(_ path: String, _ mode: SQLiteStore.Mode) async throws -> any Store {
        do throws(StoreError) {
            return try await SQLiteStore.open(path: path, mode: mode, clock: clock)
        } catch {
            throw Failure.store(error, path: path)
        }
    }

    /// Who asks, for the audit: the login name, or the number.
    static var actor: Actor {
        if let entry = getpwuid(geteuid()) { return Actor("user:" + String(cString: entry.pointee.pw_name)) }
        return Actor("user:\(geteuid())")
    }

    static func logger(_ level: Logger.Level, _ redactor: Redactor, asJSON: Bool = false) -> Logger {
        var logger = Logger(label: "freshet") { _ in LineLog(redactor: redactor, asJSON: asJSON) }
        logger.logLevel = level
        return logger
    }
}

extension Surroundings {
    /// The same, whose requests are counted for this service, if they are counted.
    fileprivate func serving(_ service: String) -> Surroundings {
        guard let metered = transport as? MeteredTransport else { return self }
        var own = self
        own.transport = metered.serving(service)
        return own
    }
}
