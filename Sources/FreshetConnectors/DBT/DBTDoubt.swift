import FreshetCore
import FreshetKit

/// A command that builds nothing has overwritten the results, and may have done so before anybody saw those of a run.
///
/// Nodes that are looked at in the database are looked at again. The versions of the others move once: a needless
/// refresh is cheaper than one that never comes.
struct DBTDoubt: Sendable {
    /// How far the clock of another machine may be behind.
    private static let skew = Duration.seconds(60)
    /// Files of this machine are written by its own clock, to the second.
    private static let skewHere = Duration.seconds(2)

    /// Of the command.
    var version: DataVersion
    var message: String

    /// Nothing where the command had begun by `seen`: no run can have ended in between.
    ///
    /// `results` is what is there now, `seen` when the results before were certainly still there; `nil` where nobody
    /// knows.
    init?(_ results: DBTRunResults, _ version: DataVersion, document: String, seen: Timestamp?, isHere: Bool) {
        let skew = isHere ? Self.skewHere : Self.skew
        if let seen, let began = results.beganAt, began + skew <= seen { return nil }
        self.version = version
        message =
            "\(results.command) overwrote '\(document)'; a run may have been missed: give each run a file of its own, "
            + "and use a pattern such as run_results*.json"
    }

    func apply(to sight: inout DBTSight, project: DBTProject?, probes: DBTProbes) {
        let ids = Dictionary((project?.names ?? [:]).map { ($0.value, $0.key) }) { first, _ in first }
        for name in sight.cursor.nodes.keys.sorted() where sight.cursor.signals[name] != DBTFreshness.signal {
            if probes.figures(of: ids[name] ?? name, name: name, in: project) != nil {
                sight.cursor.pending.insert(name)
                continue
            }
            sight.cursor.move(name, by: version)
            sight.observations[name] = Observation(
                sight.cursor.version(of: name),
                signal: "run_results",
                strength: .probable,
                observedAt: sight.began,
                message: message
            )
        }
        sight.sentences.append(message)
    }
}
