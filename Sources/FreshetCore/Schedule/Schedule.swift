/// When the clock asks for a look at an asset, beside what its inputs do.
public struct Schedule: Hashable, Sendable {
    /// What becomes of slots that nobody answered, because no daemon ran.
    public enum Catchup: String, Hashable, Sendable, CaseIterable {
        /// They are over.
        case none
        /// The last of them stands for all.
        case latest
        /// Each is answered.
        case all
    }

    /// A slot is a moment that any of these means.
    public var expressions: [CronExpression]
    /// An IANA zone such as `Europe/Berlin`.
    public var timeZone: String
    public var catchup: Catchup
    /// Whether a slot refreshes the asset whatever its inputs are; otherwise it looks and compares.
    public var refreshesAlways: Bool

    public init(
        _ expressions: [CronExpression],
        timeZone: String = "UTC",
        catchup: Catchup = .latest,
        refreshesAlways: Bool = false
    ) {
        self.expressions = expressions
        self.timeZone = timeZone
        self.catchup = catchup
        self.refreshesAlways = refreshesAlways
    }

    /// What tells it from another schedule; a change of it begins anew, so that nothing is made up for.
    public var definition: String {
        "\(timeZone) \(expressions.map(\.text).joined(separator: "; "))"
    }

    /// The first slot after a moment.
    public func next(after moment: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        expressions.compactMap { $0.next(after: moment, in: zone) }.min()
    }

    /// The next few slots after a moment; what two expressions mean alike is one.
    public func times(after moment: Timestamp, in zone: TimeZoneRules, count: Int) -> [Timestamp] {
        var times: [Timestamp] = []
        while times.count < count, let next = next(after: times.last ?? moment, in: zone) { times.append(next) }
        return times
    }

    /// The slots to answer now, oldest first.
    ///
    /// - Parameters:
    ///   - last: up to which moment slots have been answered.
    ///   - now: the present moment.
    ///   - zone: the rules of ``timeZone``.
    /// - Returns: with ``Catchup/none`` none that is older than ``punctuality``, with ``Catchup/all`` at most
    ///   ``mostSlots``, the latest ones.
    public func due(after last: Timestamp, through now: Timestamp, in zone: TimeZoneRules) -> [Timestamp] {
        switch catchup {
        case .none: return latest(after: max(last, now - Self.punctuality), through: now, in: zone).map { [$0] } ?? []
        case .latest: return latest(after: last, through: now, in: zone).map { [$0] } ?? []
        case .all:
            var slots: [Timestamp] = []
            var moment = last
            while let next = next(after: moment, in: zone), next <= now {
                slots.append(next)
                if slots.count > Self.mostSlots { slots.removeFirst() }
                moment = next
            }
            return slots
        }
    }

    /// How late a slot may be answered and still not count as missed.
    public static let punctuality = Duration.seconds(300)

    /// The most slots that are made up for.
    public static let mostSlots = 100

    /// Tried first over short times, so that a long absence of a frequent schedule costs little.
    private static let spans: [Duration] = [.seconds(3600), .seconds(86_400), .seconds(32 * 86_400)]

    private func latest(after last: Timestamp, through now: Timestamp, in zone: TimeZoneRules) -> Timestamp? {
        for start in Self.spans.map({ now - $0 }).filter({ $0 > last }) + [last] {
            var found: Timestamp?
            var moment = start
            while let next = next(after: moment, in: zone), next <= now { (found, moment) = (next, next) }
            if let found { return found }
        }
        return nil
    }
}
