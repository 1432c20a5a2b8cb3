internal import FreshetCore
internal import FreshetEntra
package import FreshetKit

/// Runs a job of Databricks, and waits for its end.
package struct DatabricksJob: AssetKind {
    package static let name = "databricks.job"
    package static let summary = "A job of Databricks (Lakeflow), run through the REST interface."
    package static let fields: [Field] = [
        Field("connection", .connection([DatabricksConnection.name]), required: true, "The workspace."),
        Field("job", .text, required: true, "The job's id, or its name where no other job has it."),
        Field("parameters", .map(.text), "The job's parameters, by name."),
        Field(
            "only",
            .list(.text),
            "The tasks to run, by key: t, +t with what it depends on, t+ with what depends on it."
        ),
        Field("queue", .boolean, default: "true", altersWork: false, "Whether the run may wait for a free place."),
        Self.onSuccessWithFailures,
    ]
    static let onSuccessWithFailures = Field(
        "on_success_with_failures",
        .choice(JobPolicy.OnSuccessWithFailures.allCases.map(\.rawValue)),
        default: "fail",
        altersWork: false,
        "What a run counts as in which a task failed and no later one minded: fail, warn, or succeed."
    )
    package static let examples = [
        """
        key: databricks/nightly_load
        kind: databricks.job
        connection: lakehouse
        job: Nightly load
        parameters: {day: "2026-05-04"}
        on_success_with_failures: warn
        deps: [raw/orders]
        """,
        """
        key: databricks/dimensions
        kind: databricks.job
        connection: lakehouse
        job: 582764910384756
        only: [+dim_customer]
        timeout: 2h
        """,
    ]

    let connection: String
    /// Id or name, with references to the environment unresolved.
    let job: String
    private let parameters: [(key: String, value: String)]
    private let only: [String]
    private let isQueued: Bool
    let policy: JobPolicy.OnSuccessWithFailures

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        job = try settings.requiredText("job")
        var parameters: [(key: String, value: String)] = []
        let map = settings.object("parameters")
        for entry in map.value.entries { parameters.append((entry.key, try map.requiredText(entry.key))) }
        self.parameters = parameters
        only = try settings.texts("only")
        isQueued = try settings.boolean("queue") ?? true
        policy = try settings.text("on_success_with_failures").flatMap(JobPolicy.OnSuccessWithFailures.init) ?? .fail
    }

    package func materialize(_ step: StepContext) async -> StepOutcome {
        let connection: DatabricksConnection
        do {
            connection = try step.connections.get(self.connection)
        } catch {
            return .failed(StepFailure(.configuration, .never, message: error.description))
        }
        if let found = step.resuming {
            guard let id = Self.job(ofTarget: found.target) else {
                let message = "the operation '\(found.id)' of a former process does not name a job"
                return .failed(StepFailure(.internalError, .never, message: message))
            }
            return await converse(step, connection, id, found, isResuming: true)
        }
        await step.report("looking up the job \(job)")
        let client = connection.client
        switch await JobDirectory(client: client).find(job) {
        case .failure(let failure): return Task.isCancelled ? .left : .failed(failure)
        case .success(let id):
            do {
                let target = "\(try await client.address())/jobs/\(id)"
                return await converse(step, connection, id, operation(step, target), isResuming: false)
            } catch {
                return .failed(StepFailure(.configuration, .never, message: error.description))
            }
        }
    }

    /// The intent: one for each attempt, and the same however often it is asked for.
    private func operation(_ step: StepContext, _ target: String) -> RemoteOperation {
        RemoteOperation(
            id: "\(step.run)/\(step.asset)/\(step.attempt)",
            run: step.run,
            asset: step.asset,
            attempt: step.attempt,
            target: target,
            objects: only,
            preparedAt: step.surroundings.clock.now,
            deadline: step.deadline
        )
    }

    private func converse(
        _ step: StepContext,
        _ connection: DatabricksConnection,
        _ job: String,
        _ operation: RemoteOperation,
        isResuming: Bool
    ) async -> StepOutcome {
        let request: JSONValue
        do {
            request = try await body(job, token: Self.token(operation), step.surroundings.secrets)
        } catch {
            return .failed(StepFailure(.configuration, .never, message: error.description))
        }
        var conversation = JobConversation(
            machine: JobMachine(operation, isResuming: isResuming, policy: connection.policy),
            step: step,
            client: connection.client,
            request: request
        )
        let outcome = await conversation.run()
        let wording = JobWording(policy: policy, redactor: step.surroundings.redactor, now: step.surroundings.clock.now)
        return wording.outcome(outcome, stop: conversation.machine.stopReason, cause: await cause(outcome, connection))
    }

    /// What the first task that failed says of it.
    private func cause(_ outcome: JobOutcome, _ connection: DatabricksConnection) async -> String? {
        guard case .ended(let run, let end) = outcome, end != .success, !Task.isCancelled,
            let task = run.tasks.first(where: { $0.subStep?.status == .failed })
        else { return nil }
        var said = task.state.message ?? task.state.words
        if let id = task.runID, let error = await JobRuns(client: connection.client).error(ofTask: id) { said = error }
        return "task \(task.key): \(said)"
    }

    private func body(_ job: String, token: String, _ secrets: any Secrets) async throws(SecretError) -> JSONValue {
        var body: [String: JSONValue] = [
            "job_id": Int64(job).map { .integer($0) } ?? .text(job), "idempotency_token": .text(token),
            "queue": ["enabled": .boolean(isQueued)],
        ]
        var values: [String: JSONValue] = [:]
        for (name, value) in parameters { values[name] = .text(try await secrets.resolve(value)) }
        if !values.isEmpty { body["job_parameters"] = .object(values) }
        if !only.isEmpty { body["only"] = .list(only.map { .text($0) }) }
        return .object(body)
    }

    /// At most 64 characters, the same for the same attempt and for no other.
    private static func token(_ operation: RemoteOperation) -> String {
        var hash = Fingerprint()
        hash.add(operation.id)
        return "freshet-\(hash.hexadecimal)"
    }

    private static func job(ofTarget target: String) -> String? {
        guard target.contains("/jobs/"), let id = target.split(separator: "/").last else { return nil }
        return String(id)
    }

    /// As a part of an address.
    static func encode(_ text: String) -> String { FormEncoding.encode(text) }
}
