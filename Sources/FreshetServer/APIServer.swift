public import FreshetCore
public import FreshetKit
import Glibc
import Hummingbird
public import Logging
import NIOCore
public import ServiceLifecycle

/// Takes requests on a Unix socket: it writes them to the store, and says that it has.
///
/// Whoever may open the socket may do all of it: the file belongs to the daemon's user, with mode 0600.
public struct APIServer: Service {
    private let socket: String
    private let context: ServerContext
    private let log: Logger

    public init(socket: String, context: ServerContext, log: Logger) {
        self.socket = socket
        self.context = context
        self.log = log
    }

    /// Returns when the service group stops.
    ///
    /// - Throws: when the socket cannot be bound.
    public func run() async throws {
        // Left by a daemon that was killed: whoever holds the store's lock owns the socket too.
        unlink(socket)
        let old = umask(0o077)
        let router = Router()
        for register in RouteTable.all { register(router.group("api/v1"), context) }
        router.get("healthz") { _, _ in "ok\n" }
        let application = Application(
            router: router,
            configuration: .init(address: .unixDomainSocket(path: socket), serverName: "freshet"),
            onServerRunning: { _ in umask(old) },
            logger: log
        )
        defer { unlink(socket) }
        try await application.run()
    }
}

/// What the routes work with.
public struct ServerContext: Sendable {
    public var store: any RunStore
    public var epoch: Epoch
    public var clock: any EngineClock
    /// A uniform value in 0..<1.
    public var chance: @Sendable () -> Double
    public var notices: Notices

    public init(
        store: any RunStore,
        epoch: Epoch,
        clock: any EngineClock,
        chance: @escaping @Sendable () -> Double,
        notices: Notices
    ) {
        self.store = store
        self.epoch = epoch
        self.clock = clock
        self.chance = chance
        self.notices = notices
    }

    func writer(_ actor: Actor) -> Writer { Writer(epoch: epoch, actor: actor) }
}

/// Tells the engine that the store holds something new.
public struct Notices: Sendable {
    public var trigger: @Sendable (TriggerID) async -> Void
    public var cancel: @Sendable (RunID, Actor) async -> Void
    /// `nil` stands for everything.
    public var pause: @Sendable (Bool, AssetKey?) async -> Void

    public init(
        trigger: @escaping @Sendable (TriggerID) async -> Void,
        cancel: @escaping @Sendable (RunID, Actor) async -> Void,
        pause: @escaping @Sendable (Bool, AssetKey?) async -> Void
    ) {
        self.trigger = trigger
        self.cancel = cancel
        self.pause = pause
    }
}
