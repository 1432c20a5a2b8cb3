import FreshetCore
public import FreshetKit
import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
public import Logging
import NIOCore
public import ServiceLifecycle

/// Answers on one address: the daemon's Unix socket, or a port of this machine.
///
/// Whoever may open the socket may do all of it: the file belongs to the daemon's user, with mode 0600.
public struct APIServer: Service {
    public enum Listener: Sendable {
        case socket(path: String)
        /// Encrypted, if an identity is given.
        case tcp(ListenAddress, TLSIdentity? = nil)
    }

    /// How long a connection may say nothing before a request, or in the midst of one.
    private static let idle = Duration.seconds(75)
    /// How many connections one port holds; further ones wait in the kernel's queue.
    private static let mostConnections = 4096

    private let listener: Listener
    private let dispatcher: Dispatcher
    private let log: Logger
    private let onListening: @Sendable (Int?) -> Void

    /// - Parameters:
    ///   - listener: where.
    ///   - context: what the routes work with; the same for all listeners of a daemon.
    ///   - gate: who is let in.
    ///   - log: is told what goes wrong.
    ///   - onListening: is called with the port once requests are taken.
    public init(
        _ listener: Listener,
        context: ServerContext,
        gate: any Gate,
        log: Logger,
        onListening: @escaping @Sendable (Int?) -> Void = { _ in }
    ) {
        self.init(listener, context: context, gate: gate, routes: [], log: log, onListening: onListening)
    }

    /// A server with further routes, such as those for signing in; one with the name of another takes its place.
    package init(
        _ listener: Listener,
        context: ServerContext,
        gate: any Gate,
        routes: [Route],
        log: Logger,
        onListening: @escaping @Sendable (Int?) -> Void = { _ in }
    ) {
        self.listener = listener
        self.log = log
        self.onListening = onListening
        let others = Set(routes.map(\.operation))
        dispatcher = Dispatcher(
            routes: RouteTable.all.filter { !others.contains($0.operation) } + routes,
            gate: gate,
            context: context,
            counts: context.sight.requests,
            log: log
        )
    }

    /// Returns when the service group stops.
    ///
    /// - Throws: when it cannot listen there.
    public func run() async throws {
        let address: BindAddress
        var mask: mode_t?
        var builder = HTTPServerBuilder.http1(configuration: .init(idleTimeout: TimeAmount(Self.idle)))
        switch listener {
        case .socket(let path):
            // Left by a daemon that was killed: whoever holds the store's lock owns the socket too.
            unlink(path)
            mask = umask(0o077)
            address = .unixDomainSocket(path: path)
        case .tcp(let place, let identity):
            address = .hostname(place.host, port: place.port)
            if let identity { builder = try .tls(builder, tlsConfiguration: identity.configuration) }
        }
        defer { if case .socket(let path) = listener { unlink(path) } }
        let old = mask
        let application = Application(
            responder: CallbackResponder<PeerContext> { [listener, dispatcher] request, context in
                let peer = listener.isSocket ? GateRequest.Peer.unixSocket : .tcp(address: context.address)
                let incoming = request.incoming(peer: peer, isTLS: listener.isTLS)
                return Response(await dispatcher.answer(incoming), isHead: request.method == .head)
            },
            server: builder,
            configuration: .init(
                address: address,
                serverName: "freshet",
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections)
            ),
            onServerRunning: { channel in
                if let old { umask(old) }
                onListening(channel.localAddress?.port)
            },
            logger: log
        )
        do { try await application.run() } catch let error as IOError {
            throw CannotListen(place: listener.description, reason: String(cString: strerror(error.errnoCode)))
        }
    }
}

/// Nothing can be served at an address, most often because another program does.
struct CannotListen: Error, CustomStringConvertible {
    var place: String
    var reason: String

    var description: String { "cannot listen on \(place): \(reason)" }
}

extension APIServer.Listener {
    fileprivate var isSocket: Bool { if case .socket = self { true } else { false } }

    fileprivate var isTLS: Bool { if case .tcp(_, .some) = self { true } else { false } }

    fileprivate var description: String {
        switch self {
        case .socket(let path): path
        case .tcp(let address, _): address.description
        }
    }
}

/// Knows who is at the other end.
private struct PeerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let address: String

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? ""
    }
}

extension Request {
    fileprivate func incoming(peer: GateRequest.Peer, isTLS: Bool) -> Dispatcher.Incoming {
        var headers = self.headers.map { (name: $0.name.canonicalName, value: $0.value) }
        // HTTPTypes keeps it apart, as HTTP/2 does.
        if let host = head.authority { headers.append((name: "host", value: host)) }
        let target = (head.path ?? "/").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let body = body
        return Dispatcher.Incoming(
            method: method.rawValue,
            path: String(target[0]),
            query: target.count > 1 ? String(target[1]) : nil,
            headers: headers,
            peer: peer,
            isTLS: isTLS,
            body: { limit in
                // Whoever sends slowly does not keep the daemon from stopping.
                try await cancelWhenGracefulShutdown {
                    var bytes: [UInt8] = []
                    for try await part in body {
                        guard bytes.count + part.readableBytes <= limit else { return nil }
                        bytes += part.readableBytesView
                    }
                    try Task.checkCancellation()
                    return bytes
                }
            }
        )
    }
}

extension Response {
    fileprivate init(_ answer: Answer, isHead: Bool) {
        var fields = HTTPFields()
        for (name, value) in answer.headers {
            // The names are ours, and all of them tokens.
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.body {
        case .none: self.init(status: status, headers: fields)
        case .bytes(let bytes, let type):
            fields[.contentType] = type
            if isHead { fields[.contentLength] = String(bytes.count) }
            self.init(
                status: status,
                headers: fields,
                body: isHead ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            )
        case .stream(let type, let source):
            fields[.contentType] = type
            guard !isHead else {
                self.init(status: status, headers: fields)
                return
            }
            self.init(
                status: status,
                headers: fields,
                body: ResponseBody { writer in
                    var writer = writer
                    try await withGracefulShutdownHandler {
                        try await source.pieces { try await writer.write(ByteBuffer(bytes: $0)) }
                    } onGracefulShutdown: {
                        source.end()
                    }
                    try await writer.finish(nil)
                }
            )
        }
    }
}
