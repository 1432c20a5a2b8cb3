import FreshetCore
import FreshetKit
import Synchronization

/// How often each token may ask: as often as ``perMinute`` at once, then evenly.
///
/// It is there for loops that got out of hand, not to share anything out, and so is generous: a client that waits for runs,
/// or reads long lists page by page, never meets it.
package final class RequestPace: Sendable {
    /// 50 a second.
    package static let usual = 3000
    /// A bucket that is full again is as good as none.
    private static let capacity = 1000

    package let perMinute: Int
    private let buckets = Mutex<[Actor: TokenBucket]>([:])

    package init(perMinute: Int = RequestPace.usual) { self.perMinute = perMinute }

    /// - Returns: `nil` when the token may ask now, which then counts; else how long it has to wait.
    func take(_ token: Actor, at now: Timestamp) -> Duration? {
        buckets.withLock { [perMinute] buckets in
            if buckets.count >= Self.capacity, buckets[token] == nil {
                buckets = buckets.filter { $0.value.moment(after: perMinute - 1, at: now) > now }
            }
            var bucket = buckets[token] ?? TokenBucket(perMinute: perMinute, burst: perMinute)
            let moment = bucket.moment(at: now)
            guard moment <= now else { return moment - now }
            bucket.take(at: now)
            buckets[token] = bucket
            return nil
        }
    }
}
