import ArgumentParser
import FreshetCore
import FreshetEngine
import FreshetKit
import FreshetServer
import Logging
import ServiceLifecycle
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

    func run() async throws {
        let host = try await EngineHost.start(options, level: verbose ? .debug : .info)
        let context = ServerContext(
            store: host.store,
            epoch: host.epoch,
            clock: host.surroundings.clock,
            chance: host.surroundings.chance,
            notices: Notices(
                trigger: { await host.engine.notice(trigger: $0) },
                cancel: { await host.engine.noticeCancel(of: $0, by: $1) },
                pause: { await host.engine.notice(isPaused: $0, $1) }
            )
        )
        var quiet = host.log
        quiet.logLevel = .warning
        let server = APIServer(socket: SocketPath.of(store: host.project.store), context: context, log: quiet)
        await host.engine.evaluateAll()
        host.log.info("\(host.project.name) is up: \(host.project.assets.count) assets, store \(host.project.store)")
        if host.project.mode == .observe { host.log.info("mode observe: decides, and posts nothing") }
        let group = ServiceGroup(
            services: [
                server, TriggerLoop(host.engine), RunTimerLoop(host.engine), SensorLoop(host.engine),
                HintLoop(host.engine), ScheduleLoop(host.engine), SupersedeWatch(host.engine),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        var failure: (any Error)?
        do { try await group.run() } catch { failure = error }
        host.log.info("stopping; refreshes in flight go on")
        await host.stop()
        if let failure {
            if failure is Superseded { throw Failure.store(.superseded, path: host.project.store) }
            throw Failure.other(host.surroundings.redactor.redact(String(describing: failure)))
        }
    }
}

/// Another daemon has taken the store.
struct Superseded: Error {}

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
