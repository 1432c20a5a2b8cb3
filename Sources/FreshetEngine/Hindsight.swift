package import FreshetCore
package import FreshetKit

/// What others' refreshes look like by what was observed: which of them brought anything new, and how late.
package enum Hindsight {
    /// A refresh that somebody made.
    package struct Refresh: Hashable, Sendable {
        package var startedAt: Timestamp
        package var endedAt: Timestamp?

        package init(startedAt: Timestamp, endedAt: Timestamp?) {
            self.startedAt = startedAt
            self.endedAt = endedAt
        }
    }

    /// What Freshet would have done in its place.
    package enum Verdict: Hashable, Sendable {
        /// Refreshed too, for these inputs, the first of which was seen to move at that moment.
        case refreshed([AssetKey], seenAt: Timestamp)
        /// Skipped it: no input differed from what the refresh before it read.
        case skipped
        /// Nobody knows: an input had not been looked at, or could not be read.
        case unknown([AssetKey])
    }

    /// One verdict for each refresh but the first, which nothing comes before.
    ///
    /// What a refresh read is taken to be what its inputs were when it began, as in Freshet's own provenance.
    ///
    /// - Parameters:
    ///   - refreshes: those that succeeded.
    ///   - inputs: what the model reads.
    ///   - log: what moved, oldest first.
    /// - Returns: in the order of their beginnings.
    package static func judge(
        _ refreshes: [Refresh],
        reading inputs: Set<AssetKey>,
        _ log: [LoggedObservation]
    ) -> [(refresh: Refresh, verdict: Verdict)] {
        let ordered = refreshes.sorted { $0.startedAt < $1.startedAt }
        let moves = Dictionary(grouping: log.filter { inputs.contains($0.asset) }, by: \.asset)
        return zip(ordered, ordered.dropFirst()).map { before, refresh in
            (refresh, verdict(on: refresh, after: before, inputs, moves))
        }
    }

    /// What changed after the last refresh and nobody has refreshed since; empty when nothing did.
    package static func waiting(
        since last: Refresh,
        reading inputs: Set<AssetKey>,
        _ log: [LoggedObservation]
    ) -> [(asset: AssetKey, at: Timestamp)] {
        var versions: [AssetKey: VersionState] = [:]
        var found: [AssetKey: Timestamp] = [:]
        for entry in log where inputs.contains(entry.asset) {
            if entry.at > last.startedAt, let before = versions[entry.asset] {
                found[entry.asset] = entry.observation.version == before ? nil : found[entry.asset] ?? entry.at
            } else {
                versions[entry.asset] = entry.observation.version
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func verdict(
        on refresh: Refresh,
        after before: Refresh,
        _ inputs: Set<AssetKey>,
        _ moves: [AssetKey: [LoggedObservation]]
    ) -> Verdict {
        var changed: [(asset: AssetKey, at: Timestamp)] = []
        var unknown: [AssetKey] = []
        for input in inputs.sorted() {
            let entries = moves[input] ?? []
            guard let then = entries.last(where: { $0.at <= before.startedAt })?.observation.version,
                let last = entries.last(where: { $0.at <= refresh.startedAt }),
                case .known = then, case .known = last.observation.version
            else {
                unknown.append(input)
                continue
            }
            guard last.observation.version != then else { continue }
            let first = entries.first { $0.at > before.startedAt && $0.observation.version != then }
            changed.append((input, first?.at ?? last.at))
        }
        if let first = changed.map(\.at).min() { return .refreshed(changed.map(\.asset), seenAt: first) }
        return unknown.isEmpty ? .skipped : .unknown(unknown)
    }
}
