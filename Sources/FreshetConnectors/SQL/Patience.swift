private import CPostgres
private import Dispatch
private import FreshetCore
private import Glibc
private import Synchronization

/// How long, and until whose word, a thread waits for a socket.
struct Patience {
    private let deadline: UInt64
    private let interruption: Interruption

    init(_ timeout: Duration, _ interruption: Interruption) {
        // The database's own limit comes first: it leaves a session that can go on.
        self.init(deadline: Self.now + Self.milliseconds(timeout + .seconds(2)), interruption)
    }

    private init(deadline: UInt64, _ interruption: Interruption) {
        self.deadline = deadline
        self.interruption = interruption
    }

    /// The same, for at most `limit` from now.
    func limited(to limit: Duration) -> Patience {
        Patience(deadline: min(deadline, Self.now + Self.milliseconds(limit)), interruption)
    }

    /// Returns when the socket is ready.
    ///
    /// - Throws: ``SQLError/timedOut(after:)`` with zero, or ``SQLError/cancelled``.
    func wait(for socket: Int32, writing: Bool, reading: Bool) throws(SQLError) {
        let events = (writing ? Int16(POLLOUT) : 0) | (reading ? Int16(POLLIN) : 0)
        while true {
            var watched = [
                pollfd(fd: socket, events: events, revents: 0),
                pollfd(fd: interruption.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let now = Self.now
            guard now < deadline else { throw .timedOut(after: .zero) }
            let count = poll(&watched, 2, Int32(clamping: deadline - now))
            if interruption.isRaised { throw .cancelled }
            if count > 0, watched[0].revents != 0 { return }
        }
    }

    private static var now: UInt64 { DispatchTime.now().uptimeNanoseconds / 1_000_000 }
    private static func milliseconds(_ duration: Duration) -> UInt64 { UInt64(max(0, duration.inMilliseconds)) }
}

/// A word that reaches a thread which waits for a socket.
final class Interruption: Sendable {
    /// Readable once the word was given; -1, which `poll` passes over, when the process has no descriptor left.
    let descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func raise() {
        raised.store(true, ordering: .releasing)
        var one: UInt64 = 1
        // Fails only when it was raised without end before.
        _ = write(descriptor, &one, MemoryLayout.size(ofValue: one))
    }
}

/// Does what may block and what nobody waits for.
func inBackground(_ work: @escaping @Sendable () -> Void) { DispatchQueue.global().async(execute: work) }
