import FreshetCore

/// A cheap signal at every look, and a stronger one when the cheap one moved.
///
/// The version is that of the stronger one: what moves only the cheap one is no change. As long as the cheap one stands
/// still the stronger one is not asked; `confirmEvery` bounds how long.
struct SQLTiers: Hashable, Sendable {
    var change: [SQLMeasure]
    /// Empty for no second tier.
    var confirm: [SQLMeasure]
    var confirmEvery: Duration?

    /// What is watched, as a person reads it; with another one, nothing that was seen before can be compared.
    var signal: String {
        let first = SQLReading.signal(change)
        return confirm.isEmpty ? first : "\(first), confirmed by \(SQLReading.signal(confirm))"
    }

    /// What was seen at the last look, as far as this one can go on from it.
    struct Memory: Hashable, Sendable {
        var version: DataVersion
        /// The fingerprint of the cheap figures.
        var change: String
        var confirmedAt: Timestamp
        var observation: Observation
    }

    static let changeNote = "change"
    static let confirmedNote = "confirmed_at"

    func memory(of previous: Observation?) -> Memory? {
        guard let previous, previous.signal == signal, case .known(let version) = previous.version,
            case .text(let change)? = previous.values[Self.changeNote],
            case .text(let moment)? = previous.values[Self.confirmedNote],
            let confirmedAt = Timestamp(iso8601: moment)
        else { return nil }
        return Memory(version: version, change: change, confirmedAt: confirmedAt, observation: previous)
    }

    /// Why the stronger signal has to be asked; `nil` when it has not.
    ///
    /// - Parameters:
    ///   - figures: the cheap ones of this look.
    ///   - memory: of the last one.
    ///   - now: by the engine's clock, as ``Memory/confirmedAt`` is.
    /// - Returns: a few words, such as `table_version moved`.
    func reasonToConfirm(_ figures: SQLFigures, _ memory: Memory?, now: Timestamp) -> String? {
        guard let memory else { return "nothing comparable was seen before" }
        if let unknown = figures.unknown { return unknown }
        if figures.fingerprint != memory.change { return "\(SQLReading.signal(change)) moved" }
        // A clock that was set back must not put it off.
        if let confirmEvery, now - memory.confirmedAt >= confirmEvery || now < memory.confirmedAt {
            return "not confirmed since \(memory.confirmedAt.iso8601)"
        }
        return nil
    }

    func strength(in dialect: SQLDialect?) -> Strength {
        let first = SQLMeasure.strength(of: change, in: dialect)
        guard !confirm.isEmpty else { return first }
        return min(first, SQLMeasure.strength(of: confirm, in: dialect))
    }

    private func min(_ one: Strength, _ other: Strength) -> Strength {
        let order: [Strength] = [.heuristic, .probable, .exact]
        return order.first { $0 == one || $0 == other } ?? one
    }
}
