import FoundationEssentials
import FreshetCore
import FreshetCrypto
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
        var warnings = await expiries(settings, at: now)
        for report in reports {
            for finding in report.findings where finding.verdict == .fail || finding.verdict == .warn {
                warnings.append(warning(finding, through: report.name, at: now))
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

    private func warning(_ finding: Finding, through connection: String, at now: Timestamp) -> Outside.Warning {
        let asset = project.graph[AssetKey(finding.subject)]?.key
        let message = surroundings.redactor.redact(finding.message)
        return Outside.Warning(
            check: finding.check,
            isFailure: finding.verdict == .fail,
            asset: asset,
            sentence: asset == nil ? "The connection \(connection): \(message)" : message,
            mend: finding.mend.map(surroundings.redactor.redact),
            since: now
        )
    }

    // MARK: What ends

    private func expiries(_ settings: ServerSettings, at now: Timestamp) async -> [Outside.Warning] {
        var warnings: [Outside.Warning] = []
        if let secrets = surroundings.secrets as? ProjectSecrets {
            for look in await SecretLook.all(of: project, secrets, surroundings) {
                if let problem = look.problem {
                    let sentence = "The secret \(look.reference.text) cannot be read: \(problem)"
                    warnings.append(Outside.Warning(check: "secret", isFailure: true, sentence: sentence, since: now))
                } else if let end = look.expiresAt {
                    warnings += expiry(of: "The secret \(look.reference.text)", end, at: now)
                }
            }
        }
        for definition in project.connections {
            guard let path = definition.settings.certificateFile(in: project.root),
                let data = FileManager.default.contents(atPath: path),
                let end = Certificate(pem: Array(data))?.validity.upperBound
            else { continue }
            warnings += expiry(of: "The certificate of the connection \(definition.name)", end, at: now)
        }
        if let end = settings.identity?.expiresAt {
            warnings += expiry(of: "The certificate of the pages and the API (server.tls)", end, at: now)
        }
        return warnings
    }

    private func expiry(of what: String, _ end: Timestamp, at now: Timestamp) -> [Outside.Warning] {
        guard end <= now + SecretLook.notice else { return [] }
        let when = end > now ? "ends in \((end - now).briefly)" : "ended \((now - end).briefly) ago"
        return [
            Outside.Warning(
                check: Outside.Warning.expiry,
                isFailure: end <= now,
                sentence: "\(what) \(when)",
                mend: "put a new one in its place; a secret that is read again needs no restart",
                since: now
            )
        ]
    }
}

extension Outside.Warning {
    /// What stays the same from one look to the next.
    fileprivate var identity: [String] { [check, asset?.path ?? "", asset == nil ? sentence : ""] }
}

extension Settings {
    /// The file that `certificate` names; `nil` where it refers to a secret or holds the text itself.
    fileprivate func certificateFile(in root: String) -> String? {
        guard case .text(let text)? = value["certificate"]?.content, !text.contains("${"), !text.contains("-----")
        else { return nil }
        return text.hasPrefix("/") ? text : "\(root)/\(text)"
    }
}
