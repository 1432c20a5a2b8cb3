import FreshetCore
import FreshetKit

/// What an asset states about how its table is watched.
struct SQLTableOptions {
    private let settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    func tiers() throws(Diagnostic) -> SQLTiers {
        var change = try measures("change")
        if change.isEmpty { change = [.rowCount] }
        let confirm = try measures("confirm")
        if let twice = confirm.first(where: change.contains) {
            throw Diagnostic(
                "'\(twice.name)' is in 'change' already",
                at: settings.origin(of: "confirm"),
                hint: "confirm by something stronger, such as checksum"
            )
        }
        let every = try settings.duration("confirm_every")
        guard every == nil || !confirm.isEmpty else {
            throw Diagnostic(
                "'confirm_every' says when 'confirm' is read, and there is no 'confirm'",
                at: settings.origin(of: "confirm_every"),
                hint: "add 'confirm: [row_count, checksum]', or remove it"
            )
        }
        var tiers = SQLTiers(change: change, confirm: confirm, confirmEvery: every)
        if let lag = try settings.duration("safety_lag") { try widen(&tiers, by: lag) }
        return tiers
    }

    func dataTime() throws(Diagnostic) -> SQLMeasure? {
        guard let text = try settings.text("data_time") else { return nil }
        switch try measure(text, "data_time") {
        case .max(let column): return .max(column)
        case .min(let column): return .min(column)
        case .rowCount, .sum, .checksum, .tableVersion, .recent:
            throw Diagnostic(
                "'\(text)' is not a time",
                at: settings.origin(of: "data_time"),
                hint: "write max(column) or min(column)"
            )
        }
    }

    /// Adds to each watermark the rows that may still arrive behind it.
    private func widen(_ tiers: inout SQLTiers, by lag: Duration) throws(Diagnostic) {
        func widened(_ measures: [SQLMeasure]) -> [SQLMeasure] {
            measures.flatMap { measure in
                if case .max(let column) = measure { [measure, .recent(column, lag: lag)] } else { [measure] }
            }
        }
        let before = tiers
        tiers.change = widened(tiers.change)
        tiers.confirm = widened(tiers.confirm)
        guard tiers != before, lag > .zero else {
            throw Diagnostic(
                lag > .zero
                    ? "'safety_lag' is about rows behind a watermark, and no max(column) is watched"
                    : "'safety_lag' has to be more than zero",
                at: settings.origin(of: "safety_lag"),
                hint: lag > .zero ? "add max(column) of the column that says when a row was written" : nil
            )
        }
    }

    private func measures(_ name: String) throws(Diagnostic) -> [SQLMeasure] {
        var measures: [SQLMeasure] = []
        for text in try settings.texts(name) {
            let measure = try measure(text, name)
            if !measures.contains(measure) { measures.append(measure) }
        }
        return measures
    }

    private func measure(_ text: String, _ name: String) throws(Diagnostic) -> SQLMeasure {
        guard let measure = SQLMeasure(text) else {
            throw Diagnostic(
                "'\(text)' is not a figure of a table",
                at: settings.origin(of: name),
                hint: "write one of \(SQLMeasure.spelling)"
            )
        }
        return measure
    }
}
