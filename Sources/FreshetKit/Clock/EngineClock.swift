public import FreshetCore

/// The seam to time.
///
/// Production code reads no other clock.
public protocol EngineClock: Sendable {
    var now: Timestamp { get }
    /// Returns at `moment` or soon after; at once when it has passed.
    ///
    /// - Throws: `CancellationError` when the task is cancelled first.
    func sleep(until moment: Timestamp) async throws
}

extension EngineClock {
    public func sleep(for duration: Duration) async throws { try await sleep(until: now + duration) }

    /// Returns at `moment`, when `event` has come, or when the task is cancelled; the caller tells them apart.
    ///
    /// - Parameters:
    ///   - moment: the latest to return at.
    ///   - event: returns when what is waited for has come, and when its task is cancelled.
    package func sleep(until moment: Timestamp, or event: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            // A sleep ends early only by cancellation, which the caller sees by itself.
            group.addTask { do { try await sleep(until: moment) } catch {} }
            group.addTask { await event() }
            await group.next()
            group.cancelAll()
        }
    }
}
