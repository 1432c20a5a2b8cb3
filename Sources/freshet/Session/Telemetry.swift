import FreshetCore
import FreshetKit
import FreshetSQLite
import FreshetTelemetry
import FreshetView
import Logging
import ServiceLifecycle

/// What a daemon tells those who watch it, besides what they ask for.
enum Telemetry {
    /// With more sensors than this, figures know them by the group of their asset.
    private static let mostSensors = 2000

    /// What the figures of a project call a sensor.
    static func sensorNames(of project: Project) -> @Sendable (String) -> String {
        guard SensorSummary.all(of: project).count > mostSensors else { return { $0 } }
        let graph = project.graph
        return { graph[AssetKey($0)]?.labels.group ?? "" }
    }

    /// Traces of runs where the environment asks for them, how long phases took, and a look at the store now and then.
    static func services(_ host: EngineHost) -> [any Service] {
        var services: [any Service] = []
        var queue: TraceQueue?
        if let settings = TraceSettings(Wiring.environment, version: Version.text) {
            let traces = TraceQueue(host.meters)
            queue = traces
            for warning in settings.warnings { host.log.warning("\(warning)") }
            var surroundings = host.surroundings
            if let metered = surroundings.transport as? MeteredTransport {
                surroundings.transport = metered.serving("otlp")
            }
            services.append(
                TraceSender(
                    settings,
                    queue: traces,
                    version: Version.text,
                    surroundings: surroundings,
                    meters: host.meters,
                    log: host.log
                )
            )
            host.log.info("traces of runs go to \(settings.shownAddress)")
        }
        let graph = host.project.graph
        services.append(
            EndedRuns(
                host.store,
                after: host.position,
                clock: host.surroundings.clock,
                meters: host.meters,
                queue: queue,
                kind: { graph[$0]?.labels.kind ?? "" },
                log: host.log
            )
        )
        services.append(StoreWatch(host))
        return services
    }
}

/// Asks every six hours what must hold of the store; docs/semantics.md has all of it.
private struct StoreWatch: Service {
    private static let interval = Duration.seconds(6 * 3600)
    /// A daemon that has just begun has better things to do.
    private static let first = Duration.seconds(60)

    private let host: EngineHost

    init(_ host: EngineHost) { self.host = host }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Each row is told of once.
            var known: Set<String> = []
            var next = Self.first
            while !Task.isCancelled {
                do { try await host.surroundings.clock.sleep(for: next) } catch { return }
                next = Self.interval
                await look(&known)
            }
        }
    }

    private func look(_ known: inout Set<String>) async {
        let violations: [Violation]
        do { violations = try await Wiring.violations(inStore: host.project.store) } catch {
            return host.log.warning("the store could not be looked over: \(error)")
        }
        for violation in violations {
            let new = violation.rows.filter { known.insert("\(violation.sentence): \($0)").inserted }
            guard !new.isEmpty else { continue }
            host.meters.count(.invariantViolations, times: new.count)
            let rows = host.surroundings.redactor.redact(new.prefix(5).joined(separator: "; "))
            host.log.error("the store breaks \(violation.invariant), \(violation.sentence): \(rows)")
        }
    }
}
