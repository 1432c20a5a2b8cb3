import FreshetCore
import FreshetKit

/// Turns the results of one run into observations.
struct DBTObserver {
    var run: DBTRunResults
    /// `nil` while there is no manifest.
    var project: DBTProject?
    var probes: DBTProbes
    /// The version of whatever this run built.
    var build: DataVersion
    /// When the run ended, where several runs are read and the order of their files says nothing.
    var endedAt: Int64?
    /// Whether the same run was read before, from another copy of its file.
    var isAgain = false
    var began: Timestamp
    var redactor: Redactor

    /// How many nodes the run built, failed at and left as they were.
    struct Counts {
        var built = 0
        var failed = 0
        var kept = 0
        var total: Int { built + failed + kept }
    }

    /// Adds one observation for each node and test that the run names.
    func observe(into sight: inout DBTSight) {
        sight.cursor.invocation = run.metadata.invocationID
        var counts = Counts()
        if run.isOfBuild {
            let names = names()
            for result in run.results {
                guard let name = names[result.uniqueID] else { continue }
                guard isNewest(name, &sight.cursor) else {
                    observeLate(result, as: name, &sight, &counts)
                    continue
                }
                guard let observation = observe(result, as: name, &sight.cursor, &counts) else { continue }
                sight.observations[name] = observation
            }
        }
        var checks = Counts()
        for result in run.results where DBTNodeID(result.uniqueID)?.type == .test {
            observe(test: result, into: &sight, &checks)
        }
        sight.sentences.append(sentence(counts, checks))
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
        let taken = Set(known.values).union(project?.testNames.values ?? [:].values)
            .union(project?.exposureNames.values ?? [:].values)
        let fallback = DBTNames(Array(unknown.values), taken: taken)
        return names.merging(fallback.byID) { name, _ in name }
    }

    /// Whether no later run has spoken of the node already.
    private func isNewest(_ name: String, _ cursor: inout DBTCursor) -> Bool {
        guard let endedAt else { return true }
        guard cursor.spoken[name, default: .min] <= endedAt else { return false }
        cursor.spoken[name] = endedAt
        return true
    }

    /// Whether the manifest is of this very run, as far as both say so: only then are its settings those of the run.
    private var isManifestOfRun: Bool {
        guard let manifest = project?.invocationID, let run = run.metadata.invocationID else { return true }
        return manifest == run
    }

    private func observe(
        _ result: DBTRunResults.Result,
        as name: String,
        _ cursor: inout DBTCursor,
        _ counts: inout Counts
    ) -> Observation? {
        var observation = observation(of: result)
        let rule = probes.rule(of: result.uniqueID, name: name, in: project)
        let isProbed = if case .figures = rule { true } else { false }
        switch outcome(of: result) {
        case .built where isProbed:
            // What it holds is still to be read; until then it is what it was.
            cursor.succeed(name)
            cursor.pending.insert(name)
            counts.built += 1
        case .built:
            cursor.build(name, build)
            if case .parents = rule { cursor.build(name, from: code(of: result)) }
            counts.built += 1
        case .unchanged where isProbed:
            cursor.succeed(name)
            if cursor.isDoubtful(name) || cursor.version(of: name) == .unknown { cursor.pending.insert(name) }
            counts.kept += 1
        case .unchanged:
            if case .parents = rule, cursor.isDoubtful(name) { cursor.build(name, from: build.fingerprint) }
            _ = cursor.keep(name, or: build)
            counts.kept += 1
        case .leftOut: return nil
        case .failed(let message):
            cursor.doubt(name)
            cursor.fail(name, redactor.redact(message))
            counts.failed += 1
        case .skipped(let message, let mayHaveBegun):
            if mayHaveBegun { cursor.doubt(name) }
            cursor.fail(name, redactor.redact(message))
            counts.failed += 1
        case .unrecognized(let status):
            cursor.succeed(name)
            cursor.doubt(name)
            cursor.lose(name)
            observation.health = .unknown
            observation.message = redactor.redact("dbt reports the status '\(status)', which Freshet does not know")
            counts.kept += 1
        }
        observation.version = cursor.version(of: name)
        return observation
    }

    /// What a run did that is read after one that ended later, as the clock of its machine says.
    ///
    /// A clock may be slow and an upload late: what was written in the meantime counts, how it ended does not.
    private func observeLate(
        _ result: DBTRunResults.Result,
        as name: String,
        _ sight: inout DBTSight,
        _ counts: inout Counts
    ) {
        guard !isAgain else { return }
        switch outcome(of: result) {
        case .unchanged, .leftOut, .skipped(_, mayHaveBegun: false): return
        case .built: counts.built += 1
        case .failed, .skipped, .unrecognized:
            // What was never built has no version to move.
            guard sight.cursor.version(of: name) != .unknown else { return }
            counts.failed += 1
        }
        if probes.figures(of: result.uniqueID, name: name, in: project) != nil {
            sight.cursor.pending.insert(name)
        } else {
            sight.cursor.move(name, by: build)
        }
        var observation = sight.observations[name] ?? observation(of: result)
        observation.version = sight.cursor.version(of: name)
        sight.observations[name] = observation
    }

