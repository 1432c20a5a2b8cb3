import Glibc
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization

/// A local Power BI, Entra, Key Vault and S3.
public enum Emulator {
    /// Serves until the task is cancelled.
    ///
    /// - Parameters:
    ///   - options: where to listen, and what exists at the start.
    ///   - ready: called once, when requests are accepted.
    /// - Throws: `EmulatorFileError` about the script, the state or the authority, or another when an address cannot be
    ///   bound.
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
        let authority = try options.tls.map { try Self.authority(in: $0.directory) }
        defer { authority?.discard() }
        let caFile = authority?.file
        let doors = Doors(count: authority == nil ? 1 : 2) { plain, secure in
            ready(EmulatorReadiness(options, port: plain, securePort: secure, caFile: caFile, pid: getpid()))
        }
        let secure = try authority.map { try builder(for: try $0.identity()) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await serve(endpoint, on: options.host, port: options.port, .http1()) { doors.open(plain: $0) }
            }
            if let secure, let tls = options.tls {
                group.addTask {
                    try await serve(endpoint, on: options.host, port: tls.port, secure, isSecure: true) {
                        doors.open(secure: $0)
                    }
                }
            }
            // One without the other is not what was asked for.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private static func serve(
        _ endpoint: Endpoint,
        on host: String,
        port: Int,
        _ builder: HTTPServerBuilder,
        isSecure: Bool = false,
        running: @escaping @Sendable (Int) -> Void
    ) async throws {
        var logger = Logger(label: "freshet.emulator")
        // The server reports every start and every broken connection; a caller that drops them on purpose need not hear.
        logger.logLevel = .critical
        let server = try builder.buildServer(
            configuration: ServerConfiguration(address: .hostname(host, port: port), backlog: 4_096),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger,
            responder: { request, writer, channel in
                try await endpoint.respond(to: request, writer, on: channel, isSecure: isSecure)
            },
            onServerRunning: { channel in running(channel.localAddress?.port ?? port) }
        )
        try await run(server, logger)
    }

    /// Ends in order when the task is cancelled: what was accepted is served first, for at most two seconds.
    ///
    /// A server whose own task is cancelled drops connections that it has accepted and not looked at, and NIO takes the
    /// process down with them.
    private static func run(_ server: any Service, _ logger: Logger) async throws {
        let service = ServiceGroupConfiguration.ServiceConfiguration(
            service: server,
            successTerminationBehavior: .gracefullyShutdownGroup
        )
        var configuration = ServiceGroupConfiguration(services: [service], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(2)
        let group = ServiceGroup(configuration: configuration)
        let running = Task { try await group.run() }
        try await withTaskCancellationHandler {
            try await running.value
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }

    private static func authority(in folder: String?) throws(EmulatorFileError) -> CertificateAuthority {
        do throws(CertificateError) {
            guard let folder else { return try .temporary() }
            return try .kept(in: folder)
        } catch {
            throw error.fileError
        }
    }

    private static func builder(for identity: CertificateAuthority.Identity) throws -> HTTPServerBuilder {
        let chain = try NIOSSLCertificate.fromPEMBytes(identity.chain)
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: identity.key, format: .pem))
        )
        return try .tls(.http1(), tlsConfiguration: configuration)
    }
}

/// The ports that are to open, so that the readiness is told once, when all have.
private final class Doors: Sendable {
    private struct State {
        var closed: Int
        var plain = 0
        var secure: Int?
    }
    private let state: Mutex<State>
    private let allOpen: @Sendable (_ plain: Int, _ secure: Int?) -> Void

    init(count: Int, allOpen: @escaping @Sendable (_ plain: Int, _ secure: Int?) -> Void) {
        state = Mutex(State(closed: count))
        self.allOpen = allOpen
    }

    func open(plain port: Int) { opened { $0.plain = port } }

    func open(secure port: Int) { opened { $0.secure = port } }

    private func opened(_ note: (inout State) -> Void) {
        let state = state.withLock { state in
            note(&state)
            state.closed -= 1
            return state
        }
        if state.closed == 0 { allOpen(state.plain, state.secure) }
    }
}
