/// A new date on the project's calendar since an asset's last success began.
public struct DayChange: Hashable, Sendable {
    /// As in ISO 8601, such as `2026-11-20`.
    public var from: String
    public var to: String

    public init(from: String, to: String) {
        self.from = from
        self.to = to
    }

    /// The change since a moment; `nil` while the date is the same.
    ///
    /// - Parameters:
    ///   - start: when the last success began: it may have read the data of that date.
    ///   - now: the present moment.
    ///   - zone: whose clocks say the date.
    public init?(since start: Timestamp, at now: Timestamp, in zone: TimeZoneRules) {
        let (before, today) = (zone.local(at: start).date, zone.local(at: now).date)
        guard today > before else { return nil }
        self.init(from: "\(before)", to: "\(today)")
    }

    /// The first moment of the next date; where the clocks leave midnight out, the first after it.
    public static func next(after moment: Timestamp, in zone: TimeZoneRules) -> Timestamp {
        zone.timestamp(forLocal: CivilDateTime(zone.local(at: moment).date.adding(days: 1)))
    }
}
