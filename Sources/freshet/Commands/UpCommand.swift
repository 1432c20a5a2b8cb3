import ArgumentParser
import FreshetAccess
import FreshetCore
import FreshetEngine
import FreshetKit
import FreshetServer
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run the daemon: watch, decide, refresh.",
        usage: "freshet up [options]",
        discussion: """
            Ctrl-C or SIGTERM stops it; refreshes in flight go on in Power BI and are taken up again at the next start.
            """
    )

    @OptionGroup var options: ProjectOptions

    @Flag(name: .shortAndLong, help: "Log every look of every sensor.")
    var verbose = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where the API and the pages listen, such as 127.0.0.1:8640, or 'off'; otherwise 'server.listen'.",
            valueName: "address"
        )
    )
    var listen: String?

    @Flag(
        name: .long,
        help: "Listen for other machines without encryption or login; everybody on the network can read along."
    )
    var insecureListen = false

    func validate() throws {
        guard let listen, listen != "off", ListenAddress(listen) == nil else { return }
        throw ValidationError("--listen '\(listen)' is not an address; write 127.0.0.1:8640, [::1]:8640 or off")
    }

    func run() async throws {
        while try await runOnce() {}
    }

    /// - Returns: whether to begin again, with the files as they are now.
    private func runOnce() async throws -> Bool {
        let host = try await EngineHost.start(options, level: verbose ? .debug : .info)
        let restart = Restart()
        let checkup = Checkup(host)
        let notice = ServiceNotice(Wiring.environment, log: host.log)
        let listeners: [any Service]
        var quiet = host.log
        quiet.logLevel = .warning
        do {
            listeners = try await servers(host, quiet, checkup, restart, notice)
        } catch {
            await host.stop()
            throw error
        }
        await host.engine.evaluateAll()
        await HookDoor(host.project.hooks, host.surroundings, host.log).complain()
        let group = ServiceGroup(
            // The last to begin is the first to stop: what ends last is still told of.
            services: Telemetry.services(host) + listeners + [
                TriggerLoop(host.engine), RunTimerLoop(host.engine), SensorLoop(host.engine), HintLoop(host.engine),
                ScheduleLoop(host.engine), SupersedeWatch(host.engine), checkup,
                ServiceNoticeLoop(notice: notice, engine: host.engine, clock: host.surroundings.clock) {
                    restart.isWanted
                },
            ] as [any Service],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        restart.set { await group.triggerGracefulShutdown() }
        var failure: (any Error)?
        do { try await group.run() } catch { failure = error }
        host.log.info(restart.isWanted ? "beginning again" : "stopping; refreshes in flight go on")
        await host.stop()
        if let failure {
            if failure is Superseded { throw Failure.store(.superseded, path: host.project.store) }
            throw Failure.other(host.surroundings.redactor.redact(String(describing: failure)))
        }
        return restart.isWanted
    }

    /// One on the socket, and one on the port that is asked for.
    private func servers(
        _ host: EngineHost,
        _ quiet: Logger,
        _ checkup: Checkup,
        _ restart: Restart,
        _ notice: ServiceNotice
    ) async throws -> [any Service] {
        var context = try Daemon.context(host, folder: try options.folder(), checkup: checkup) { restart.raise() }
        let settings = ServerSettings(host.project)
        guard settings.diagnostics.isEmpty else {
            throw Failure.definitions(settings.diagnostics, root: host.project.root)
        }
        context.pace = RequestPace(perMinute: settings.requestsPerMinute)
        let listener = try await listener(host, settings)
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
            log: quiet
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
            log: quiet
        ) { port in
            isOpen.raise()
            door.place.set(listener, port: port ?? address.port)
            let scheme = listener.hasTLS ? "https" : "http"
            log.info("listening on \(scheme)://\(address.host):\(port ?? address.port) ('freshet ui' opens the pages)")
            ready.count()
        }
        if (listen ?? host.project.listen) != nil { return [onSocket, onPort] }
        let unchosen = UnchosenPort(server: onPort, isOpen: isOpen) {
            log.warning(
                "no pages: another program listens on \(address); choose an address with 'server.listen' or --listen"
            )
            ready.count()
        }
        return [onSocket, unchosen]
    }

    /// Where the network reaches the daemon, if that is safe.
    private func listener(_ host: EngineHost, _ settings: ServerSettings) async throws -> FreshetAccess.Listener? {
        let text = listen ?? host.project.listen ?? ListenAddress.standard.description
        guard text != "off", let address = ListenAddress(text) else { return nil }
        let users: [UserRecord]
        do throws(StoreError) { users = try await host.store.users() } catch {
            throw Failure.store(error, path: host.project.store)
        }
        var listener = settings.listener(at: address)
        listener.hasLogin = settings.hasOIDC || users.contains { $0.passwordHash != nil && $0.disabledAt == nil }
        listener.isInsecureAllowed = insecureListen
        let problems = listener.problems.map(\.description)
        if problems.count > 1 {
            let list = problems.map { "\n  - \($0)" }.joined()
            throw Failure.usage("\(problems.count) things speak against listening there:\(list)", mend: nil)
        }
        if let problem = problems.first { throw Failure.usage(problem, mend: nil) }
        return listener
    }
}

/// Another daemon has taken the store.
struct Superseded: Error {}

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

/// Says that the daemon is to begin again.
private final class Restart: Sendable {
    private struct State {
        var isWanted = false
        var begin: (@Sendable () async -> Void)?
    }
    private let state = Mutex(State())

    var isWanted: Bool { state.withLock { $0.isWanted } }

    func set(_ begin: @escaping @Sendable () async -> Void) { state.withLock { $0.begin = begin } }

    /// Returns at once: the answer to the request that asks for it goes out first.
    func raise() {
        let begin = state.withLock { state in
            state.isWanted = true
            return state.begin
        }
        Task { await begin?() }
    }
}

/// Ends the service group when the engine finds that it may write no more.
private struct SupersedeWatch: Service {
    let engine: Engine

    init(_ engine: Engine) { self.engine = engine }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            await engine.untilSuperseded()
            if await engine.isSuperseded { throw Superseded() }
        }
    }
}
