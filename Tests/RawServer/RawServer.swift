import Foundation
import Synchronization

/// A server that does with each connection exactly what a test says, byte by byte.
package final class RawServer: Sendable {
    private let listener: Int32
    private let path: String?
    package let port: UInt16
    private let accepted = Mutex(0)

    /// How many connections have been made.
    package var connections: Int { accepted.withLock { $0 } }
    package var url: String { "http://127.0.0.1:\(port)" }

    /// Listens on a port of its own or on a Unix socket, and hands each connection to `serve` on a thread of its own.
    package init(unixSocket: String? = nil, _ serve: @escaping @Sendable (RawConnection) -> Void) {
        path = unixSocket
        if let unixSocket {
            let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            self.listener = listener
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: unixSocket.utf8) }
            _ = withUnsafeBytes(of: &address) {
                bind(listener, $0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count))
            }
            port = 0
        } else {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            self.listener = listener
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            port = withUnsafeMutableBytes(of: &address) {
                let generic = $0.assumingMemoryBound(to: sockaddr.self).baseAddress!
                bind(listener, generic, size)
                getsockname(listener, generic, &size)
                return UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self))
            }
        }
        listen(listener, 512)
        Thread.detachNewThread { [listener, self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else {
                    // Here and not in ``stop()``: its number may be given away before this thread asks once more.
                    close(listener)
                    return
                }
                accepted.withLock { $0 += 1 }
                Thread.detachNewThread {
                    let connection = RawConnection(client)
                    serve(connection)
                    connection.close()
                }
            }
        }
    }

    package func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        if let path { unlink(path) }
    }
}

/// One connection of a ``RawServer``; used by its own thread only.
package final class RawConnection {
    package struct Request: Sendable {
        package var head: String
        package var body: [UInt8]
        package var line: String { String(head.prefix { $0 != "\r\n" }) }
        package func field(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { String($0.dropFirst(name.count + 1)).trimmingCharacters(in: .whitespaces) }
        }
    }

    private var socket: Int32
    private var buffer: [UInt8] = []

    init(_ socket: Int32) { self.socket = socket }

    /// The next request, or nil at the end.
    package func read() -> Request? {
        let end: [UInt8] = Array("\r\n\r\n".utf8)
        while true {
            if let range = buffer.firstRange(of: end) {
                var request = Request(head: String(decoding: buffer[..<range.upperBound], as: UTF8.self), body: [])
                let length = Int(request.field("Content-Length") ?? "0") ?? 0
                while buffer.count < range.upperBound + length { guard fill() else { return nil } }
                request.body = Array(buffer[range.upperBound..<(range.upperBound + length)])
                buffer.removeFirst(range.upperBound + length)
                return request
            }
            guard fill() else { return nil }
        }
    }

    /// Returns false when the other side is gone.
    @discardableResult package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    @discardableResult package func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    package func answer(_ body: String, status: String = "200 OK", headers: String = "") {
        write("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    func close() {
        guard socket >= 0 else { return }
        Foundation.close(socket)
        socket = -1
    }

    private func fill() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = recv(socket, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        buffer += chunk[..<count]
        return true
    }
}
