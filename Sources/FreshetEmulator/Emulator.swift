import Glibc
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// A local Power BI, Entra and S3.
public enum Emulator {
    /// Serves until the task is cancelled.
    ///
    /// - Parameters:
    ///   - options: where to listen, and what exists at the start.
    ///   - ready: called once, when requests are accepted.
    /// - Throws: `EmulatorFileError` about the script or the state, or another when the address cannot be bound.
    public static func run(
        _ options: EmulatorOptions,
        ready: @escaping @Sendable (EmulatorReadiness) -> Void
    ) async throws {
        let identifiers = Identifiers(seed: UInt64.random(in: .min ... .max))
        let (start, state) = (World.Moment.now, options.state.map { StateFile(path: $0) })
        var world = World(options, identifiers: identifiers, at: start)
        if let kept = try state?.load() {
            world.restore(kept, at: start)
        } else if let script = options.script {
            try EmulatorScript.load(script, into: &world, start)
        }
        let endpoint = Endpoint(world, keptIn: state)
        defer { endpoint.save() }
        var logger = Logger(label: "freshet.emulator")
        // The server reports every start and every broken connection; a caller that drops them on purpose need not hear.
        logger.logLevel = .critical
        let server = try HTTPServerBuilder.http1().buildServer(
            configuration: ServerConfiguration(address: .hostname(options.host, port: options.port), backlog: 4_096),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger,
            responder: { request, writer, channel in
                try await endpoint.respond(to: request, writer, on: channel)
            },
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? options.port
                ready(EmulatorReadiness(seed: options.seed, url: "http://\(options.host):\(port)", pid: getpid()))
            }
        )
        try await server.run()
    }
}
