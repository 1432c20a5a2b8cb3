package import FreshetCore
package import FreshetKit

/// What deciding was worth: counts and times that can be added up, of one asset or of many.
package struct Savings: Hashable, Sendable {
    /// Refreshes that succeeded.
    package var refreshed = 0
    /// What they took together.
    package var refreshedTime = Duration.zero
    /// Times that something asked for it and nothing had changed.
    package var avoided = 0
    /// Those of them for which it is known what a refresh takes.
    package var avoidedKnown = 0
    private var avoidedSum = Duration.zero
    /// Tables that those refreshes loaded; an asset without tables of its own counts as one.
    package var tablesRefreshed = 0
    /// Tables that those refreshes left out.
    package var tablesAvoided = 0
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

    /// The time that the refreshes which were not made would have taken; `nil` where nobody knows what one takes.
    package var avoidedTime: Duration? { avoided > 0 && avoidedKnown == 0 ? nil : avoidedSum }

    package init() {}

    /// What one look was worth at which nothing had changed.
    fileprivate init(avoiding usual: Duration?) {
        avoided = 1
        avoidedKnown = usual == nil ? 0 : 1
        avoidedSum = usual ?? .zero
    }

    /// What one refresh was.
    ///
    /// - Parameters:
    ///   - record: the success.
    ///   - tables: how many the asset has.
    ///   - before: the success before it, if one is known.
    ///   - stale: when the asset was first known to be stale since then.
    fileprivate init(_ record: MaterializationRecord, tables: Int, before: MaterializationRecord?, stale: Timestamp?) {
        let took = record.at - record.startedAt
        refreshed = 1
        refreshedTime = took
        tablesRefreshed = if case .parts(let names) = record.extent { names.count } else { tables }
        tablesAvoided = max(0, tables - tablesRefreshed)
        let provenance = record.materialization.provenance
        if record.details["shadow"] == nil, !provenance.inputs.isEmpty, before?.materialization.provenance == provenance
        {
            wasted = 1
            wastedTime = took
        }
        late = stale.map { record.startedAt - $0 } ?? .zero
        guard let finding = record.details["shadow"] else { return }
        shadowed = 1
        switch finding["same"] {
        case .boolean(true)?: break
        case .boolean(false)?: wrong = 1
        default: unproved = 1
        }
    }

    package static func + (lhs: Savings, rhs: Savings) -> Savings {
        var sum = lhs
        sum.refreshed += rhs.refreshed
        sum.refreshedTime += rhs.refreshedTime
        sum.avoided += rhs.avoided
        sum.avoidedKnown += rhs.avoidedKnown
        sum.avoidedSum += rhs.avoidedSum
        sum.tablesRefreshed += rhs.tablesRefreshed
        sum.tablesAvoided += rhs.tablesAvoided
        sum.wasted += rhs.wasted
        sum.wastedTime += rhs.wastedTime
        sum.late += rhs.late
        sum.shadowed += rhs.shadowed
        sum.wrong += rhs.wrong
        sum.unproved += rhs.unproved
        return sum
    }

    package static func += (lhs: inout Savings, rhs: Savings) { lhs = lhs + rhs }
}

extension Savings {
    /// What one moment of an asset's history was worth.
    package struct Moment: Hashable, Sendable {
        package var at: Timestamp
        package var savings: Savings
    }

    /// How many of the newest refreshes say what one usually takes.
    private static let usualCount = 50

    /// What each moment of one asset's history was worth.
    ///
    /// - Parameters:
    ///   - asset: the asset.
    ///   - decisions: all on it since the beginning, in any order.
    ///   - successes: the newest first, those before the beginning included as far as they are known.
    ///   - start: the beginning.
    /// - Returns: those that were worth something, in no order.
    package static func moments(
        of asset: AssetSpec,
        _ decisions: [DecisionRecord],
        _ successes: [MaterializationRecord],
        since start: Timestamp
    ) -> [Moment] {
        let times = successes.prefix(usualCount).map { $0.at - $0.startedAt }
        let usual = times.isEmpty ? nil : times.reduce(.zero, +) / times.count
        var moments = decisions.filter(\.isAvoided).map { Moment(at: $0.at, savings: Savings(avoiding: usual)) }
        for (place, record) in successes.enumerated() where record.at >= start {
            let before = place + 1 < successes.count ? successes[place + 1] : nil
            let stale = decisions.filter { $0.isRun && $0.at <= record.startedAt && $0.at >= before?.at ?? start }
            let savings = Savings(
                record,
                tables: max(1, asset.parts.count),
                before: before,
                stale: stale.map(\.at).min()
            )
            moments.append(Moment(at: record.at, savings: savings))
        }
        return moments
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
