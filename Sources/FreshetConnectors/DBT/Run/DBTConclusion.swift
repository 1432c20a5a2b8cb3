import FreshetCore
import FreshetKit

/// How a run of dbt ended: its exit status, its log and the results that it left behind, together.
///
/// - SeeAlso: docs.getdbt.com, "Exit codes": 0 all went well; 1 a node, test or freshness failed, and what dbt wrote is
///   of this run; 2 dbt itself failed, and what it wrote may be of a run before.
struct DBTConclusion {
    var progress: DBTProgress
    /// Of this very run; `nil` where dbt left none, or only those of another.
    var results: DBTRunResults?
    var exit: ProcessExit
    var stop: StopReason?

    var outcome: StepOutcome {
        switch exit.end {
        case .stopped where stop == .deadline, .timedOut:
            return .failed(failure(.timedOut, .later, "dbt did not end in time"))
        case .stopped:
            return .cancelled(
                StepCancellation(isRemoteStopped: true, message: "dbt was interrupted", details: details)
            )
        case .overMemory: return .failed(failure(.remoteFailed, .never, "dbt used more memory than it may"))
        case .overProcesses: return .failed(failure(.remoteFailed, .never, "dbt started more processes than it may"))
        case .itself: break
        }
        switch exit.status {
        case .exited(0): return succeeded
        case .exited(1): return .failed(handledFailure)
        case .exited(2): return .failed(unhandledFailure)
        case .exited(let code):
            return .failed(failure(.remoteFailed, .later, "dbt ended with the status \(code)\(why)"))
        case .signalled(let signal):
            return .failed(failure(.remoteFailed, .later, "dbt was ended by signal \(signal)\(why)"))
        }
    }

    private var succeeded: StepOutcome {
        // Where nothing was built, what reads this run has nothing new to read.
        let hasBuilt = progress.steps.contains { !$0.name.hasPrefix("test.") && $0.status == .succeeded }
        return .succeeded(
            StepSuccess(
                nonce: hasBuilt ? progress.invocationID : nil,
                details: details,
                checks: checks
            )
        )
    }

    private var handledFailure: StepFailure {
        let failed = failed
        let isOnlyTests = !failed.isEmpty && failed.allSatisfy { $0.id.hasPrefix("test.") }
        guard let first = failed.first else {
            return failure(.remoteFailed, .later, "dbt reports a failure and not of what\(why)")
        }
        let more = failed.count == 1 ? "" : ", and \(failed.count - 1) more failed"
        let name = DBTNodeID(first.id)?.forms[0] ?? first.id
        let message = "\(name): \(first.message)\(more)"
        // The same data would fail the same test again.
        return failure(isOnlyTests ? .checkFailed : .remoteFailed, isOnlyTests ? .never : .later, message)
    }

    private var unhandledFailure: StepFailure {
        let isUsage = progress.complaint?.hasPrefix("Usage:") == true
        let message = "dbt could not run\(why)"
        return isUsage ? failure(.badRequest, .never, message) : failure(.remoteFailed, .later, message)
    }

    private var why: String { progress.complaint.map { ": \($0)" } ?? "" }

    private func failure(_ code: FailureCode, _ retry: RetryClass, _ message: String) -> StepFailure {
        StepFailure(code, retry, message: progress.redactor.redact(message), details: details, checks: checks)
    }

    /// What failed, as the results say, else as the log does.
    private var failed: [(id: String, message: String)] {
        if let results {
            return results.results.compactMap { result in
                guard DBTProgress.status(result.status, message: result.message?.value) == .failed else { return nil }
                let message = result.message?.value.flatMap(DBTProgress.firstWords)
                return (result.uniqueID, progress.redactor.redact(message ?? "dbt reports '\(result.status)'"))
            }
        }
        return progress.steps.filter { $0.status == .failed }.map { ($0.name, $0.message ?? "it failed") }
    }

    private var checks: [CheckResult] { progress.checks.sorted { $0.key < $1.key }.map(\.value) }

    private var details: JSONValue {
        let summary = progress.summary
        var details: [String: JSONValue] = [
            "failed": .integer(Int64(summary.failed)), "skipped": .integer(Int64(summary.skipped)),
            "succeeded": .integer(Int64(summary.succeeded)), "unchanged": .integer(Int64(summary.unchanged)),
        ]
        details["invocation_id"] = progress.invocationID.map { .text($0) }
        details["dbt_version"] = progress.dbtVersion.map { .text($0) }
        return .object(details)
    }
}
