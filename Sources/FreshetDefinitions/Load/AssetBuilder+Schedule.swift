internal import FreshetCore
internal import FreshetKit

extension AssetBuilder {
    /// The clock behind the signals: what `automation` says of it, checked as a whole.
    mutating func schedules(
        _ fields: Settings,
        _ policy: inout AutomationPolicy,
        of key: AssetKey
    ) throws(Diagnostic) {
        let zone = try timeZone(fields)
        let catchup = try fields.text("catchup").flatMap(Schedule.Catchup.init) ?? .latest
        let isAlways = try fields.boolean("always") ?? false
        if fields.has("cron") {
            let expressions = try expressions("cron", fields, of: key)
            policy.schedule = Schedule(expressions, timeZone: zone, catchup: catchup, refreshesAlways: isAlways)
        }
        if fields.has("force_at") {
            let expressions = try expressions("force_at", fields, of: key)
            policy.forcedAt = Schedule(expressions, timeZone: zone, catchup: catchup, refreshesAlways: true)
        }
        policy.actsOnChange = try fields.text("on") != "schedule"
        policy.isShadowed = try fields.text("shadow") == "refresh"
        if policy.schedule == nil {
            for name in ["always", "shadow"] where fields.has(name) {
                throw needsCron("'\(name)' means nothing without 'cron'", at: fields.origin(of: name))
            }
            if !policy.actsOnChange { throw needsCron("'on: schedule' needs 'cron'", at: fields.origin(of: "on")) }
        }
        if policy.schedule == nil, policy.forcedAt == nil {
            for name in ["catchup", "timezone"] where fields.has(name) {
                throw needsCron("'\(name)' means nothing without 'cron' or 'force_at'", at: fields.origin(of: name))
            }
        }
        guard !(isAlways && policy.isShadowed) else {
            throw Diagnostic(
                "'always' and 'shadow' contradict each other",
                at: fields.origin(of: "shadow"),
                hint: "'always' never compares; 'shadow' compares, and refreshes to prove it"
            )
        }
    }

    private func needsCron(_ message: String, at origin: Origin) -> Diagnostic {
        Diagnostic(message, at: origin, hint: "add 'cron: \"30 6 * * *\"', for instance")
    }

    private mutating func expressions(
        _ name: String,
        _ fields: Settings,
        of key: AssetKey
    ) throws(Diagnostic) -> [CronExpression] {
        var expressions: [CronExpression] = []
        for text in try fields.texts(name) {
            do throws(CronError) {
                let expression = try CronExpression(parsing: text, name: key.path)
                expressions.append(expression)
                for warning in expression.warnings { diagnostics.warning(warning, at: fields.origin(of: name)) }
            } catch {
                throw Diagnostic(
                    "'\(name)' is not right: \(error)",
                    at: fields.origin(of: name),
                    hint: "write it as minute, hour, day of the month, month, day of the week: \"30 6 * * mon-fri\""
                )
            }
        }
        guard !expressions.isEmpty else { throw Diagnostic("'\(name)' names no time", at: fields.origin(of: name)) }
        return expressions
    }
}
