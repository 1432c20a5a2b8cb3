import FreshetCore
import FreshetDefinitions
import FreshetEngine
import FreshetKit
import FreshetPowerBI
import FreshetServer
import FreshetTelemetry

/// What the server of a daemon works with.
enum Daemon {
    /// - Parameters:
    ///   - host: the engine and its store.
    ///   - folder: of the project.
    ///   - checkup: knows what is not well around it.
    ///   - reload: begins again with the files as they are.
    /// - Returns: the context of every listener.
    /// - Throws: ``Failure`` with what the connections say of their settings.
    static func context(
        _ host: EngineHost,
        folder: String,
        checkup: Checkup,
        reload: @escaping @Sendable () async -> Void
    ) throws -> ServerContext {
        let project = host.project
        let watch = ConfigWatch(folder: folder, active: project, at: host.surroundings.clock.now)
        let web = WebFiles()
        let connections = host.connections
        let catalog = Wiring.catalogForMessages(of: project.root)
        var outside = Outside(
            look: { assets, snapshot in
                let look = LiveLook(project: project, connections: connections, surroundings: host.surroundings)
                let seen = snapshot.observations.mapValues(\.observation)
                let sight = await look.look(atInputsOf: assets, cursors: snapshot.cursors, observed: seen)
                return Outside.Sight(observed: sight.observed, failures: sight.failures)
            },
            tryLook: { name in
                await host.engine.tryLook(name).map {
                    Outside.Trial(tick: $0.tick, observations: $0.observations, changed: $0.changed)
                }
            },
            settings: { key in
                guard let found = project.assets.first(where: { $0.spec.key == key }) else { return [] }
                return ConfigListing(found, catalog: catalog).rows.map {
                    Outside.Setting(path: $0.path, value: $0.value, layer: $0.layer, origin: $0.origin)
                }
            },
            candidates: { await candidates(for: $0, host) },
            files: { watch.report() },
            page: { web.bytes($0) },
            contract: web.contract
        )
        outside.warnings = { checkup.warnings }
        outside.recentFiles = { watch.recent(at: host.surroundings.clock.now) }
        outside.storeTrouble = { host.metered.trouble }
        outside.address = { asset, target in
            guard let found = project.assets.first(where: { $0.spec.key == asset }),
                case .materialized(let kind) = found.work, let model = kind as? SemanticModelRefresh
            else { return nil }
            return (connections[model.connection] as? PowerBIConnection)?.pageAddress(of: target)
        }
        outside.limits = {
            Outside.Limits(tokens: await host.engine.requestTokens(), quotas: await host.engine.quotaUses())
        }
        var context = ServerContext(
            project: project,
            store: host.metered,
            epoch: host.epoch,
            clock: host.surroundings.clock,
            chance: host.surroundings.chance,
            notices: notices(host.engine, reload),
            outside: outside,
            hooks: HookDoor(project.hooks, host.surroundings, host.log),
            version: Version.text
        )
        context.meters = host.meters
        return context
    }

    private static func notices(_ engine: Engine, _ reload: @escaping @Sendable () async -> Void) -> Notices {
        Notices(
            trigger: { await engine.notice(trigger: $0) },
            cancel: { await engine.noticeCancel(of: $0, by: $1) },
            pause: { isPaused, scope in
                switch scope {
                case .everything: await engine.notice(isPaused: isPaused, nil)
                case .asset(let key): await engine.notice(isPaused: isPaused, key)
                case .sensor(let name): await engine.notice(isPaused: isPaused, sensor: name)
                case .schedule(let name): await engine.notice(isPaused: isPaused, schedule: name)
                }
            },
            reset: { await engine.notice(reset: $0) },
            hint: { await engine.take($0, sensors: $1) },
            reload: reload
        )
    }

    /// How far apart a request and the refresh that it began may be.
    private static let near = Duration.seconds(120)

    /// The refreshes of the model's history that began around an operation.
    private static func candidates(
        for detail: OperationDetail,
        _ host: EngineHost
    ) async -> Outside.Candidates {
        let operation = detail.operation
        guard let asset = host.project.assets.first(where: { $0.spec.key == operation.asset }),
            case .materialized(let kind) = asset.work, let model = kind as? SemanticModelRefresh
        else { return .none }
        do {
            let connection: PowerBIConnection = try host.connections.get(model.connection)
            let entries = try await ServiceReading(connection).history(of: operation.target)
            let operations = try await host.store.operations(on: operation.target, limit: 500)
            let found = RefreshAccount.merge(entries, operations).compactMap { row -> Outside.Candidate? in
                // What another operation is known to be is not this one.
                if let other = row.operation, other.id != operation.id { return nil }
                guard let began = row.startedAt, let id = row.requestID else { return nil }
                let apart = began - operation.preparedAt
                let isNear = apart > .seconds(-30) && apart < near
                let when = apart < .zero ? "\((.zero - apart).briefly) before" : "\(apart.briefly) after"
                return Outside.Candidate(
                    requestID: id,
                    source: row.who,
                    type: nil,
                    status: row.status,
                    startedAt: began,
                    endedAt: row.duration.map { began + $0 },
                    isLikely: isNear,
                    sentence: "began \(when) the request, asked for by \(row.who)"
                )
            }
            return .known(found.sorted { $0.isLikely && !$1.isLikely })
        } catch {
            return .unanswered
        }
    }
}
