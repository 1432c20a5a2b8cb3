internal import FreshetCore
internal import FreshetKit

/// What a program's end and its report mean.
///
/// Pure: the table of docs/plugins.md, as code.
struct PluginVerdict {
    let entry: PluginEntry
    let limits: ProcessLimits
    let asset: AssetKey
    let previous: Materialization?

    var key: String { PipesKey.text(of: asset) }

    /// How the step ended.
    func outcome(_ result: PluginResult) -> StepOutcome {
        if result.exit.end == .stopped, result.trouble == nil || result.trouble == .unread {
            return .cancelled(StepCancellation(isRemoteStopped: true, message: "the program was stopped"))
        }
        if let failure = failure(result) { return .failed(failure) }
        if let strange = result.report.materializations.keys.first(where: { $0 != key }) {
            return .failed(bad("it reported '\(strange)', which is not the asset that it was run for", result))
        }
        let checks = checks(result.report)
        let wrong = checks.filter { !$0.isPassed && $0.severity == .error }
        guard wrong.isEmpty else {
            let message = wrong.map { "\($0.name)\($0.message.isEmpty ? "" : " (\($0.message))")" }
            let word = wrong.count == 1 ? "the check failed: " : "\(wrong.count) checks failed: "
            return .failed(
                StepFailure(
                    .checkFailed,
                    .later,
                    message: word + message.joined(separator: "; "),
                    details: details(result, asset: key),
                    checks: checks
                )
            )
        }
        return entry.role == .check ? checked(result, checks) : made(result, checks)
    }

    private func checked(_ result: PluginResult, _ checks: [CheckResult]) -> StepOutcome {
        guard !checks.isEmpty else { return .failed(bad("it reported no check", result)) }
        return .succeeded(StepSuccess(details: details(result, asset: key), checks: checks))
    }

    private func made(_ result: PluginResult, _ checks: [CheckResult]) -> StepOutcome {
        let report = result.report
        let made = report.materializations[key]
        let skip = report.skips[key] ?? report.skips[""]
        switch (made, skip) {
        case (.some, .some): return .failed(bad("it reported '\(key)' as made and as skipped", result))
        case (let made?, nil):
            let version = made.version.map { DataVersion($0) }
            return .succeeded(StepSuccess(version: version, details: details(result, asset: key), checks: checks))
        case (nil, let reason?): return .succeeded(unchanged(result, checks, reason))
        case (nil, nil): return silent(result, checks)
        }
    }

    private func silent(_ result: PluginResult, _ checks: [CheckResult]) -> StepOutcome {
        switch entry.silentSuccess {
        case .materialized: .succeeded(StepSuccess(details: details(result, asset: key), checks: checks))
        case .unchanged: .succeeded(unchanged(result, checks, "it reported nothing"))
        case .error:
            .failed(
                bad(
                    "it ended well and reported nothing about '\(key)'; report a materialization or a skip, or state "
                        + "'on_silent_success' in its plugin.yaml",
                    result
                )
            )
        }
    }

    /// A success with the version that there was: nothing after it is stale for its sake.
    private func unchanged(_ result: PluginResult, _ checks: [CheckResult], _ reason: String) -> StepSuccess {
        var members = details(result, asset: key).object ?? [:]
        members["unchanged"] = .text(reason)
        return StepSuccess(version: previous?.version, details: .object(members), checks: checks)
    }

    // MARK: Failures

    /// What has failed before it matters what was reported; `nil` when nothing has.
    func failure(_ result: PluginResult) -> StepFailure? {
        let exit = result.exit
        func failed(_ code: FailureCode, _ message: String, _ details: [String: JSONValue] = [:]) -> StepFailure {
            var members = self.details(result, asset: key).object ?? [:]
            members.merge(details) { _, new in new }
            if !result.lastErrors.isEmpty { members["stderr"] = .list(result.lastErrors.map { .text($0) }) }
            return StepFailure(
                code,
                .later,
                message: message,
                details: .object(members),
                checks: checks(result.report)
            )
        }
        switch result.trouble {
        case .overMessages: return failed(.remoteFailed, "it reported more than its limit, and was stopped")
        case .replaced:
            return failed(
                .remoteFailed,
                "it put something else in the place of its messages file, and was stopped; a program only appends to it"
            )
        case .unread, nil: break
        }
        switch exit.end {
        case .timedOut:
            let limit = limits.time.map { " of \($0.briefly)" } ?? ""
            return failed(.timedOut, "it took longer than its limit\(limit), and was stopped")
        case .overMemory:
            return failed(
                .remoteFailed,
                "it used more memory than its limit of \(limits.memory ?? 0) bytes, and was stopped"
            )
        case .overProcesses:
            return failed(
                .remoteFailed,
                "it had more than its limit of \(limits.processes ?? 0) processes, and was stopped"
            )
        case .itself, .stopped: break
        }
        if result.trouble == .unread {
            return failed(.timedOut, "it reported more than could be read within its time; report less")
        }
        if let fault = result.report.faults.first { return failed(.remoteFailed, fault) }
        if let exception = result.report.exception {
            return failed(.remoteFailed, exception.message, ["exception": exception.details])
        }
        let last = result.lastErrors.last { !$0.isEmpty }.map { ": \($0)" } ?? ""
        switch exit.status {
        case .exited(0): return nil
        case .exited(let code):
            return failed(.remoteFailed, "it ended with status \(code)\(last)", ["exit_status": .integer(Int64(code))])
        case .signalled(let number):
            return failed(.remoteFailed, "it ended by signal \(number)\(last)", ["signal": .integer(Int64(number))])
        }
    }

    /// An end that is right by itself, with a report that is not.
    private func bad(_ message: String, _ result: PluginResult) -> StepFailure {
        StepFailure(.remoteFailed, .later, message: message, details: details(result, asset: key))
    }

    // MARK: Pieces

    /// Those of the asset by their names, those of others with the asset's before them.
    func checks(_ report: PipesReport) -> [CheckResult] {
        report.checks.map { check in
            var result = check.result
            if check.asset != key { result.name = "\(check.asset)/\(result.name)" }
            return result
        }
    }

    private func details(_ result: PluginResult, asset: String) -> JSONValue {
        var members = result.report.materializations[asset]?.metadata.details.object ?? [:]
        if result.exit.strays > 0 { members["processes_left_behind"] = .integer(Int64(result.exit.strays)) }
        if result.exit.droppedBytes > 0 { members["output_dropped_bytes"] = .integer(result.exit.droppedBytes) }
        return .object(members)
    }

    /// What a person should know of a report that is no failure.
    func warnings(_ result: PluginResult) -> [String] {
        var warnings: [String] = []
        let report = result.report
        if result.exit.isSuccess {
            if !report.isOpened {
                warnings.append("it never opened its connection to Freshet: call open_dagster_pipes()")
            } else if !report.isClosed {
                warnings.append("it did not close its connection to Freshet; what it said last may be missing")
            }
        }
        if entry.role == .materialize {
            for check in report.checks where !entry.checks.contains(check.result.name) && check.asset == key {
                warnings.append("the check '\(check.result.name)' is not declared in its plugin.yaml")
            }
        }
        if result.exit.strays > 0 {
            let words = result.exit.strays == 1 ? "a process" : "\(result.exit.strays) processes"
            warnings.append("it left \(words) running, which ended with it")
        }
        return warnings
    }
}
