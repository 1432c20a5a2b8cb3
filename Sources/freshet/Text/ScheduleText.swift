import FreshetCore
import FreshetKit
import FreshetView

/// When the clocks of a project ask for something, schedule by schedule.
enum ScheduleText {
    struct Row {
        var asset: AssetKey
        /// `cron` or `force_at`.
        var word: String
        var schedule: Schedule
        var next: [Timestamp]
        var zone: TimeZoneRules
        /// How far it has been answered; `nil` where no daemon has kept it yet.
        var answeredThrough: Timestamp?

        var expressions: String { schedule.expressions.map(\.text).joined(separator: "; ") }

        var isShadowed: Bool

        /// What a slot does.
        var does: String {
            if schedule.refreshesAlways { return "refreshes" }
            return isShadowed ? "compares and refreshes (shadow)" : "looks and compares"
        }

        var json: JSONValue {
            [
                "asset": .text(asset.path), "schedule": .text(word),
                "expressions": .list(schedule.expressions.map { .text($0.text) }),
                "timezone": .text(schedule.timeZone), "catchup": .text(schedule.catchup.rawValue),
                "always": .boolean(schedule.refreshesAlways),
                "next": .list(next.map { .text($0.formatted(in: zone)) }),
                "answered_through": Documents.time(answeredThrough),
            ]
        }
    }

    /// How many slots are shown.
    private static let count = 5

    static func rows(of project: Project, at now: Timestamp, _ records: [String: ScheduleRecord] = [:]) -> [Row] {
        project.graph.ordered.flatMap { spec -> [Row] in
            let policy = spec.policy.automation
            return [("cron", policy?.schedule), ("force_at", policy?.forcedAt)].compactMap { word, schedule in
                guard let schedule else { return nil }
                let zone = ZoneFiles.rules(schedule.timeZone)
                let record = records["\(spec.key):\(word)"]
                return Row(
                    asset: spec.key,
                    word: word,
                    schedule: schedule,
                    next: schedule.times(after: now, in: zone, count: count),
                    zone: zone,
                    answeredThrough: record?.definition == schedule.definition ? record?.answeredThrough : nil,
                    isShadowed: policy?.isShadowed == true
                )
            }
        }
    }

    static func write(_ project: Project, to output: Output, at now: Timestamp) {
        for row in rows(of: project, at: now) {
            output.line()
            let head = "\(row.asset) \(row.does) at \(row.expressions) (\(row.word), \(row.schedule.timeZone)), next:"
            for line in Table.wrap(head, to: output.width ?? 400) { output.line(line) }
            for moment in row.next { output.line("  \(weekday(moment, row.zone)) \(moment.formatted(in: row.zone))") }
        }
    }

    static func weekday(_ moment: Timestamp, _ zone: TimeZoneRules) -> String {
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][zone.local(at: moment).date.weekday - 1]
    }
}
