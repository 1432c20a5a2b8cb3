package import FreshetCore
package import FreshetKit

/// Watches a job that somebody else starts: its version is the run that succeeded last, and when that ended.
///
/// A run that is repaired keeps its id and its beginning, and ends once more.
package struct DatabricksJobRunProbe: Probe {
    package static let name = "databricks.job_run"
    package static let summary = "A job of Databricks that somebody else runs; it changes with each run that succeeds."
    package static let fields = [
        Field("connection", .connection([DatabricksConnection.name]), required: true, "The workspace."),
        Field("job", .text, required: true, "The job's id, or its name where no other job has it."),
        DatabricksJob.onSuccessWithFailures,
    ]
    package static let examples = [
        """
        key: databricks/ingest
        kind: databricks.job_run
        connection: lakehouse
        job: Ingest orders
        every: 1m
        """
    ]
    /// Pages of 25 runs that are read back.
    private static let mostPages = 4
    /// How long a run may have lasted, repairs included, for it to be looked for behind those that began after it.
    private static let longestRun = Duration.seconds(7 * 86_400)
    private static let jobNote = "job_id"

    private let connection: String
    private let job: String
    private let policy: JobPolicy.OnSuccessWithFailures

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        job = try settings.requiredText("job")
        policy = try settings.text("on_success_with_failures").flatMap(JobPolicy.OnSuccessWithFailures.init) ?? .fail
    }

    package var caveats: Caveats {
        Caveats(
            .probable,
            misses: [
                "data that is written by anything but the job",
                "the repair of a run after which a hundred others began, or which began a week before the newest ended",
            ],
            criesWolf: ["a run that finds nothing to do", "a repair that writes nothing"]
        )
    }

    package func observe(_ asset: AssetKey, in context: ProbeContext) async throws -> Observation {
        let clock = context.surroundings.clock
        let began = clock.now
        let connection: DatabricksConnection = try context.connections.get(self.connection)
        var observation = Observation(.missing, signal: "run_id", strength: .probable, observedAt: began)
        observation.source = self.connection
        var requests = 1
        switch await JobDirectory(client: connection.client).find(job) {
        case .failure(let failure) where failure.code == .configuration:
            observation.message = failure.message
        case .failure(let failure): throw JobLookFailure(description: failure.message)
        case .success(let id):
            let found = try await look(connection, id, context)
            requests += found.pages
            observation.values[Self.jobNote] = .text(id)
            describe(found, context.previous, &observation)
            observation.query = "GET \(JobRuns.path)/runs/list?job_id=\(id)&completed_only=true"
        }
        observation.cost = ProbeCost(took: clock.now - began, requests: requests)
        return observation
    }

    private struct Found {
        /// The one that ended last, whatever became of it.
        var newest: JobRun?
        var success: JobRun?
        var pages = 0
        var isComplete = false
    }

    /// Runs may overlap or be repaired, and are listed by their beginning; what counts is their end.
    private func look(
        _ connection: DatabricksConnection,
        _ job: String,
        _ context: ProbeContext
    ) async throws(JobLookFailure) -> Found {
        var found = Found()
        var page: String?
        while found.pages < Self.mostPages {
            let reply = await connection.client.patiently(until: context.deadline) {
                await JobRuns(client: connection.client).ended(of: job, page: page)
            }
            guard case .answer(let answer) = reply.result else { throw Self.failure(reply) }
            found.pages += 1
            for run in answer.runs where !run.state.isPassedOver {
                if run.isAfter(found.newest) { found.newest = run }
                if isSuccess(run), run.isAfter(found.success) { found.success = run }
            }
            page = answer.next
            found.isComplete = page == nil
            if page == nil || Self.isSettled(found.success, by: answer.runs) { break }
        }
        return found
    }

    /// Whether no run that began before those of a page is likely to have ended after this one.
    private static func isSettled(_ success: JobRun?, by page: [JobRun]) -> Bool {
        guard let end = success?.endedAt, let oldest = page.compactMap(\.startedAt).min() else { return false }
        return end - oldest > longestRun
    }

    private func describe(_ found: Found, _ previous: Observation?, _ observation: inout Observation) {
        if let previous, Self.isPassed(found.success, by: previous, observation) {
            // A run that is being repaired is not over, and one whose repair failed is no success: what it wrote stays.
            observation.version = previous.version
            observation.values = previous.values
        } else if let run = found.success {
            observation.version = .known(DataVersion(Self.version(of: run)))
            observation.values["run_id"] = .text(run.id)
            observation.values["repair_id"] = run.repair.map { .text($0) }
            if let end = run.endedAt { observation.values["ended_at"] = .text(end.iso8601) }
        } else if !found.isComplete {
            // Not forgotten because a hundred runs failed since.
            observation.version = previous?.version ?? .unknown
            observation.values = previous?.values ?? [:]
            observation.message = "none of the newest runs succeeded"
        } else {
            observation.message =
                found.newest == nil ? "the job has not run yet" : "no run of the job has succeeded yet"
        }
        guard let newest = found.newest, !isSuccess(newest) else {
            if found.success?.state.end == .successWithFailures, policy == .warn {
                observation.message = found.success?.state.message ?? "the run succeeded with failures"
            }
            return
        }
        observation.health = .failed
        observation.message = "run \(newest.id): \(newest.state.message ?? newest.state.words)"
    }

    private static func version(of run: JobRun) -> String {
        let end = run.endedAt.map { String($0.milliseconds) } ?? ""
        return "run_id=\(run.id);ended=\(end)" + (run.repair.map { ";repair=\($0)" } ?? "")
    }

    /// Whether what was seen before of the same job ended after this, or this is nothing.
    private static func isPassed(_ success: JobRun?, by previous: Observation, _ now: Observation) -> Bool {
        guard case .known = previous.version, previous.values[jobNote] == now.values[jobNote],
            case .text(let text)? = previous.values["ended_at"], let before = Timestamp(iso8601: text)
        else { return false }
        guard let success else { return true }
        return success.endedAt.map { before > $0 } ?? false
    }

    private func isSuccess(_ run: JobRun) -> Bool {
        switch run.state.end {
        case .success: true
        case .successWithFailures: policy != .fail
        default: false
        }
    }

    private static func failure(_ reply: RemoteReply<JobRuns.Page>) -> JobLookFailure {
        switch reply.result {
        case .answer: JobLookFailure(description: "an answer is no failure")
        case .refusal(let refusal): JobLookFailure(description: refusal.message)
        case .silence(let silence): JobLookFailure(description: silence.message)
        }
    }
}

