import FreshetEngine
import FreshetKit
import ServiceLifecycle
import Synchronization

/// Tells the service manager, as long as the engine answers, that it does; and when the daemon begins to stop.
struct ServiceNoticeLoop: Service {
    let notice: ServiceNotice
    let engine: Engine
    let clock: any EngineClock
    /// Whether the daemon begins again after it has stopped.
    let isRestarting: @Sendable () -> Bool

    func run() async throws {
        await withGracefulShutdownHandler {
            await cancelWhenGracefulShutdown { await keepTelling() }
        } onGracefulShutdown: {
            if isRestarting() { notice.reloading() } else { notice.stopping() }
        }
    }

    private func keepTelling() async {
        do {
            while true {
                // Half of what is asked for, as sd_watchdog_enabled(3) advises.
                try await clock.sleep(for: notice.watchdog.map { $0 / 2 } ?? .seconds(86_400))
                guard notice.watchdog != nil else { continue }
                // Answered by the engine itself: one that is stuck in its work lets the manager's patience run out.
                _ = await engine.isSuperseded
                notice.alive()
            }
        } catch {
            // Cancelled: the service group stops.
        }
    }
}

/// Does something once, when it has been asked for so many times.
final class Countdown: Sendable {
    private let left: Mutex<Int>
    private let action: @Sendable () -> Void

    init(from count: Int, _ action: @escaping @Sendable () -> Void) {
        left = Mutex(count)
        self.action = action
    }

    func count() {
        let isLast = left.withLock { left in
            left -= 1
            return left == 0
        }
        if isLast { action() }
    }
}
