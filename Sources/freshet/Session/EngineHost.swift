import FreshetCore
import FreshetDefinitions
import FreshetEngine
import FreshetFailpoints
import FreshetKit
import FreshetTelemetry
import Glibc
import Logging

/// An engine with the store it holds.
struct EngineHost {
    let project: Project
    let store: any Wiring.Store
    /// The same store, counting what is written.
    let metered: MeteredStore
    let meters: Meters
    /// Where the store's sequence of changes stood before the engine began.
    let position: Int64
    let epoch: Epoch
    let engine: Engine
    let connections: Connections
    let surroundings: Surroundings
    let log: Logger

    /// Takes the store, loads the project as its sources are now, and takes up what a former process left.
    ///
    /// - Throws: ``Failure``; ``StoreError/held(by:)`` inside it when another process works on the store.
    static func start(_ options: ProjectOptions, level: Logger.Level) async throws -> EngineHost {
        // The lock first: whoever does not get it must not touch anything.
        let path = try options.loadProject().store
        let store = try await Wiring.openWriter(path)
        do {
            return try await start(options, store, level)
        } catch {
            await store.close()
            throw error
        }
    }

    private static func start(
        _ options: ProjectOptions,
        _ store: any Wiring.Store,
        _ level: Logger.Level
    ) async throws -> EngineHost {
        let early = Wiring.logger(level, Redactor(), asJSON: options.json)
        let loaded = try await options.discover(Wiring.surroundings(root:secrets:)) { early.warning("\($0)") }
        failpoint(.configParsed)
        let project = loaded.project
        for warning in loaded.warnings { early.warning("\(warning)") }
        let meters = Meters()
        let surroundings = try Wiring.surroundings(root: project.root, secrets: project.secretBackends, meters: meters)
        let log = Wiring.logger(level, surroundings.redactor, asJSON: options.json)
        let connections = try Wiring.connections(project.connections, surroundings)
        let sensor = Telemetry.sensorNames(of: project)
        let metered = MeteredStore(store, meters: meters, clock: surroundings.clock, sensor: sensor)
        do throws(StoreError) {
            let owner = "pid \(getpid())"
            let epoch = try await store.claim(owner: owner, at: surroundings.clock.now)
            let position = try await store.changes(after: nil, limit: 0).newest
            let engine = try await Engine(
                project: project,
                store: metered,
                epoch: epoch,
                connections: connections,
                surroundings: surroundings,
                log: log
            )
            await engine.recover()
            return EngineHost(
                project: project,
                store: store,
                metered: metered,
                meters: meters,
                position: position,
                epoch: epoch,
                engine: engine,
                connections: connections,
                surroundings: surroundings,
                log: log
            )
        } catch {
            throw Failure.store(error, path: project.store)
        }
    }

    /// Leaves remote work running, and gives the store back.
    func stop() async {
        await engine.stop()
        await store.close()
    }
}
