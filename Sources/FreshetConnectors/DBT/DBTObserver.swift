import FreshetCore
import FreshetKit

/// Turns the results of one run into observations.
struct DBTObserver {
    var run: DBTRunResults
    /// `nil` while there is no manifest.
    var project: DBTProject?
    /// The version of whatever this run built.
    var build: DataVersion
    var began: Timestamp
    var redactor: Redactor

    /// One observation for each node that the run names, and the cursor after it.
    func reading(prefix: String, moving cursor: DBTCursor) -> SensorReading {
        var cursor = cursor
        cursor.invocation = run.metadata.invocationID
        let names = names()
        var observations: [AssetKey: Observation] = [:]
        for result in run.results {
            guard let name = names[result.uniqueID] else { continue }
            guard let observation = observe(result, as: name, moving: &cursor) else { continue }
            observations[AssetKey(prefix + name)] = observation
        }
        return SensorReading(cursor: cursor.text, observations: observations, message: message(observations))
    }

    /// The names of the nodes that this run reports on; a node that the manifest lacks is called by its unique id.
    private func names() -> [String: String] {
        let known = project?.names ?? [:]
        var names: [String: String] = [:]
        var unknown: [String: DBTNodeID] = [:]
        for result in run.results {
            guard let id = DBTNodeID(result.uniqueID), id.type.isBuilt else { continue }
            if let name = known[id.text] {
                names[id.text] = name
            } else if project?.isEphemeral(id.text) != true {
                unknown[id.text] = id
            }
        }
        let fallback = DBTNames(Array(unknown.values), taken: Set(known.values))
        return names.merging(fallback.byID) { name, _ in name }
    }

    private func observe(
        _ result: DBTRunResults.Result,
        as name: String,
        moving cursor: inout DBTCursor
    ) -> Observation? {
        let statement = DBTEmptyStatement(
            adapter: project?.adapter,
            dbtVersion: run.metadata.dbtVersion,
            config: project?.config(of: result.uniqueID)
        )
        let isEmpty = statement.isProven(by: result.adapterResponse?.value)
        var observation = Observation(
            cursor.version(of: name),
            signal: "run_results",
            strength: .probable,
            values: values(of: result),
            observedAt: began
        )
        switch DBTOutcome(of: result, isEmptyStatement: isEmpty) {
        case .built: observation.version = .known(cursor.build(name, build))
        case .unchanged: observation.version = .known(cursor.keep(name, or: build))
        case .leftOut: return nil
        case .failed(let message):
            cursor.doubt(name)
            observation.health = .failed
            observation.message = redactor.redact(message)
        case .skipped(let message, let mayHaveBegun):
            if mayHaveBegun { cursor.doubt(name) }
            observation.health = .failed
            observation.message = redactor.redact(message)
        case .unrecognized(let status):
            cursor.doubt(name)
            observation.version = .unknown
            observation.health = .unknown
            observation.message = redactor.redact("dbt reports the status '\(status)', which Freshet does not know")
        }
        return observation
    }

    private func values(of result: DBTRunResults.Result) -> [String: ObservedValue] {
        var values: [String: ObservedValue] = ["status": .text(redactor.redact(result.status))]
        values["completed_at"] = result.completedAt.map { .text(Timestamp(iso8601: $0)?.iso8601 ?? $0) }
        values["execution_time"] = result.executionTime?.value.map { .number($0) }
        values["invocation_id"] = run.metadata.invocationID.map { .text($0) }
        values["rows_affected"] = result.adapterResponse?.value?.rowsAffected?.value.map { rows in
            Int64(exactly: rows).map { .integer($0) } ?? .number(rows)
        }
        return values
    }

    private func message(_ observations: [AssetKey: Observation]) -> String {
        let failed = observations.values.count { $0.health == .failed }
        let built = observations.values.count { $0.health == .ok && $0.version == .known(build) }
        let nodes = observations.count == 1 ? "1 node" : "\(observations.count) nodes"
        return "\(run.command) named \(nodes): \(built) built, \(failed) failed or skipped, "
            + "\(observations.count - built - failed) as before"
    }
}
