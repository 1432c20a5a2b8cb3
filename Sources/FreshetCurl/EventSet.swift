private import CCurl
private import Glibc

/// An epoll set, and an eventfd in it that wakes a waiting thread.
final class EventSet: Sendable {
    /// A socket that is ready, and for what, as `CURL_CSELECT_…` bits.
    struct Event {
        var socket: Int32
        var readiness: Int32
    }

    private let epoll: Int32
    private let wakeUp: Int32
    private static let capacity = 256

    /// Fails when the process has no descriptor left.
    init?() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeUp = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard epoll >= 0, wakeUp >= 0, control(EPOLL_CTL_ADD, wakeUp, EPOLLIN.rawValue) == 0 else { return nil }
    }

    deinit {
        close(epoll)
        close(wakeUp)
    }

    /// Makes the present or the next ``wait(milliseconds:)`` return; may be called from any thread.
    func wake() {
        var one: UInt64 = 1
        // A full counter is the only failure, and then the thread is awake already.
        _ = write(wakeUp, &one, MemoryLayout.size(ofValue: one))
    }

    /// Watches a socket for what `interest` says, as `CURL_POLL_…` bits.
    func watch(_ socket: Int32, for interest: Int32) {
        guard interest != CURL_POLL_REMOVE else {
            // Fails when libcurl has closed the socket already, and then it has left the set by itself.
            _ = control(EPOLL_CTL_DEL, socket, 0)
            return
        }
        var events: UInt32 = 0
        if interest & CURL_POLL_IN != 0 { events |= EPOLLIN.rawValue }
        if interest & CURL_POLL_OUT != 0 { events |= EPOLLOUT.rawValue }
        // A closed socket leaves the set without a word, and its number comes back: the set itself knows best.
        if control(EPOLL_CTL_MOD, socket, events) != 0 { _ = control(EPOLL_CTL_ADD, socket, events) }
    }

    /// The sockets that are ready; none after a wake-up or when `milliseconds` have passed (-1 waits without limit).
    func wait(milliseconds: Int32) -> [Event] {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.capacity) { ready in
            let count = Int(epoll_wait(epoll, ready.baseAddress, Int32(Self.capacity), milliseconds))
            guard count > 0 else { return [] }
            return ready[..<count].compactMap { event in
                guard event.data.fd != wakeUp else {
                    var counter: UInt64 = 0
                    _ = read(wakeUp, &counter, MemoryLayout.size(ofValue: counter))
                    return nil
                }
                return Event(socket: event.data.fd, readiness: Self.readiness(event.events))
            }
        }
    }

    private static func readiness(_ events: UInt32) -> Int32 {
        var readiness: Int32 = 0
        if events & EPOLLIN.rawValue != 0 { readiness |= CURL_CSELECT_IN }
        if events & EPOLLOUT.rawValue != 0 { readiness |= CURL_CSELECT_OUT }
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { readiness |= CURL_CSELECT_ERR }
        return readiness
    }

    private func control(_ operation: Int32, _ socket: Int32, _ events: UInt32) -> Int32 {
        var event = epoll_event()
        event.events = events
        event.data.fd = socket
        return epoll_ctl(epoll, operation, socket, &event)
    }
}
