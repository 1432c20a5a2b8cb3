private import Glibc

/// Wakes a thread that waits in `poll`: a pair of sockets that holds a byte while it rings.
final class SQLBell: Sendable {
    /// Readable from the ringing until it is silenced.
    let descriptor: Int32
    private let rope: Int32

    init() throws(SQLError) {
        var ends: [Int32] = [-1, -1]
        // Unlike pipe(2), which Swift sees without its flags, this is closed in children from the beginning.
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        guard socketpair(AF_UNIX, Int32(kind), 0, &ends) == 0 else {
            throw .noConnection(reason: String(cString: strerror(errno)))
        }
        descriptor = ends[0]
        rope = ends[1]
    }

    deinit {
        close(descriptor)
        close(rope)
    }

    /// One that is full rings already.
    func ring() { _ = withUnsafeBytes(of: UInt8(1)) { write(rope, $0.baseAddress, 1) } }

    func silence() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }
}
