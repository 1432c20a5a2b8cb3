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
}
