private import CProcess
private import Glibc

/// The keeper's two pipes to the daemon: wishes come in, frames go out.
struct DaemonLink {
    /// What the daemon may say after the request; the end of the pipe is a cancellation too.
    enum Wish: UInt8 {
        case stop = 0x73
        case cancel = 0x63
    }

    private(set) var isOpen = true
    private(set) var isStopped = false
    private(set) var isCancelled = false
    private var isCancelTaken = false
    private var unsent: [UInt8] = []
    private var sent = 0
    /// Nobody reads any more.
    private var isBroken = false

    init() { _ = fr_set_nonblocking(1) }

    var hasUnsent: Bool { sent < unsent.count }
    var unsentCount: Int { unsent.count - sent }

    /// Whether a cancellation has come that was not taken yet; it shortens the grace of a stop, but only once.
    mutating func takeCancel() -> Bool {
        guard isCancelled, !isCancelTaken else { return false }
        isCancelTaken = true
        return true
    }

    mutating func readWishes() {
        var bytes = [UInt8](repeating: 0, count: 64)
        let got = read(0, &bytes, bytes.count)
        if got < 0, errno == EINTR || errno == EAGAIN { return }
        guard got > 0 else {
            isOpen = false
            isCancelled = true
            return
        }
        for byte in bytes.prefix(got) {
            switch Wish(rawValue: byte) {
            case .stop: isStopped = true
            case .cancel: isCancelled = true
            case nil: break
            }
        }
    }

    mutating func send(_ frame: KeeperFrame, _ payload: [UInt8]) {
        payload.withUnsafeBytes { send(frame, $0) }
    }

    mutating func send(_ frame: KeeperFrame, _ payload: UnsafeRawBufferPointer) {
        guard !isBroken else { return }
        unsent.append(frame.rawValue)
        unsent += FieldWriter().length(of: payload)
        unsent += payload
        write()
    }

    /// Writes as much as goes.
    mutating func write() {
        while hasUnsent {
            let count = unsent.withUnsafeBytes {
                Glibc.write(1, $0.baseAddress! + sent, $0.count - sent)  // There is something unsent.
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else {
                isBroken = true
                break
            }
            sent += count
        }
        unsent.removeAll(keepingCapacity: true)
        sent = 0
    }

    /// Writes all of it, however long the daemon takes to read; a daemon that is gone reads nothing.
    mutating func flush() {
        while hasUnsent, !isBroken {
            var polled = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
            poll(&polled, 1, -1)
            write()
        }
    }
}
