package import FreshetCore

// What an asset's policies say, in words.

extension FreshnessPolicy {
    /// Such as `by 07:30 on weekdays, at most 2h old`.
    package var text: String {
        var parts: [String] = []
        if let by { parts.append("by \(by.clock)\(by.days)") }
        if let maxDataAge { parts.append("at most \(maxDataAge.briefly) old") }
        return parts.isEmpty ? "at any age" : parts.joined(separator: ", ")
    }

    /// - Returns: the first deadline after a moment; `nil` without one.
    package func nextDeadline(after now: Timestamp, zone: (String) -> TimeZoneRules) -> Timestamp? {
        guard let by else { return nil }
        let rules = zone(by.timeZone)
        let today = rules.local(at: now).date
        for date in (0..<9).lazy.map(today.adding(days:)) where by.weekdays.contains(date.weekday) {
            let moment = rules.timestamp(forLocal: CivilDateTime(date, secondOfDay: by.minuteOfDay * 60))
            if moment > now { return moment }
        }
        return nil
    }

    package func document(after now: Timestamp, zone: (String) -> TimeZoneRules) -> JSONValue {
        [
            "by": Documents.text(by?.clock),
            "on": .list((by?.weekdays ?? Set(1...7)).sorted().map { .integer(Int64($0)) }),
            "timezone": .text(by?.timeZone ?? "UTC"),
            "max_data_age_seconds": Documents.seconds(maxDataAge), "text": .text(text),
            "next_deadline": Documents.time(nextDeadline(after: now, zone: zone)),
        ]
    }
}

extension FreshnessPolicy.Deadline {
    /// `07:30`.
    var clock: String {
        let (hour, minute) = (minuteOfDay / 60, minuteOfDay % 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }

    var days: String {
        switch weekdays {
        case Set(1...7): " every day"
        case Set(1...5): " on weekdays"
        default:
            " on "
                + weekdays.sorted().compactMap { (1...7).contains($0) ? Self.names[$0 - 1] : nil }.joined(
                    separator: ", "
                )
        }
    }

    private static let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
}

extension AutomationPolicy {
    /// Such as `on change, after 2m of quiet, at most every 15m`.
    package var text: String {
        var parts = [actsOnChange ? "on change" : "at its slots"]
        if quietPeriod > .zero { parts.append("after \(quietPeriod.briefly) of quiet") }
        if minInterval > .zero { parts.append("at most every \(minInterval.briefly)") }
        if let maxSkip { parts.append("at least every \(maxSkip.briefly)") }
        if refreshesOnDayChange { parts.append("on each new date") }
        if let schedule { parts.append("at \(schedule.expressions.map(\.text).joined(separator: "; "))") }
        if let forcedAt { parts.append("always at \(forcedAt.expressions.map(\.text).joined(separator: "; "))") }
        return parts.joined(separator: ", ")
    }

    package var document: JSONValue {
        [
            "on": .text(actsOnChange ? "change" : "schedule"),
            "quiet_period_seconds": .number(quietPeriod.inSeconds),
            "min_interval_seconds": .number(minInterval.inSeconds),
            "max_skip_seconds": Documents.seconds(maxSkip), "on_unknown": .text(onUnknown.rawValue),
            "text": .text(text),
        ]
    }
}

extension Documents {
    package static func seconds(_ duration: Duration?) -> JSONValue { duration.map { .number($0.inSeconds) } ?? .null }

    package static func number(_ number: Double?) -> JSONValue { number.map { .number($0) } ?? .null }

    package static func integer(_ number: Int) -> JSONValue { .integer(Int64(number)) }
}
