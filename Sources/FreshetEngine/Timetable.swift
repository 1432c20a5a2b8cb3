public import FreshetCore
public import FreshetKit

/// The schedules of one asset.
public struct Timetable: Sendable {
    public var asset: AssetKey
    /// By their names in the store.
    public var schedules: [(name: String, schedule: Schedule)]

    /// Those of a project, in graph order.
    public static func all(of project: Project) -> [Timetable] {
        project.graph.ordered.compactMap { spec in
            guard spec.isMaterialized, let policy = spec.policy.automation else { return nil }
            let schedules = [("cron", policy.schedule), ("force_at", policy.forcedAt)].compactMap { word, schedule in
                schedule.map { (name: "\(spec.key):\(word)", schedule: $0) }
            }
            return schedules.isEmpty ? nil : Timetable(asset: spec.key, schedules: schedules)
        }
    }

    /// The slots to answer now, each with whether it always refreshes.
    func due(
        _ records: [String: ScheduleRecord],
        at now: Timestamp,
        zone: (String) -> TimeZoneRules
    ) -> [Timestamp: Bool] {
        var slots: [Timestamp: Bool] = [:]
        for (name, schedule) in schedules {
            guard let record = records[name] else { continue }
            let due = schedule.due(after: record.answeredThrough, through: now, in: zone(schedule.timeZone))
            for slot in due { slots[slot] = slots[slot] == true || schedule.refreshesAlways }
        }
        return slots
    }
}
