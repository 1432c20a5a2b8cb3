import Glibc

/// The one time everything in the emulator goes by: real time, shifted and sped up.
///
/// Nothing sleeps until a refresh ends. What a refresh looks like is computed from this clock when somebody asks,
/// so a test can jump over hours.
struct EmulatorClock: Sendable {
    private var anchor: Instant
    /// Reading of the monotonic clock at the anchor, in seconds.
    private var uptimeAtAnchor: Double
    private(set) var speed: Double

    init(anchor: Instant, uptime: Double, speed: Double) {
        self.anchor = anchor
        self.uptimeAtAnchor = uptime
        self.speed = speed
    }

    func now(uptime: Double) -> Instant { anchor + (uptime - uptimeAtAnchor) * speed }

    mutating func advance(by seconds: Double) { anchor = anchor + seconds }

    /// Changes the speed from now on; the time already passed stays as it was.
    mutating func run(at speed: Double, uptime: Double) {
        anchor = now(uptime: uptime)
        uptimeAtAnchor = uptime
        self.speed = speed
    }
}

/// The machine's own clocks, read in this file only.
enum MachineClock {
    /// Seconds on a clock that never jumps.
    static var uptime: Double { read(CLOCK_MONOTONIC).seconds }

    static var wall: Instant { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> Instant {
        var time = timespec()
        clock_gettime(clock, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }
}
