import FreshetCore
import FreshetKit
import FreshetServer
import ServiceLifecycle
import Synchronization

/// Looks, beside the daemon's work, at what that work stands on: as `freshet doctor` and `freshet secrets check` do,
/// soon after the start and, unless `server.checkup_every` says otherwise, once a day.
final class Checkup: Service {
    /// Long enough for the work that waits at the start to go first.
    private static let first = Duration.seconds(60)

    private let project: Project
    private let connections: Connections
    private let store: any RunStore
    private let surroundings: Surroundings
    private let found = Mutex<[Outside.Warning]>([])

    init(_ host: EngineHost) {
        project = host.project
        connections = host.connections
        store = host.store
        surroundings = host.surroundings
    }

    /// What was found the last time.
    var warnings: [Outside.Warning] { found.withLock(\.self) }

    func run() async throws {
        await cancelWhenGracefulShutdown { [self] in
            do {
                let settings = ServerSettings(project)
                try await surroundings.clock.sleep(for: min(Self.first, settings.checkupEvery))
                while true {
                    await look(settings)
                    try await surroundings.clock.sleep(for: settings.checkupEvery)
                }
            } catch {
                // Cancelled: the service group stops.
            }
        }
    }

    private func look(_ settings: ServerSettings) async {
        let reports = await ConnectionReport.all(of: project, connections, isRoutine: true) { [store] target in
            // Without them only its own refreshes cannot be told from others, and that check is left out.
            (try? await store.operations(on: target, limit: 500)) ?? []
        }
        let now = surroundings.clock.now
        let credentials = await CredentialReport.findings(of: project, surroundings, tls: settings.identity?.expiresAt)
        var warnings = credentials.filter(\.isBad).map { warning($0, of: nil, at: now) }
        for report in reports {
            for finding in report.findings.filter(\.isBad) {
                warnings.append(warning(finding, of: "The connection \(report.name)", at: now))
            }
        }
        found.withLock { found in
            let known = Dictionary(found.map { ($0.identity, $0.since) }) { first, _ in first }
            found = warnings.map { warning in
                var warning = warning
                warning.since = known[warning.identity] ?? warning.since
                return warning
            }
        }
    }

    private static func named(_ connection: String?, _ subject: String) -> String {
        guard let connection else { return subject + " " }
        return "The connection \(connection)\(subject.isEmpty ? "" : ", \(subject)"): "
    }

    private func warning(_ finding: Finding, of connection: String?, at now: Timestamp) -> Outside.Warning {
        let asset = project.graph[AssetKey(finding.subject)]?.key
        let message = surroundings.redactor.redact(finding.message)
        return Outside.Warning(
            check: finding.check,
            isFailure: finding.verdict == .fail,
            asset: asset,
            sentence: asset == nil ? Self.named(connection, finding.subject) + message : message,
            mend: finding.mend.map(surroundings.redactor.redact),
            since: now
        )
    }
}

extension Outside.Warning {
    /// What stays the same from one look to the next.
    fileprivate var identity: [String] { [check, asset?.path ?? "", asset == nil ? sentence : ""] }
}

extension Finding {
    fileprivate var isBad: Bool { verdict == .fail || verdict == .warn }
}
