public import FreshetCore
private import Glibc

/// The machine's wall clock.
///
/// A sleep measures with the monotonic clock in slices, so that a wall clock that is set forward or back moves a
/// wake-up by at most one slice.
public struct SystemClock: EngineClock {
    private static let slice = Duration.seconds(30)

    public init() {}

    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    public func sleep(until moment: Timestamp) async throws {
        while true {
            let left = moment - now
            guard left > .zero else { return try Task.checkCancellation() }
            try await Task.sleep(for: min(left, Self.slice))
        }
    }
}
