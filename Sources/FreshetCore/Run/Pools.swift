/// Who holds the slots of each pool, and who waits for one.
///
/// A holder is an attempt of a step, named by its run and asset. What names no pool, or a pool without a limit, always
/// gets its slot.
public struct Pools: Sendable {
    public struct Holder: Hashable, Sendable {
        public var run: RunID
        public var asset: AssetKey

        public init(run: RunID, asset: AssetKey) {
            self.run = run
            self.asset = asset
        }
    }

    private struct Pool {
        var limit: Int
        var holders: Set<Holder> = []
        /// In the order of asking, the higher priority first.
        var queue: [(holder: Holder, priority: Int)] = []
    }

    private var pools: [String: Pool]

    /// - Parameter limits: slots by pool, each at least 1.
    public init(limits: [String: Int] = [:]) { pools = limits.mapValues { Pool(limit: $0) } }

    /// - Returns: whether the holder has a slot now; if not, it is queued.
    public mutating func request(_ holder: Holder, of name: String?, priority: Int = 0) -> Bool {
        guard let name, var pool = pools[name] else { return true }
        defer { pools[name] = pool }
        if pool.holders.contains(holder) { return true }
        if pool.holders.count < pool.limit {
            pool.holders.insert(holder)
            return true
        }
        guard !pool.queue.contains(where: { $0.holder == holder }) else { return false }
        let index = pool.queue.firstIndex { $0.priority < priority } ?? pool.queue.endIndex
        pool.queue.insert((holder, priority), at: index)
        return false
    }

    /// Gives a slot, or a place in the queue, back.
    ///
    /// - Returns: who got a slot by that.
    public mutating func release(_ holder: Holder, of name: String?) -> [Holder] {
        guard let name, var pool = pools[name] else { return [] }
        defer { pools[name] = pool }
        pool.queue.removeAll { $0.holder == holder }
        pool.holders.remove(holder)
        var granted: [Holder] = []
        while pool.holders.count < pool.limit, !pool.queue.isEmpty {
            let next = pool.queue.removeFirst().holder
            pool.holders.insert(next)
            granted.append(next)
        }
        return granted
    }

    /// Takes a slot for an attempt that a former process began, beyond the limit if need be.
    public mutating func reclaim(_ holder: Holder, of name: String?) {
        guard let name else { return }
        pools[name]?.holders.insert(holder)
    }
}
