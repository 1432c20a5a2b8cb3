package import FreshetCore
package import FreshetKit

/// What deciding was worth for one asset within a time.
package struct Savings: Hashable, Sendable {
    package var asset: AssetKey
    /// Refreshes that succeeded.
    package var refreshes = 0
    /// What they took together.
    package var spent = Duration.zero
    /// Times that something asked for it and nothing had changed.
    package var avoided = 0
    /// Refreshes that read exactly what the one before had read; those that only shadow asked for are not among them.
    package var wasted = 0
    package var wastedTime = Duration.zero
    /// From when an asset was known to be stale until its refresh began, all together.
    package var late = Duration.zero
    /// Refreshes that only shadow asked for.
    package var shadowed = 0
    /// Those of them after which the model held something else: skipping would have been wrong.
    package var wrong = 0
    /// Those of them of which nobody could tell.
    package var unproved = 0
    /// What one refresh takes, on average; `nil` where none is known.
    package var usual: Duration?

    /// The time that the refreshes which were not made would have taken; `nil` where no refresh is known.
    package var avoidedTime: Duration? { avoided == 0 ? .zero : usual.map { $0 * avoided } }

    package init(_ asset: AssetKey) { self.asset = asset }

    /// - Parameters:
    ///   - asset: the asset.
    ///   - decisions: all on it since the beginning, in any order.
    ///   - successes: the newest first, those before the beginning included as far as they are known.
    ///   - start: the beginning.
    package init(
        of asset: AssetKey,
        _ decisions: [DecisionRecord],
        _ successes: [MaterializationRecord],
        since start: Timestamp
    ) {
        self.init(asset)
        let times = successes.prefix(50).map { $0.at - $0.startedAt }
        if !times.isEmpty { usual = times.reduce(.zero, +) / times.count }
        for (place, record) in successes.enumerated() where record.at >= start {
            let took = record.at - record.startedAt
            refreshes += 1
            spent += took
            let before = place + 1 < successes.count ? successes[place + 1] : nil
            if record.details["shadow"] == nil, let before, !record.materialization.provenance.inputs.isEmpty,
                before.materialization.provenance == record.materialization.provenance
            {
                wasted += 1
                wastedTime += took
            }
            let stale = decisions.filter { $0.isRun && $0.at <= record.startedAt && $0.at >= before?.at ?? start }
            if let first = stale.map(\.at).min() { late += record.startedAt - first }
            note(record.details["shadow"])
        }
        avoided = decisions.count(where: \.isAvoided)
    }

    private mutating func note(_ finding: JSONValue?) {
        guard let finding else { return }
        shadowed += 1
        switch finding["same"] {
        case .boolean(true)?: break
        case .boolean(false)?: wrong += 1
        default: unproved += 1
        }
    }

    /// All of them together, under the first one's name.
    package static func + (lhs: Savings, rhs: Savings) -> Savings {
        var sum = lhs
        let times = [lhs.avoidedTime, rhs.avoidedTime].compactMap { $0 }
        sum.refreshes += rhs.refreshes
        sum.spent += rhs.spent
        sum.avoided += rhs.avoided
        sum.wasted += rhs.wasted
        sum.wastedTime += rhs.wastedTime
        sum.late += rhs.late
        sum.shadowed += rhs.shadowed
        sum.wrong += rhs.wrong
        sum.unproved += rhs.unproved
        // So that the average times the count is the sum of both.
        sum.usual = sum.avoided > 0 && !times.isEmpty ? times.reduce(.zero, +) / sum.avoided : lhs.usual ?? rhs.usual
        return sum
    }
}

extension DecisionRecord {
    fileprivate var isRun: Bool { if case .run = decision { true } else { false } }

    /// Whether a refresh was asked for, and there was nothing to do; a shadow's proof is counted by itself.
    fileprivate var isAvoided: Bool {
        switch decision {
        case .skip(.upToDate), .skip(.notSelected), .skip(.nothingSelected): true
        case .run, .skip, .wait: false
        }
    }
}
