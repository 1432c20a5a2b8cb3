import FreshetCore
import FreshetKit

/// What the trigger loop has to do, so that it need not go through everything that waits.
struct Agenda {
    /// Targets of pending triggers that something has happened to.
    var candidates: Set<AssetKey> = []
    /// Targets of pending triggers that have to wait for a moment.
    var later = Timers<AssetKey>()
    /// Targets of pending triggers that wait for a run, a look or a person.
    var blocked: Set<AssetKey> = []
    /// Decisions that the store refused, to be made again.
    var owed: [Owed] = []
    /// Whether the store refused something since the last ``close(at:)``.
    var isRefused = false
    /// When to turn to the store again, after it refused.
    private(set) var nextTry: Timestamp?
    private var patience = Self.shortestPatience

    struct Owed {
        var targets: Set<AssetKey>
        var kind: TriggerRecord.Kind
        var key: String
    }

    private static let shortestPatience = Duration.seconds(1)
    private static let longestPatience = Duration.seconds(30)

    mutating func unblock() {
        candidates.formUnion(blocked)
        blocked = []
    }

    /// Sets when to turn to the store again, twice as late each time that it refused.
    mutating func close(at now: Timestamp) {
        nextTry = isRefused ? now + patience : nil
        patience = isRefused ? min(patience * 2, Self.longestPatience) : Self.shortestPatience
        isRefused = false
    }

    /// When there is something to do again by itself.
    func next(after now: Timestamp) -> Timestamp? {
        if let nextTry { return nextTry }
        if !candidates.isEmpty || !owed.isEmpty { return now }
        return later.first
    }
}
