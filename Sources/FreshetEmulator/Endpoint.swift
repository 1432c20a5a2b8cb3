import Glibc
import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

/// The emulator behind its socket: turns requests into calls, waits where the script says so, and writes the replies.
final class Endpoint: Sendable {
    private let world: Mutex<World>
    private let state: StateFile?

    /// The largest body taken, in bytes.
    private static let bodyLimit = 512 * 1_024 * 1_024

    /// Ends the handling of a connection that was closed on purpose.
    private struct Closed: Error {}

    /// - Parameters:
    ///   - world: what there is at the start.
    ///   - state: where it is kept, if at all.
    init(_ world: World, keptIn state: StateFile? = nil) {
        self.world = Mutex(world)
        self.state = state
    }

    func respond(to request: Request, _ writer: consuming ResponseWriter, on channel: any Channel) async throws {
        if request.headers[.expect]?.lowercased() == "100-continue" {
            try await writer.writeInformationalHead(HTTPResponse(status: .continue))
        }
        let body = try await request.body.collect(upTo: Endpoint.bodyLimit)
        let call = Call(request, body: Array(body.readableBytesView))
        let receipt = world.withLock { $0.receive(call, at: .now) }
        let action = receipt.action
        if let delay = action?.delay, delay > 0 { try await Task.sleep(for: .seconds(delay)) }
        let reply = world.withLock { world in
            let reply = world.answer(call, receipt, at: .now)
            // Before anybody knows of the change, and in the order of changes.
            if receipt.mayChangeState { save(world) }
            return reply
        }
        if let delay = action?.delayReply, delay > 0 { try await Task.sleep(for: .seconds(delay)) }
        guard let reply else {
            // The server writes nothing by itself here, so the caller sees an empty reply and a closed connection.
            try await channel.close()
            throw Closed()
        }
        try await Endpoint.write(reply, writer, on: channel)
    }

    /// Keeps the state as it is now, if it is to be kept.
    func save() { world.withLock { save($0) } }

    private func save(_ world: borrowing World) {
        do throws(EmulatorFileError) {
            try state?.save(world.saved(at: .now))
        } catch {
            // The request is answered all the same; only a restart will show.
            let line = Array("freshet emulator: \(error)\n".utf8)
            _ = Glibc.write(STDERR_FILENO, line, line.count)
        }
    }

    private static func write(_ reply: Reply, _ writer: consuming ResponseWriter, on channel: any Channel) async throws
    {
        var head = HTTPResponse(status: .init(code: reply.status))
        for (name, value) in reply.headers {
            guard let name = HTTPField.Name(name) else { continue }
            head.headerFields.append(HTTPField(name: name, value: value))
        }
        let length = reply.announcedLength ?? reply.body.count
        // RFC 9110 §8.6: these two never have a body, and say so by having no length.
        if reply.status != 204, reply.status != 304 { head.headerFields[.contentLength] = String(length) }
        var body = try await writer.writeHead(head)
        if !reply.body.isEmpty { try await body.write(ByteBuffer(bytes: reply.body)) }
        if reply.isTruncated {
            try await channel.close()
            throw Closed()
        }
        try await body.finish(nil)
    }
}

extension Call {
    init(_ request: Request, body: [UInt8]) {
        // The server keeps Host apart from the other headers; signatures cover it like any.
        let host = request.head.authority.map { [(name: "host", value: $0)] } ?? []
        self.init(
            request.method.rawValue,
            request.head.path ?? "/",
            headers: host + request.headers.map { ($0.name.canonicalName, $0.value) },
            body: body
        )
    }
}
