import Glibc
import Logging

/// Tells the service manager that started the process how it stands; silent where none asks to be told.
///
/// - SeeAlso: sd_notify(3) for the protocol: one datagram, lines of `NAME=value`, to the socket `$NOTIFY_SOCKET`.
struct ServiceNotice: Sendable {
    /// How often the manager wants to hear ``alive()``, at the least; `nil` when it does not watch.
    let watchdog: Duration?
    /// A path, or a name in Linux's abstract namespace after `@`.
    private let socketName: String?
    private let log: Logger

    init(_ environment: [String: String], log: Logger) {
        self.log = log
        socketName = environment["NOTIFY_SOCKET"].flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        // Meant for another process where a number is named and it is not ours.
        let isOurs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog = socketName != nil && isOurs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Requests are taken, and the engine works.
    func ready(_ status: String) { send("READY=1", "STATUS=\(status)") }
    /// The files are read again; ``ready(_:)`` follows.
    func reloading() { send("RELOADING=1", "STATUS=beginning again") }
    func stopping() { send("STOPPING=1", "STATUS=stopping; refreshes in flight go on") }
    func alive() { send("WATCHDOG=1") }

    private func send(_ lines: String...) {
        guard let socketName else { return }
        let problem = Self.send(Array(lines.joined(separator: "\n").utf8), to: socketName)
        // The manager would wait, then end us: what it was not told has to be found somewhere.
        if let problem { log.warning("\(lines[0]) does not reach the service manager at \(socketName): \(problem)") }
    }

    /// Never waits for a reader.
    private static func send(_ bytes: [UInt8], to name: String) -> String? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(name.utf8)
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return "the name is too long" }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        // unix(7): an abstract name begins with a zero byte, and ends where the length says.
        if name.hasPrefix("@") { address.sun_path.0 = 0 }
        let length = MemoryLayout.offset(of: \sockaddr_un.sun_path).map { $0 + path.count } ?? 0
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, flags, $0, socklen_t(length))
            }
        }
        return sent == bytes.count ? nil : String(cString: strerror(errno))
    }
}
