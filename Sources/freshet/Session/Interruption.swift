import Dispatch
import Glibc
private import Synchronization

/// Runs a piece of work until it ends, or until SIGINT or SIGTERM asks it to.
enum Interruption {
    /// - Returns: whether a signal ended it.
    /// - Throws: what `body` throws of its own accord.
    static func ending(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        let work = Task { try await body() }
        let flag = Flag()
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler {
                flag.raise()
                work.cancel()
            }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        let result = await work.result
        if flag.isRaised { return true }
        try result.get()
        return false
    }
}

/// Raised once, from any thread.
private final class Flag: Sendable {
    private let value = Mutex(false)

    var isRaised: Bool { value.withLock { $0 } }
    func raise() { value.withLock { $0 = true } }
}
