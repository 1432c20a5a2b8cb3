/// When the tiles of a model that is not imported are queried again (facts §2.2).
struct DirectQuerySchedule: Codable, Hashable, Sendable {
    /// Minutes between; nil when days and times are set instead.
    var frequency: Int? = 60
    var days: [String] = []
    var times: [String] = []
    /// A Windows zone name, not an IANA one.
    var zone = "UTC"

    /// The schedule after a PATCH: a frequency clears days and times, and they clear it.
    ///
    /// - Throws: the texts are invented; only the statuses and the rules are on record.
    func patched(by body: JSON?) throws(PowerBIRefusal) -> DirectQuerySchedule {
        guard let changes = body?["value"]?.members else { throw .invalid("The request body must have a 'value'") }
        var schedule = self
        schedule.zone = changes["localTimeZoneId"]?.string ?? zone
        let days = changes["days"]?.elements?.compactMap(\.string)
        let times = changes["times"]?.elements?.compactMap(\.string)
        if let frequency = changes["frequency"], frequency != .null {
            guard days == nil, times == nil else { throw .invalid("Set a frequency or days and times, not both") }
            guard let minutes = frequency.lenientInt, [15, 30, 60, 120, 180].contains(minutes) else {
                throw .invalid("The frequency must be 15, 30, 60, 120 or 180")
            }
            schedule.frequency = minutes
            (schedule.days, schedule.times) = ([], [])
        } else if days != nil || times != nil {
            schedule.frequency = nil
            schedule.days = days ?? schedule.days
            schedule.times = times ?? schedule.times
            guard schedule.days.allSatisfy(RefreshSchedule.week.contains) else {
                throw .invalid("A schedule needs days of the week")
            }
        }
        return schedule
    }

    func json(context: String) -> JSON {
        var members: [String: JSON] = [
            "@odata.context": .string(context),
            "days": .array(days.map { .string($0) }),
            "localTimeZoneId": .string(zone),
            "times": .array(times.map { .string($0) }),
        ]
        members["frequency"] = frequency.map { .int($0) }
        return .object(members)
    }
}