extension JobRun {
    fileprivate func isAfter(_ other: JobRun?) -> Bool {
        guard let other else { return true }
        // Ids are handed out in order of beginning, which decides between two that ended in the same millisecond.
        let (end, otherEnd) = (endedAt ?? startedAt, other.endedAt ?? other.startedAt)
        guard let end, let otherEnd, end != otherEnd else { return (Int64(id) ?? 0) > (Int64(other.id) ?? 0) }
        return end > otherEnd
    }
}

extension JobRunState {
    /// Whether nothing was begun, so that nothing can be concluded from it.
    fileprivate var isPassedOver: Bool {
        switch end {
        case .disabled, .excluded, .maximumConcurrentRunsReached, .skipped: true
        default: false
        }
    }
}

/// Why a job could not be looked at, in words.
private struct JobLookFailure: Error, CustomStringConvertible {
    var description: String
}

extension DatabricksClient {
    /// Asks again until there is an answer, or no time left.
    func patiently<Value>(
        until deadline: Timestamp,
        _ ask: () async -> RemoteReply<Value>
    ) async -> RemoteReply<Value> {
        let clock = surroundings.clock
        var pause = Duration.milliseconds(500)
        while true {
            let reply = await ask()
            guard case .silence = reply.result else { return reply }
            let wait = max(reply.retryAfter ?? .zero, pause)
            guard clock.now + wait < deadline else { return reply }
            do { try await clock.sleep(for: wait) } catch { return reply }
            pause = min(pause * 2, .seconds(10))
        }
    }
}
