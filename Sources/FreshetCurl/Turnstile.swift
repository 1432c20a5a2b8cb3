/// Lets so many exchanges with one origin run at once; the others wait in the order in which they came.
///
/// libcurl has such a limit too, but in 7.88 a request that waits for it has no time limit of its own.
struct Turnstile {
    private struct Lane {
        var running = 0
        var waiting: [Exchange] = []
    }
    private let limit: Int
    private var lanes: [String: Lane] = [:]
    /// Not later than the first deadline among those who wait.
    private(set) var nextDeadline: Int64?

    init(limit: Int) { self.limit = limit }

    /// Returns true when the exchange may start; otherwise it waits.
    mutating func enter(_ exchange: Exchange) -> Bool {
        let isFree = lanes[exchange.origin, default: Lane()].running < limit
        if isFree {
            lanes[exchange.origin, default: Lane()].running += 1
        } else {
            lanes[exchange.origin, default: Lane()].waiting.append(exchange)
            nextDeadline = min(nextDeadline ?? exchange.deadline, exchange.deadline)
        }
        return isFree
    }

    /// Gives the place of one that ran to the next, which may start.
    mutating func leave(_ exchange: Exchange) -> Exchange? {
        guard var lane = lanes[exchange.origin] else { return nil }
        let next = lane.waiting.isEmpty ? nil : lane.waiting.removeFirst()
        if next == nil { lane.running -= 1 }
        lanes[exchange.origin] = lane.running == 0 ? nil : lane
        return next
    }

    /// Returns false when the exchange does not wait.
    mutating func remove(_ exchange: Exchange) -> Bool {
        guard let index = lanes[exchange.origin]?.waiting.firstIndex(where: { $0 === exchange }) else { return false }
        lanes[exchange.origin]?.waiting.remove(at: index)
        return true
    }

    /// Takes out those whose time is over.
    mutating func expire(at now: Int64) -> [Exchange] {
        guard let nextDeadline, nextDeadline <= now else { return [] }
        var expired: [Exchange] = []
        for origin in lanes.keys {
            // The key comes from the dictionary itself: never nil.
            expired += lanes[origin]!.waiting.filter { $0.deadline <= now }
            lanes[origin]!.waiting.removeAll { $0.deadline <= now }
        }
        self.nextDeadline = lanes.values.lazy.flatMap(\.waiting).map(\.deadline).min()
        return expired
    }

    /// Takes out everyone who waits.
    mutating func removeAll() -> [Exchange] {
        defer { lanes = [:] }
        return lanes.values.flatMap(\.waiting)
    }
}
