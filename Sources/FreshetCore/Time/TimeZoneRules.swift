/// How far the clocks of a place are from UTC, at every moment.
///
/// Made from the bytes of a compiled zone with ``init(tzif:)``; whoever reads the file knows its name. Foundation's time
/// zones are not used, because a static binary has none.
public struct TimeZoneRules: Hashable, Sendable {
    /// What holds from a transition on.
    struct Transition: Hashable {
        /// Seconds since 1970 in UTC.
        var time: Int
        /// Seconds east of UTC.
        var offset: Int
    }

    /// A time with one offset, as long as it is known to last.
    struct Period: Hashable {
        var offset: Int
        /// The first second that belongs to it.
        var start: Int
        /// The first second that does not.
        var end: Int
    }

    /// The farthest seconds that a ``Timestamp`` can hold.
    static let distantPast = Int(Int64.min / 1000)
    static let distantFuture = Int(Int64.max / 1000)

    /// The zone without an offset.
    public static let utc = TimeZoneRules(offset: 0)

    /// Before the first transition.
    private let initialOffset: Int
    /// In ascending order.
    private let transitions: [Transition]
    /// What goes on for ever after the last transition.
    private let rule: PosixTimeZone?

    init(initialOffset: Int, transitions: [Transition], rule: PosixTimeZone?) {
        self.initialOffset = initialOffset
        self.transitions = transitions
        self.rule = rule
    }

    /// A zone whose clocks never change.
    ///
    /// - Parameter offset: seconds east of UTC, less than 26 hours in either direction.
    public init(offset: Int) { self.init(initialOffset: offset, transitions: [], rule: nil) }

    /// The difference between the clocks and UTC: seconds, positive to the east.
    public func offset(at moment: Timestamp) -> Int { period(at: moment.secondsRoundedDown).offset }

    /// What the clocks show, without the fraction of a second.
    public func local(at moment: Timestamp) -> CivilDateTime {
        let seconds = moment.secondsRoundedDown
        return CivilDateTime(secondsSinceEpoch: seconds + period(at: seconds).offset)
    }

    /// The next moment at which the clocks are changed, or `nil` if they never are again.
    public func nextChange(after moment: Timestamp) -> Timestamp? {
        var period = period(at: moment.secondsRoundedDown)
        let offset = period.offset
        while period.end < Self.distantFuture {
            period = self.period(at: period.end)
            if period.offset != offset { return Timestamp(wholeSeconds: period.start) }
        }
        return nil
    }

    /// - Complexity: logarithmic in the number of transitions.
    func period(at time: Int) -> Period {
        guard let last = transitions.last else {
            return rule?.period(at: time)
                ?? Period(offset: initialOffset, start: Self.distantPast, end: Self.distantFuture)
        }
        if time >= last.time {
            guard var period = rule?.period(at: time) else {
                return Period(offset: last.offset, start: last.time, end: Self.distantFuture)
            }
            period.start = max(period.start, last.time)
            return period
        }
        let index = transitions.partitioningIndex { $0.time > time }
        let end = transitions[index].time
        guard index > 0 else { return Period(offset: initialOffset, start: Self.distantPast, end: end) }
        return Period(offset: transitions[index - 1].offset, start: transitions[index - 1].time, end: end)
    }
}

extension Timestamp {
    /// The nearest moment there is.
    init(wholeSeconds seconds: Int) {
        let clamped = min(max(seconds, TimeZoneRules.distantPast), TimeZoneRules.distantFuture)
        self.init(milliseconds: Int64(clamped) * 1000)
    }

    /// Seconds since 1970, the fraction dropped towards the past.
    var secondsRoundedDown: Int { Int(milliseconds.floored(by: 1000)) }
}

extension Array {
    /// The first index whose element fulfils the predicate, where all after it do too; the count if none does.
    fileprivate func partitioningIndex(where isBehind: (Element) -> Bool) -> Int {
        var range = indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = isBehind(self[middle]) ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound
    }
}
