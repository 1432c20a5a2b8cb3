import FreshetCore
import FreshetKit
import FreshetView

/// When the clocks of a project ask for something, schedule by schedule.
enum ScheduleText {
    struct Row {
        var row: ScheduleRows
        var next: [Timestamp]
        var zone: TimeZoneRules
        /// How far it has been answered; `nil` where no daemon has kept it yet.
        var answeredThrough: Timestamp?

        var json: JSONValue {
            [
                "asset": .text(row.asset.path), "schedule": .text(row.word),
                "expressions": .list(row.schedule.expressions.map { .text($0.text) }),
                "timezone": .text(row.schedule.timeZone), "catchup": .text(row.schedule.catchup.rawValue),
                "always": .boolean(row.schedule.refreshesAlways),
                "next": .list(next.map { .text($0.formatted(in: zone)) }),
                "answered_through": Documents.time(answeredThrough),
            ]
        }
    }

    /// How many slots are shown.
    private static let count = 5

    static func rows(of project: Project, at now: Timestamp, _ records: [String: ScheduleRecord] = [:]) -> [Row] {
        ScheduleRows.all(of: project).map { row in
            let zone = ZoneFiles.rules(row.schedule.timeZone)
            let record = records[row.name]
            return Row(
                row: row,
                next: row.schedule.times(after: now, in: zone, count: count),
                zone: zone,
                answeredThrough: record?.definition == row.schedule.definition ? record?.answeredThrough : nil
            )
        }
    }

    static func write(_ project: Project, to output: Output, at now: Timestamp) {
        for row in rows(of: project, at: now) {
            output.line()
            let what = row.row
            let head =
                "\(what.asset) \(what.does) at \(what.expressions) (\(what.word), \(what.schedule.timeZone)), next:"
            for line in Table.wrap(head, to: output.width ?? 400) { output.line(line) }
            for moment in row.next { output.line("  \(weekday(moment, row.zone)) \(moment.formatted(in: row.zone))") }
        }
    }

    static func weekday(_ moment: Timestamp, _ zone: TimeZoneRules) -> String {
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][zone.local(at: moment).date.weekday - 1]
    }
}
