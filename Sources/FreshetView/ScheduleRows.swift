package import FreshetCore
package import FreshetKit

/// A schedule of the project: whose, and what its slots do.
package struct ScheduleRows: Sendable {
    /// Unique in the project, as the store knows it.
    package var name: String
    package var asset: AssetKey
    /// `cron` or `force_at`.
    package var word: String
    package var schedule: Schedule
    package var isShadowed: Bool

    package var expressions: String { schedule.expressions.map(\.text).joined(separator: "; ") }

    /// What a slot does.
    package var does: String {
        if schedule.refreshesAlways { return "refreshes" }
        return isShadowed ? "compares and refreshes (shadow)" : "looks and compares"
    }

    /// In graph order.
    package static func all(of project: Project) -> [ScheduleRows] {
        project.graph.ordered.flatMap { spec -> [ScheduleRows] in
            let policy = spec.policy.automation
            return [("cron", policy?.schedule), ("force_at", policy?.forcedAt)].compactMap { word, schedule in
                guard let schedule else { return nil }
                return ScheduleRows(
                    name: "\(spec.key):\(word)",
                    asset: spec.key,
                    word: word,
                    schedule: schedule,
                    isShadowed: policy?.isShadowed == true
                )
            }
        }
    }
}
