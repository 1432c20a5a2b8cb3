import FreshetCore
package import FreshetKit

/// What had been read of the versions that decisions compare with, as the log of observations has it.
package enum OldValues {
    package static func filled(
        into decisions: [DecisionRecord],
        from store: any RunStore
    ) async throws(StoreError) -> [DecisionRecord] {
        var known: [Consumed: [String: ObservedValue]] = [:]
        var decisions = decisions
        for place in decisions.indices {
            for item in decisions[place].evidence.indices {
                let evidence = decisions[place].evidence[item]
                guard let then = evidence.then, evidence.signal != "materialization" else { continue }
                let consumed = Consumed(asset: evidence.input.key, version: then)
                if known[consumed] == nil {
                    let query = ObservationQuery(asset: consumed.asset, version: consumed.version, limit: 1)
                    known[consumed] = try await store.observations(query).first?.observation.values ?? [:]
                }
                decisions[place].evidence[item].valuesThen = known[consumed] ?? [:]
            }
        }
        return decisions
    }

    private struct Consumed: Hashable {
        var asset: AssetKey
        var version: DataVersion
    }
}
