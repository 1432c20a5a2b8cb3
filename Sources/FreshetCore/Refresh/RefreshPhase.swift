/// How far a refresh has come, as far as its words can be trusted.
package enum RefreshPhase: Hashable, Sendable {
    case running
    case completed
    case failed
    case cancelled
    /// Ended without work, because the model is refreshed selectively.
    case disabled
    case timedOut

    package var isFinal: Bool { self != .running }
}

extension RefreshRecord {
    /// Only an explicit `Completed` that nothing contradicts is success; a word that is not known is no information,
    /// and stands for a refresh that still runs.
    ///
    /// `extendedStatus` is the more specific word where it says anything: `status` is `Unknown` while a refresh runs.
    package var phase: RefreshPhase {
        let status = Self.reading(status)
        guard let word = Self.reading(extendedStatus) ?? status else { return .running }
        guard word == .completed else { return word }
        let isUnstated = self.status == nil || self.status?.lowercased() == "unknown"
        return status == .completed || (isUnstated && endedAt != nil) ? .completed : .running
    }

    /// What in it contradicts itself: `end_before_start`, `contradicting_words`, `end_while_running`, `unknown_word`.
    var anomalies: Set<String> {
        var found: Set<String> = []
        if let startedAt, let endedAt, endedAt < startedAt { found.insert("end_before_start") }
        let words = [status, extendedStatus].compactMap { $0?.lowercased() }.filter { $0 != "unknown" }
        let readings = words.map(Self.reading)
        if readings.contains(nil) { found.insert("unknown_word") }
        if Set(readings.compactMap { $0 }).count > 1 { found.insert("contradicting_words") }
        if phase == .running, endedAt != nil { found.insert("end_while_running") }
        return found
    }

    private static func reading(_ word: String?) -> RefreshPhase? {
        switch word?.lowercased() {
        case "completed": .completed
        case "failed": .failed
        case "cancelled", "canceled": .cancelled
        case "disabled": .disabled
        case "timedout": .timedOut
        case "notstarted", "inprogress": .running
        default: nil
        }
    }

    /// Whether it seems to be under way; past `limit` it cannot be, whatever its words say.
    func isRunning(at now: Timestamp, limit: Duration) -> Bool {
        guard phase == .running, endedAt == nil else { return false }
        return startedAt.map { now - $0 < limit } ?? true
    }

    /// Whether a request of ours may show up in history under this source.
    enum Origin {
        /// Asked for through the REST interface.
        case api
        case other
        /// A word that is not known; it may stand for either.
        case unclear
    }

    var origin: Origin {
        switch source?.lowercased() {
        case "viaapi", "viaenhancedapi", "reliableprocessing": .api
        case "scheduled", "ondemand", "ondemandtraining", "viaxmlaendpoint", "directlakeframing", "webmodeling": .other
        default: .unclear
        }
    }

    /// Whether it can only be a refresh of the whole model: those sources cannot be limited to tables.
    var isWholeByNature: Bool { ["scheduled", "ondemand", "viaapi"].contains(source?.lowercased() ?? "") }

    /// Whether these objects, each a `table` or `table/partition`, are all among what it works on.
    ///
    /// The service expands a table into its partitions, and does not say whether those are all. For a request of our
    /// own that is enough; for somebody else's it is not.
    func covers(_ names: [String], isOurs: Bool) -> Bool {
        names.allSatisfy { name in
            objects.contains { object in
                object.name == name || (isOurs && object.table == name)
                    || (object.partition == nil && name.hasPrefix(object.table + "/"))
            }
        }
    }
}
