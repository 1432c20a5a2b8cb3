import FreshetCore
import FreshetKit

/// Takes over what `dbt source freshness` found.
///
/// dbt leaves a source out of its file when the query for it failed, and `source_status:fresher+` then passes over
/// everything downstream. Here such a source is unknown, and unknown is never taken for same.
///
/// - SeeAlso: dbt-core #12836.
struct DBTFreshness {
    static let caveats = Caveats(
        .heuristic,
        misses: ["rows changed or deleted without a newer stamp", "late rows with old stamps"],
        criesWolf: ["stamps that are renewed although nothing else is"]
    )
    static let signal = "max_loaded_at"

    var results: DBTSourceResults
    var project: DBTProject
    var probes: DBTProbes
    var redactor: Redactor

    func observe(into sight: inout DBTSight) {
        var named: Set<String> = []
        for result in results.results {
            guard let name = project.names[result.uniqueID] else { continue }
            named.insert(result.uniqueID)
            guard probes.figures(of: result.uniqueID, name: name, in: project) == nil else { continue }
            let observation = result.observation(observedAt: sight.began) { redactor.redact($0) }
            note(observation, of: name, &sight)
        }
        for (id, name) in project.names where id.hasPrefix("source.") && !named.contains(id) {
            let isExpected = project.node(id)?.freshness?.value?.isStated == true
            guard isExpected || sight.cursor.signals[name] == Self.signal,
                probes.figures(of: id, name: name, in: project) == nil
            else { continue }
            let message = "dbt's sources file does not speak of it: it was not asked for, or its query failed"
            let observation = Observation(
                .unknown,
                signal: Self.signal,
                strength: .heuristic,
                observedAt: sight.began,
                message: message
            )
            note(observation, of: name, &sight)
        }
        let count = results.results.count
        sight.sentences.append("`dbt source freshness` named \(count == 1 ? "1 source" : "\(count) sources")")
    }

    private func note(_ observation: Observation, of name: String, _ sight: inout DBTSight) {
        if case .known(let version) = observation.version {
            sight.cursor.verify(name, version)
        } else {
            sight.cursor.lose(name)
        }
        sight.cursor.signals[name] = Self.signal
        sight.observations[name] = observation
    }
}
