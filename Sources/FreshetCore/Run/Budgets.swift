/// Every budget, who has begun on it, and who waits for it.
///
/// A holder is an attempt of a step; it begins when each budget that it names lets it. Who waits goes by class (critical
/// first), then by the priority of its run, then by the order of asking. A name without a budget is no limit.
public struct Budgets: Sendable {
    public struct Holder: Hashable, Comparable, Sendable {
        public var run: RunID
        public var asset: AssetKey

        public init(run: RunID, asset: AssetKey) {
            self.run = run
            self.asset = asset
        }

        public static func < (lhs: Holder, rhs: Holder) -> Bool { (lhs.run, lhs.asset) < (rhs.run, rhs.asset) }
    }

    /// A place in the order; the lesser is the earlier.
    private struct Place: Comparable {
        var isCritical: Bool
        var priority: Int
        var number: Int

        static func < (lhs: Place, rhs: Place) -> Bool {
            if lhs.isCritical != rhs.isCritical { return lhs.isCritical }
            return lhs.priority != rhs.priority ? lhs.priority > rhs.priority : lhs.number < rhs.number
        }
    }

    private var budgets: [String: Budget]
    /// Those who wait for the same budgets, in their order; only the first of each can be next.
    private var lanes: [[String]: [(place: Place, holder: Holder)]] = [:]
    private var waiting: [Holder: [String]] = [:]
    private var holding: [Holder: [String]] = [:]
    private var asked = 0

    /// - Parameter limits: of each budget, by its name.
    public init(limits: [String: Budget.Limits] = [:]) { budgets = limits.mapValues { Budget($0) } }

    public subscript(name: String) -> Budget? { budgets[name] }

    /// - Parameters:
    ///   - holder: who wants to begin.
    ///   - names: the budgets that all have to let it.
    ///   - isCritical: whether it goes before all who are not.
    ///   - priority: the higher goes first.
    ///   - now: the present moment.
    /// - Returns: whether it may begin now; if not, it is queued, and ``due(at:)`` or ``release(_:at:)`` names it.
    public mutating func request(
        _ holder: Holder,
        of names: [String],
        isCritical: Bool = false,
        priority: Int = 0,
        at now: Timestamp
    ) -> Bool {
        if holding[holder] != nil { return true }
        let names = names.filter { budgets[$0] != nil }
        guard !names.isEmpty else { return true }
        if waiting[holder] == nil {
            asked += 1
            let place = Place(isCritical: isCritical, priority: priority, number: asked)
            var lane = lanes[names] ?? []
            let index = lane.lastIndex { $0.place < place }.map { $0 + 1 } ?? lane.startIndex
            lane.insert((place, holder), at: index)
            lanes[names] = lane
            waiting[holder] = names
        }
        guard let next = next(at: now), lanes[next]?.first?.holder == holder else { return false }
        _ = take(from: next, at: now)
        return true
    }

    /// Gives back what it holds, or its place in the queue.
    ///
    /// - Returns: who may begin now.
    public mutating func release(_ holder: Holder, at now: Timestamp) -> [Holder] {
        if let names = waiting.removeValue(forKey: holder) {
            lanes[names]?.removeAll { $0.holder == holder }
            if lanes[names]?.isEmpty == true { lanes[names] = nil }
        }
        for name in holding.removeValue(forKey: holder) ?? [] { budgets[name]?.end() }
        return due(at: now)
    }

    /// Counts an attempt that a former process began, beyond the limits if need be.
    public mutating func reclaim(_ holder: Holder, of names: [String]) {
        let names = names.filter { budgets[$0] != nil }
        guard !names.isEmpty, holding[holder] == nil else { return }
        holding[holder] = names
        for name in names { budgets[name]?.goOn() }
    }

    /// Lets in who may begin by now, in order.
    public mutating func due(at now: Timestamp) -> [Holder] {
        var admitted: [Holder] = []
        while let lane = next(at: now), let holder = take(from: lane, at: now) { admitted.append(holder) }
        return admitted
    }

    /// When time alone lets the next one begin; `nil` when nobody waits, or something has to end first.
    public func nextOpening(at now: Timestamp) -> Timestamp? {
        lanes.keys.compactMap { names in
            var latest = now
            for name in names {
                guard let opening = budgets[name]?.opening(at: now) else { return nil }
                latest = max(latest, opening)
            }
            return latest
        }.min()
    }

    /// See ``Budget/throttled(until:reason:times:at:)``.
    ///
    /// - Returns: the event, and whether it is new; `nil` for no such budget.
    public mutating func throttled(
        _ name: String,
        until: Timestamp?,
        reason: String,
        times: Int = 1,
        at now: Timestamp
    ) -> (record: BudgetRecord, isNew: Bool)? {
        let isNew = budgets[name]?.throttled(until: until, reason: reason, times: times, at: now) ?? false
        return budgets[name]?.record(named: name).map { ($0, isNew) }
    }

    /// An attempt on these budgets ended well.
    public mutating func succeeded(on names: [String], at now: Timestamp) {
        for name in names { budgets[name]?.succeeded(at: now) }
    }

    public mutating func restore(_ record: BudgetRecord, at now: Timestamp) {
        budgets[record.name]?.restore(record, at: now)
    }

    /// The lane whose first is next.
    private func next(at now: Timestamp) -> [String]? {
        let open = lanes.filter { names, _ in names.allSatisfy { budgets[$0]?.isOpen(at: now) ?? true } }
        return open.min { lhs, rhs in
            guard let left = lhs.value.first, let right = rhs.value.first else { return false }
            return left.place < right.place
        }?.key
    }

    private mutating func take(from names: [String], at now: Timestamp) -> Holder? {
        guard let holder = lanes[names]?.removeFirst().holder else { return nil }
        if lanes[names]?.isEmpty == true { lanes[names] = nil }
        waiting[holder] = nil
        holding[holder] = names
        for name in names { budgets[name]?.begin(at: now) }
        return holder
    }
}
