import FreshetAccess
import FreshetCore
import FreshetKit
import FreshetServer
import Logging
import ServiceLifecycle
import Synchronization

/// Where a daemon is reached: its socket, and the port if there is one.
struct Listeners {
    let host: EngineHost
    /// The project's.
    let folder: String
    let checkup: Checkup
    /// The address of the command line, or `off`; `nil` where it names none.
    let chosen: String?
    let isInsecureAllowed: Bool
    /// For what the servers themselves have to say.
    let quietLog: Logger
    /// Is told when all of them are open.
    let notice: ServiceNotice

    /// One on the socket, and one on the port that is asked for.
    ///
    /// - Parameter restart: is called when somebody asks that the daemon begin again.
    /// - Returns: what serves them, the socket first.
    /// - Throws: ``Failure``.
    func services(restart: @escaping @Sendable () -> Void) async throws -> [any Service] {
        var context = try Daemon.context(host, folder: folder, checkup: checkup) { restart() }
        let settings = ServerSettings(host.project)
        guard settings.diagnostics.isEmpty else {
            throw Failure.definitions(settings.diagnostics, root: host.project.root)
        }
        context.pace = RequestPace(perMinute: settings.requestsPerMinute)
        let listener = try await listener(settings)
        let door = Door(
            store: host.store,
            epoch: host.epoch,
            project: host.project,
            listener: listener,
            oidc: try await settings.oidc(host.surroundings),
            limits: settings.limits
        )
        let (gate, routes) = (door.control, door.routes)
        let (name, count) = (host.project.name, host.project.assets.count)
        let ready = Countdown(from: listener == nil ? 1 : 2) { notice.ready("\(name): \(count) assets") }
        let socket = SocketPath.of(store: host.project.store)
        let onSocket = APIServer(
            .socket(path: socket),
            context: context,
            gate: gate,
            routes: routes,
            log: quietLog
        ) { _ in
            let project = host.project
            host.log.info("\(project.name) is up: \(project.assets.count) assets, store \(project.store)")
            if project.mode == .observe { host.log.info("mode observe: decides, and posts nothing") }
            ready.count()
        }
        guard let listener else { return [onSocket] }
        let (log, address) = (host.log, listener.address)
        if listener.isInsecure { log.warning("\(address) is open to other machines without encryption") }
        let isOpen = Opened()
        let onPort = APIServer(
            .tcp(address, settings.identity),
            context: context,
            gate: gate,
            routes: routes,
            log: quietLog
        ) { port in
            isOpen.raise()
            door.place.set(listener, port: port ?? address.port)
            let scheme = listener.hasTLS ? "https" : "http"
            log.info("listening on \(scheme)://\(address.host):\(port ?? address.port) ('freshet ui' opens the pages)")
            ready.count()
        }
        if (chosen ?? host.project.listen) != nil { return [onSocket, onPort] }
        let unchosen = UnchosenPort(server: onPort, isOpen: isOpen) {
            log.warning(
                "no pages: another program listens on \(address); choose an address with 'server.listen' or --listen"
            )
            ready.count()
        }
        return [onSocket, unchosen]
    }

    /// Where the network reaches the daemon, if that is safe.
    private func listener(_ settings: ServerSettings) async throws -> FreshetAccess.Listener? {
        let text = chosen ?? host.project.listen ?? ListenAddress.standard.description
        guard text != "off", let address = ListenAddress(text) else { return nil }
        let users: [UserRecord]
        do throws(StoreError) { users = try await host.store.users() } catch {
            throw Failure.store(error, path: host.project.store)
        }
        var listener = settings.listener(at: address)
        listener.hasLogin = settings.hasOIDC || users.contains { $0.passwordHash != nil && $0.disabledAt == nil }
        listener.isInsecureAllowed = isInsecureAllowed
        let problems = listener.problems.map(\.description)
        if problems.count > 1 {
            let list = problems.map { "\n  - \($0)" }.joined()
            throw Failure.usage("\(problems.count) things speak against listening there:\(list)", mend: nil)
        }
        if let problem = problems.first { throw Failure.usage(problem, mend: nil) }
        return listener
    }
}

/// The port that nobody has chosen: where another program has it, the daemon does without.
private struct UnchosenPort: Service {
    let server: APIServer
    let isOpen: Opened
    /// Is told when the port cannot be had.
    let onRefusal: @Sendable () -> Void

    func run() async throws {
        do {
            try await server.run()
        } catch  where !isOpen.isRaised {
            onRefusal()
            try await gracefulShutdown()
        }
    }
}

/// Raised once.
private final class Opened: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .acquiring) }
    func raise() { value.store(true, ordering: .releasing) }
}
