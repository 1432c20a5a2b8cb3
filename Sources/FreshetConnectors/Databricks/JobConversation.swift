import FreshetCore
import FreshetKit

/// Carries out what a ``JobMachine`` asks for, one action at a time.
struct JobConversation {
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

    private var clock: any EngineClock { step.surroundings.clock }

    mutating func run() async -> JobOutcome {
        var action = machine.handle(.began, at: clock.now)
        while true {
            if case .finish(let outcome) = action { return outcome }
            // The process ends: what has happened is still written down, nothing new is begun.
            if Task.isCancelled, !action.isBookkeeping { return .left }
            let event = await perform(action)
            if let reason = step.stop.reason { machine.stop(reason) }
            if Task.isCancelled, event.isWithoutInformation { return .left }
            action = machine.handle(event, at: clock.now)
        }
    }

    private mutating func perform(_ action: JobMachine.Action) async -> JobMachine.Event {
        switch action {
        case .commit(let operation, let event): return await commit(operation, event)
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
        case .sleep(let moment):
            // A wish to stop is heeded at once, and once: what follows it takes its time.
            if machine.isStopping {
                do { try await clock.sleep(until: moment) } catch {}  // Cancelled: the caller sees it by itself.
            } else {
                await step.stop.sleep(until: moment, on: clock)
            }
            return .woke
        case .finish: return .woke
        }
    }

    private func start() async -> RemoteReply<String> {
        let reply = await client.call("POST", "\(JobRuns.path)/run-now", body: request)
        return reply.map { body in body["run_id"]?.integer.map(String.init) }
    }

    private func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async -> JobMachine.Event {
        do {
            try await step.operations.commit(operation, event)
            return .committed
        } catch {
            switch error {
            case .superseded: return .commitFailed(.superseded)
            case .operationInFlight: return .commitFailed(.targetBusy)
            default: return .commitFailed(.failed("\(error)"))
            }
        }
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

extension JobMachine.Action {
    /// Writing down what has happened already.
    fileprivate var isBookkeeping: Bool {
        if case .commit(let operation, _) = self { operation.state != .prepared } else { false }
    }
}

extension JobMachine.Event {
    /// Whether nothing is lost by not heeding it.
    fileprivate var isWithoutInformation: Bool {
        switch self {
        case .woke: true
        case .started(let reply): if case .silence = reply.result { true } else { false }
        case .seen(let reply): if case .silence = reply.result { true } else { false }
        case .cancelAnswered(let reply): if case .silence = reply.result { true } else { false }
        case .began, .committed, .commitFailed: false
        }
    }
}
