import Dispatch
import Glibc

/// A client of one exchange over a raw socket: it sees exactly what comes back, also nothing.
enum Wire {
    struct Broken: Error {}

    /// Sends `text` and reads until the server closes the connection.
    static func exchange(_ text: String, port: Int) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            // Blocking calls do not belong on the few threads that run tasks.
            DispatchQueue.global().async {
                continuation.resume(with: Result { try talk(text, port: port) })
            }
        }
    }

    private static func talk(_ text: String, port: Int) throws -> String {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(handle) }
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let bytes = Array(text.utf8)
        guard connected == 0, send(handle, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Broken()
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(handle, &buffer, buffer.count, 0)
            // A closed connection may show as a reset when the server had not read everything.
            if count < 0, errno != ECONNRESET { throw Broken() }
            if count <= 0 { return String(decoding: answer, as: UTF8.self) }
            answer += buffer.prefix(count)
        }
    }
}
