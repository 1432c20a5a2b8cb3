package import FreshetKit
private import Synchronization

/// Sends requests with libcurl: one thread and one epoll set for all connections.
///
/// Speaks HTTP/1.1 and follows no redirect. A request on a kept connection that turns out to be dead may be sent again
/// by libcurl; ``HTTPRequest/onFreshConnection`` rules that out.
package final class CurlTransport: HTTPTransport {
    /// What holds for every request of one transport.
    package struct Options: Sendable {
        /// Requests beyond that wait until a connection to their host is free.
        package var connectionsPerHost = 16
        /// From the start of a request to the end of its TLS handshake.
        package var connectTimeout: Duration = .seconds(10)
        /// A PEM file that replaces the system's certificate authorities.
        package var caFile: String?
        package var proxy = Proxy.environment
        package var userAgent = "freshet"

        package init() {}
    }

    /// Where requests go through; never for Unix sockets.
    package enum Proxy: Sendable {
        /// As `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy` say.
        case environment
        case none
        /// An absolute URL.
        case url(String)
    }

    private let loop: CurlLoop

    /// - Throws: ``HTTPError/Reason/other`` when the system has no thread, memory or descriptor left.
    package init(_ options: Options = Options()) throws(HTTPError) {
        loop = try CurlLoop(options)
    }

    deinit { loop.stop() }

    /// Ends every request in flight as cancelled, without waiting, and refuses further ones in the same way.
    package func stop() { loop.stop() }

    package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        if let mistake = request.mistake { throw mistake }
        let exchange = Exchange(request)
        let result: Result<HTTPResponse, HTTPError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchange.continuation = continuation
                loop.start(exchange)
            }
        } onCancel: {
            exchange.isCancelled.store(true, ordering: .releasing)
            loop.cancel(exchange)
        }
        return try result.get()
    }
}