    private func observation(of result: DBTRunResults.Result) -> Observation {
        Observation(
            .unknown,
            signal: "run_results",
            strength: .probable,
            values: values(of: result),
            observedAt: began
        )
    }

    private func outcome(of result: DBTRunResults.Result) -> DBTOutcome {
        let statement = DBTEmptyStatement(
            adapter: project?.adapter,
            dbtVersion: run.metadata.dbtVersion,
            config: isManifestOfRun ? project?.config(of: result.uniqueID) : nil
        )
        return DBTOutcome(of: result, isEmptyStatement: statement.isProven(by: result.adapterResponse?.value))
    }

    /// What a view was built from: its name in the database, and its SQL as the warehouse was sent it.
    ///
    /// Macros, variables and ephemeral models are worked in there. Where nobody kept it, and where another view was
    /// copied over this one, each build is another.
    private func code(of result: DBTRunResults.Result) -> String {
        let isCopy = result.message?.value?.uppercased().hasPrefix("CLONE") == true || run.args?.which?.value == "clone"
        guard !isCopy, let sql = result.compiledCode?.value ?? compiledInManifest(result.uniqueID) else {
            return build.fingerprint
        }
        var hash = Fingerprint()
        hash.add(result.relationName?.value ?? project?.relation(of: result.uniqueID) ?? "")
        hash.add(sql.fingerprint)
        return hash.hexadecimal
    }

    /// The SQL that the manifest has for a node, if it is surely that of this run.
    private func compiledInManifest(_ id: String) -> HashedText? {
        guard let invocation = run.metadata.invocationID, project?.invocationID == invocation else { return nil }
        let node = project?.node(id)
        return node?.compiledCode?.value ?? node?.compiledSQL?.value
    }

    // MARK: Tests

    /// A test that fails holds what depends on its node, if that is what its severity says, until it passes again.
    private func observe(test result: DBTRunResults.Result, into sight: inout DBTSight, _ counts: inout Counts) {
        guard let id = DBTNodeID(result.uniqueID) else { return }
        let name = project?.testNames[id.text] ?? id.forms[0]
        if let endedAt {
            guard sight.cursor.spoken[id.text, default: .min] <= endedAt else { return }
            sight.cursor.spoken[id.text] = endedAt
        }
        let outcome = DBTTestOutcome(of: result, isErrorSeverity: project?.isErrorSeverity(id.text) ?? true)
        guard outcome != .notMade else { return }
        let message = outcome.message(of: name).map(redactor.redact)
        for tested in project?.tested(by: id.text) ?? [] {
            guard let node = project?.names[tested] else { continue }
            if outcome.blocks {
                sight.cursor.fail(test: id.text, of: node, message ?? "test \(name) failed")
                sight.touched.insert(node)
            } else if sight.cursor.pass(test: id.text, of: node) {
                sight.touched.insert(node)
            }
            if let message, !outcome.blocks { sight.warnings[node, default: []].append(message) }
        }
        if outcome.blocks { counts.failed += 1 } else { counts.kept += 1 }
        guard project?.testNames[id.text] != nil else { return }
        let failures = result.failures?.value ?? 0
        sight.observations[name] = Observation(
            .known(DataVersion("status=\(result.status.lowercased());failures=\(failures)")),
            health: outcome.blocks ? .failed : .ok,
            signal: "run_results",
            strength: .exact,
            values: values(of: result).merging(["failures": .integer(Int64(failures))]) { _, new in new },
            observedAt: began,
            message: message
        )
    }

    // MARK: Evidence

    private func values(of result: DBTRunResults.Result) -> [String: ObservedValue] {
        var values: [String: ObservedValue] = ["status": .text(redactor.redact(result.status))]
        values["completed_at"] = result.completedAt.map { .text(Timestamp(iso8601: $0)?.iso8601 ?? $0) }
        values["execution_time"] = result.executionTime?.value.map { .number($0) }
        values["invocation_id"] = run.metadata.invocationID.map { .text($0) }
        values["rows_affected"] = result.adapterResponse?.value?.rowsAffected?.value.map { rows in
            Int64(exactly: rows).map { .integer($0) } ?? .number(rows)
        }
        if let batches = result.batchResults?.value {
            values["batches_failed"] = .integer(Int64(batches.failed?.value?.count ?? 0))
            values["batches_succeeded"] = .integer(Int64(batches.successful?.value?.count ?? 0))
        }
        return values
    }

    private func sentence(_ counts: Counts, _ checks: Counts) -> String {
        let nodes = counts.total == 1 ? "1 node" : "\(counts.total) nodes"
        var text =
            "\(run.command) named \(nodes): \(counts.built) built, \(counts.failed) failed or skipped, "
            + "\(counts.kept) as before"
        if checks.total > 0 {
            text += "; \(checks.total == 1 ? "1 test" : "\(checks.total) tests"), \(checks.failed) failed"
        }
        if !isManifestOfRun { text += "; the manifest is of another command" }
        return text
    }
}
