/// The moments at which the clocks of a zone show one time.
public enum LocalMatch: Hashable, Sendable {
    /// The clocks are put forward over this time, at this moment: the first one after it.
    case never(gapEnd: Timestamp)
    case once(Timestamp)
    /// The clocks are put back and show it again.
    case twice(earlier: Timestamp, later: Timestamp)

    /// The moment that stands for the local time: after a gap the first valid one, of two the earlier.
    ///
    /// That is when Debian's cron runs a job of that time.
    public var first: Timestamp {
        switch self {
        case .never(let moment), .once(let moment), .twice(let moment, _): moment
        }
    }
}

extension TimeZoneRules {
    /// When the clocks show a local time; a gap and an overlap are cases of their own.
    public func timestamps(forLocal local: CivilDateTime) -> LocalMatch {
        let seconds = local.secondsSinceEpoch
        // Clocks are never farther than this from UTC (RFC 9636, section 3.2).
        let periods = periods(from: seconds - Self.widestOffset, through: seconds + Self.widestOffset)
        let matches = periods.filter { ($0.start..<$0.end).contains(seconds - $0.offset) }
            .map { Timestamp(wholeSeconds: seconds - $0.offset) }
        if matches.count > 1 { return .twice(earlier: matches[0], later: matches[1]) }
        if let match = matches.first { return .once(match) }
        let next = periods.first { $0.start + $0.offset > seconds }
        return .never(gapEnd: Timestamp(wholeSeconds: next?.start ?? seconds))
    }

    /// The moment that stands for a local time; see ``LocalMatch/first``.
    public func timestamp(forLocal local: CivilDateTime) -> Timestamp { timestamps(forLocal: local).first }

    static let widestOffset = 26 * 3600

    private func periods(from start: Int, through end: Int) -> [Period] {
        var periods = [period(at: start)]
        while let last = periods.last, last.end <= min(end, Self.distantFuture - 1) {
            periods.append(period(at: last.end))
        }
        return periods
    }
}
