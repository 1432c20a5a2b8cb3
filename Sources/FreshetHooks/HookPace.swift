import FreshetCore

/// Lets so many through in a minute: as many at once, then one after the other.
///
/// This is the generic cell rate algorithm (ITU-T I.371), in whole milliseconds.
struct HookPace: Hashable, Sendable {
    private let interval: Duration
    /// When the next one would come if all came evenly.
    private var due: Timestamp

    init(perMinute: Int, at now: Timestamp) {
        interval = .milliseconds(60_000 / perMinute)
        due = now
    }

    /// - Returns: `nil` when it may pass, else how long it has to wait.
    mutating func take(at now: Timestamp) -> Duration? {
        due = max(due, now)
        let wait = (due - now) - (.seconds(60) - interval)
        guard wait <= .zero else { return wait }
        due = due + interval
        return nil
    }
}
