import FreshetCore
import FreshetCurl
import FreshetKit
import Glibc

/// Asks the daemon of a store, over its socket.
struct DaemonClient {
    private let socket: String
    private let transport: CurlTransport

    /// - Throws: ``Failure`` when the network library cannot start.
    init(store: String) throws {
        socket = SocketPath.of(store: store)
        do throws(HTTPError) { transport = try CurlTransport() } catch { throw Failure.other(error.message) }
    }

    /// Whether a daemon answers.
    func isRunning() async -> Bool {
        guard access(socket, F_OK) == 0 else { return false }
        let request = HTTPRequest("GET", "http://freshet/healthz", timeout: .seconds(5), unixSocket: socket)
        do throws(HTTPError) { return try await transport.send(request).status == 200 } catch { return false }
    }

    /// What the daemon answers, whatever it is.
    ///
    /// - Throws: ``Failure/daemon(_:)`` when none answers.
    func ask(_ method: String, _ path: String, _ body: JSONValue?) async throws -> (status: Int, document: JSONValue?) {
        var headers: HTTPHeaders = ["Freshet-Actor": Wiring.actor.name]
        if body != nil { headers["Content-Type"] = "application/json" }
        let request = HTTPRequest(
            method,
            "http://freshet" + path,
            headers: headers,
            body: body.map { Array($0.serialized().utf8) },
            timeout: .seconds(30),
            unixSocket: socket
        )
        do throws(HTTPError) {
            let response = try await transport.send(request)
            // An answer without a body, or of a proxy, has no document.
            return (response.status, try? JSONValue(parsing: response.body))
        } catch {
            throw error.reason == .cannotConnect ? Failure.noDaemon : Failure.daemon(error.message)
        }
    }

    /// - Returns: the answer's members.
    /// - Throws: ``Failure/daemon(_:)`` when none answers, ``Failure/daemonRefused(_:)`` when it says no.
    func post(_ path: String, _ body: JSONValue) async throws -> JSONValue {
        let request = HTTPRequest(
            "POST",
            "http://freshet/api/v1/" + path,
            headers: [
                "Content-Type": "application/json", "Freshet-Actor": Wiring.actor.name,
                "Idempotency-Key": Identifier.timeOrdered(at: Wiring.clock.now, chance: Wiring.chance),
            ],
            body: Array(body.serialized().utf8),
            timeout: .seconds(30),
            unixSocket: socket
        )
        guard access(socket, F_OK) == 0 else { throw Failure.noDaemon }
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try await transport.send(request)
        } catch {
            // A daemon that was killed leaves its socket behind; curl would name a host and a port that mean nothing.
            guard error.reason != .cannotConnect else { throw Failure.noDaemon }
            throw Failure.daemon(error.message)
        }
        guard (200..<300).contains(response.status) else {
            // A body that is not JSON says nothing more than the status.
            let answer = try? JSONValue(parsing: response.body)
            let reason = answer?["detail"]?.text ?? answer?["title"]?.text
            throw Failure.daemonRefused(reason ?? "status \(response.status)")
        }
        do { return try JSONValue(parsing: response.body) } catch { throw Failure.daemon("its answer is not JSON") }
    }
}
