/// A model's own schedule, the one Freshet replaces.
struct RefreshSchedule: Codable, Hashable, Sendable {
    var days = RefreshSchedule.week
    /// `HH:MM`, in the zone below.
    var times: [String] = []
    var isEnabled = false
    /// A Windows zone name, not an IANA one.
    var zone = "UTC"
    var notifyOption = "MailOnFailure"

    static let week = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// The schedule after a PATCH, by the rules of facts §2.1.
    ///
    /// - Parameters:
    ///   - body: must wrap the changes in `value`.
    ///   - slots: refreshes a day the capacity allows.
    /// - Returns: the new schedule.
    /// - Throws: the texts are invented; only the statuses and the rules are on record.
    func patched(by body: JSON?, slots: Int) throws(PowerBIRefusal) -> RefreshSchedule {
        guard let changes = body?["value"]?.members else { throw .invalid("The request body must have a 'value'") }
        var schedule = self
        if changes["enabled"] == false {
            guard changes.count == 1 else { throw .invalid("Disabling a schedule must be the only change") }
            schedule.isEnabled = false
            return schedule
        }
        schedule.isEnabled = changes["enabled"].map { $0 == true } ?? isEnabled
        schedule.zone = changes["localTimeZoneId"]?.string ?? zone
        schedule.notifyOption = changes["notifyOption"]?.string ?? notifyOption
        if let days = changes["days"]?.elements {
            let names = days.compactMap(\.string)
            guard !names.isEmpty, names.count == days.count, names.allSatisfy(RefreshSchedule.week.contains) else {
                throw .invalid("A schedule needs at least one day of the week")
            }
            schedule.days = names
        }
        if let times = changes["times"]?.elements { schedule.times = times.compactMap(\.string) }
        guard schedule.times.count <= slots else { throw .invalid("At most \(slots) times a day are allowed") }
        guard schedule.notifyOption == "NoNotification" else {
            throw .invalid("A service principal must use notifyOption NoNotification")
        }
        return schedule
    }

    func json(context: String) -> JSON {
        .object(members.merging(["@odata.context": .string(context)]) { first, _ in first })
    }

    var members: [String: JSON] {
        [
            "days": .array(days.map { .string($0) }),
            "enabled": .bool(isEnabled),
            "localTimeZoneId": .string(zone),
            "notifyOption": .string(notifyOption),
            "times": .array(times.map { .string($0) }),
        ]
    }
}
