import FreshetCore
import FreshetKit

/// Carries out what a ``JobMachine`` asks for, one action at a time.
struct JobConversation: RemoteConversation {
    var machine: JobMachine
    let step: StepContext
    let client: DatabricksClient
    /// What begins the run, with its token.
    let request: JSONValue
    /// How each task was told last.
    private var told: [String: SubStep] = [:]
    private var news = ""

    init(machine: JobMachine, step: StepContext, client: DatabricksClient, request: JSONValue) {
        self.machine = machine
        self.step = step
        self.client = client
        self.request = request
    }

    mutating func run() async -> JobOutcome { await converse() ?? .left }

    mutating func perform(_ action: JobMachine.Action) async -> JobMachine.Event {
        switch action {
        case .start:
            await tell("asking for a run")
            return .started(await start())
        case .look(let id):
            let reply = await JobRuns(client: client).run(id)
            if case .answer(let run) = reply.result { await tell(run) }
            return .seen(reply)
        case .cancel(let id):
            await tell("cancelling run \(id)")
            let body: JSONValue = ["run_id": Int64(id).map { .integer($0) } ?? .text(id)]
            return .cancelAnswered(await client.call("POST", "\(JobRuns.path)/runs/cancel", body: body))
        case .commit, .finish, .sleep: return .woke  // Not asked of the workspace.
        }
    }

    private func start() async -> RemoteReply<String> {
        let reply = await client.call("POST", "\(JobRuns.path)/run-now", body: request)
        return reply.map { body in body["run_id"]?.integer.map(String.init) }
    }

    // MARK: Telling

    private mutating func tell(_ text: String) async {
        if text != news { await step.report(text) }
        news = text
    }

    private mutating func tell(_ run: JobRun) async {
        await tell("run \(run.id): \(run.state.words)")
        for task in run.tasks {
            guard let part = task.subStep, told[part.name] != part else { continue }
            told[part.name] = part
            await step.progress(part)
        }
    }
}

extension JobTask {
    /// `nil` for one that has not begun; an attempt after the first has a line of its own.
    var subStep: SubStep? {
        let status: SubStepStatus
        switch state.end {
        case nil where state.isWaiting && startedAt == nil: return nil
        case nil: status = .running
        case .success, .successWithFailures: status = .succeeded
        case .disabled, .excluded, .skipped, .upstreamCanceled, .upstreamFailed: status = .skipped
        case .canceled, .failed, .internalError, .maximumConcurrentRunsReached, .timedOut, .unknown: status = .failed
        }
        var details: [String: JSONValue] = ["state": .text(state.words)]
        details["run_id"] = runID.map { .text($0) }
        return SubStep(
            name: attempt > 0 ? "\(key), attempt \(attempt + 1)" : key,
            status: status,
            startedAt: startedAt,
            endedAt: endedAt,
            message: state.message,
            details: .object(details)
        )
    }
}

extension RemoteReply {
    /// The same with another value; an answer without one is no information.
    func map<Other: Hashable & Sendable>(_ transform: (Value) -> Other?) -> RemoteReply<Other> {
        let result: RemoteReply<Other>.Result =
            switch self.result {
            case .answer(let value):
                transform(value).map { .answer($0) } ?? .silence(Silence("the answer lacks what was asked for"))
            case .refusal(let refusal): .refusal(refusal)
            case .silence(let silence): .silence(silence)
            }
        return RemoteReply<Other>(result, retryAfter: retryAfter, serverTime: serverTime, evidence: evidence)
    }
}

extension JobMachine: RemoteMachine {
    mutating func heed(_ wish: StopReason, at now: Timestamp) { stop(wish) }

    mutating func next(after event: Event, at now: Timestamp) -> Action? { handle(event, at: now) }

    func turn(for action: Action) -> RemoteTurn<JobOutcome> {
        switch action {
        case .cancel, .look, .start: .call
        case .commit(let operation, let event): .commit(operation, event)
        case .finish(let outcome): .finish(outcome)
        case .sleep(let moment): .sleep(until: moment)
        }
    }
}

extension JobMachine.Event: RemoteMachineEvent {
    var isWithoutInformation: Bool {
        switch self {
        case .woke: true
        case .started(let reply): reply.isSilence
        case .seen(let reply): reply.isSilence
        case .cancelAnswered(let reply): reply.isSilence
        case .began, .committed, .commitFailed: false
        }
    }
}
