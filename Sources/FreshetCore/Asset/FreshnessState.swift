/// Whether the data that a report shows is young enough.
public enum FreshnessState: Hashable, Sendable {
    /// Becomes late after this moment if nothing moves; never if `nil`.
    case fresh(until: Timestamp?)
    /// The moment from which younger data was due.
    case late(since: Timestamp)
    /// Nobody knows how old the data is.
    case unknown
}

extension FreshnessPolicy {
    /// How the data stands at one moment.
    ///
    /// Without a deadline, data is late when it is older than ``maxDataAge``. With one, it is late from the first
    /// deadline for which it is too old: at a deadline it may be ``maxDataAge`` old, or has to be of the deadline's own
    /// day. Either way newer data makes it fresh again, however late it comes.
    ///
    /// - Parameters:
    ///   - dataTime: the data's own time, or `nil` if it is unknown.
    ///   - now: the moment in question.
    ///   - zone: the rules of ``Deadline/timeZone``; a deadline in a gap is at its end, one that is shown twice at the
    ///     first time.
    /// - Returns: ``FreshnessState/unknown`` only without a data time.
    public func state(dataTime: Timestamp?, now: Timestamp, zone: TimeZoneRules) -> FreshnessState {
        guard let dataTime else { return .unknown }
        guard let by else {
            guard let maxDataAge else { return .fresh(until: nil) }
            let end = dataTime + maxDataAge
            return now > end ? .late(since: end) : .fresh(until: end)
        }
        guard let missed = firstDeadline(by, missedBy: dataTime, in: zone) else { return .fresh(until: nil) }
        return missed <= now ? .late(since: missed) : .fresh(until: missed)
    }

    /// The first deadline for which data of this time is too old; it is too old for all later ones.
    private func firstDeadline(
        _ deadline: Deadline,
        missedBy dataTime: Timestamp,
        in zone: TimeZoneRules
    ) -> Timestamp? {
        let end = dataTime + (maxDataAge ?? .zero)
        // A day earlier, because a deadline in a gap is late; one week more holds every weekday.
        let first = zone.local(at: end).date.adding(days: -1)
        for date in (0..<10).lazy.map(first.adding(days:)) where deadline.weekdays.contains(date.weekday) {
            let moment = zone.timestamp(forLocal: CivilDateTime(date, secondOfDay: deadline.minuteOfDay * 60))
            let isMissed =
                maxDataAge == nil ? dataTime < zone.timestamp(forLocal: CivilDateTime(date)) : end < moment
            if isMissed { return moment }
        }
        return nil
    }
}
