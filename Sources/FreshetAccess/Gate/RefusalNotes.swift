import FreshetCore
import FreshetKit
import Synchronization

/// Which refusals are in the audit already: of the same caller and route one a minute is enough, or a loop that never
/// gives up would fill the disk.
final class RefusalNotes: Sendable {
    private struct Subject: Hashable {
        var actor: Actor
        var route: Route
    }

    private static let pause = Duration.seconds(60)
    private static let capacity = 1000

    private let last = Mutex<[Subject: Timestamp]>([:])

    /// Whether this one is to be written down, which it then counts as.
    func isNews(_ actor: Actor, _ route: Route, at now: Timestamp) -> Bool {
        last.withLock { last in
            let subject = Subject(actor: actor, route: route)
            if let before = last[subject], now - before < Self.pause, now >= before { return false }
            if last.count >= Self.capacity { last = last.filter { now - $0.value < Self.pause } }
            if last.count >= Self.capacity { last = [:] }
            last[subject] = now
            return true
        }
    }
}
