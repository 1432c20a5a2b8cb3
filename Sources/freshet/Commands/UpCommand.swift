import ArgumentParser
import FreshetCore
import FreshetEngine
import FreshetKit
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
            listeners = try await Listeners(
                host: host,
                folder: options.folder(),
                checkup: checkup,
                chosen: listen,
                isInsecureAllowed: insecureListen,
                quietLog: quiet,
                notice: notice
            ).services { restart.raise() }
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
}

/// Another daemon has taken the store.
struct Superseded: Error {}

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
