/// When no automatic refresh begins.
public struct Blackout: Hashable, Sendable {
    public struct Window: Hashable, Sendable {
        /// The days on which it begins, 1 (Monday) to 7 (Sunday).
        public var weekdays: Set<Int>
        /// Minutes after local midnight, 0 to 1439.
        public var from: Int
        /// Minutes after local midnight, 1 to 1440; not after ``from`` for a time of the next day.
        public var to: Int
        /// An IANA zone such as `Europe/Berlin`.
        public var timeZone: String

        public init(weekdays: Set<Int> = Set(1...7), from: Int, to: Int, timeZone: String = "UTC") {
            self.weekdays = weekdays
            self.from = from
            self.to = to
            self.timeZone = timeZone
        }
    }

    public var windows: [Window]

    public init(_ windows: [Window] = []) { self.windows = windows }

    /// Whether windows of one zone leave no minute of the week.
    public var coversTheWeek: Bool {
        guard let zone = windows.first?.timeZone else { return false }
        var minutes = Array(repeating: false, count: 7 * 1440)
        for window in windows where window.timeZone == zone {
            let length = window.to > window.from ? window.to - window.from : window.to + 1440 - window.from
            for weekday in window.weekdays {
                let start = (weekday - 1) * 1440 + window.from
                for minute in start..<start + length { minutes[minute % minutes.count] = true }
            }
        }
        return minutes.allSatisfy(\.self)
    }

    /// Windows that go on into each other, before they count as having no end.
    private static let mostMerged = 64

    /// When a refresh that is due may begin.
    ///
    /// - Parameters:
    ///   - due: when it would begin but for this.
    ///   - offset: what is added to the end of a window, so that not everything begins at one moment.
    ///   - now: the present moment.
    ///   - zone: the rules of a time zone by its name.
    /// - Returns: `nil` when no window is in the way.
    public func release(
        of due: Timestamp,
        offset: Duration = .zero,
        at now: Timestamp,
        zone: (String) -> TimeZoneRules
    ) -> Timestamp? {
        guard !windows.isEmpty else { return nil }
        let start = max(due, now)
        if let end = end(around: start, zone) { return released(after: end, offset, zone) }
        guard offset > .zero else { return nil }
        // A window may have ended a moment ago, with the offset still running.
        let ends = windows.flatMap { $0.spans(from: start - offset, through: start, in: zone($0.timeZone)) }
            .map(\.upperBound)
        guard let end = ends.filter({ $0 <= start && $0 > start - offset && $0 > due }).max() else { return nil }
        return released(after: end, offset, zone)
    }

    private func released(after end: Timestamp, _ offset: Duration, _ zone: (String) -> TimeZoneRules) -> Timestamp {
        var moment = end + offset
        for _ in 0..<Self.mostMerged {
            guard let next = self.end(around: moment, zone) else { break }
            moment = next + offset
        }
        return moment
    }

    /// The end of the windows around a moment, those that overlap or touch taken as one; `nil` outside of all.
    func end(around moment: Timestamp, _ zone: (String) -> TimeZoneRules) -> Timestamp? {
        var end = moment
        for _ in 0..<Self.mostMerged {
            let spans = windows.flatMap { $0.spans(from: end, through: end, in: zone($0.timeZone)) }
            guard let next = spans.filter({ $0.contains(end) }).map(\.upperBound).max() else { break }
            end = next
        }
        return end > moment ? end : nil
    }
}

extension Blackout.Window {
    /// The times that it covers of the days around two moments, earliest first.
    ///
    /// A beginning in a gap of the clocks is at its end; of times that are shown twice, a window begins at the first and
    /// ends at the second, so that it covers whatever the clocks show of it.
    func spans(from first: Timestamp, through last: Timestamp, in zone: TimeZoneRules) -> [Range<Timestamp>] {
        var spans: [Range<Timestamp>] = []
        var date = zone.local(at: first).date.adding(days: -1)
        let end = zone.local(at: last).date
        while date <= end {
            if weekdays.contains(date.weekday), let span = span(on: date, in: zone) { spans.append(span) }
            date = date.adding(days: 1)
        }
        return spans
    }

    private func span(on date: CivilDate, in zone: TimeZoneRules) -> Range<Timestamp>? {
        let lastDate = to <= from || to == 1440 ? date.adding(days: 1) : date
        let start = zone.timestamp(forLocal: CivilDateTime(date, secondOfDay: from * 60))
        let end: Timestamp =
            switch zone.timestamps(forLocal: CivilDateTime(lastDate, secondOfDay: to % 1440 * 60)) {
            case .never(let moment), .once(let moment), .twice(_, let moment): moment
            }
        return start < end ? start..<end : nil
    }
}

/// A moment of its own for each asset, so that what one event wakes does not begin all at once.
public enum Stagger {
    /// The same for the same asset: 0 to below `span`.
    public static func offset(of asset: AssetKey, within span: Duration) -> Duration {
        guard span > .zero else { return .zero }
        var hash = Fingerprint()
        hash.add(asset.path)
        let number = UInt64(hash.hexadecimal.suffix(12), radix: 16) ?? 0  // Hexadecimal by its making.
        return .milliseconds(Int64(number % UInt64(span.inMilliseconds)))
    }
}
