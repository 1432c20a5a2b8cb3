package import FreshetCore

/// Work that another system does for a step, talked through to its end: a machine says what is next, and it is done.
///
/// What holds for every such conversation stands here once. Nothing is acted on before it is durable, a wish to stop is
/// heeded before anything else is sent, and a process that ends writes down what has happened but begins nothing new.
package protocol RemoteConversation {
    associatedtype Machine: RemoteMachine

    var machine: Machine { get set }
    var step: StepContext { get }

    /// Says how far it is; called before each action.
    mutating func tell() async

    /// Makes an operation durable, with what happened to it.
    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError)

    /// Asks the other system; called for what is ``RemoteTurn/call``.
    mutating func perform(_ action: Machine.Action) async -> Machine.Event
}

extension RemoteConversation {
    package mutating func tell() async {}

    package func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {
        try await step.operations.commit(operation, event)
    }

    /// Does what the machine asks for until it has an outcome.
    ///
    /// - Returns: `nil` when the process ends first, and the next one takes the work up.
    package mutating func converse() async -> Machine.Outcome? {
        let clock = step.surroundings.clock
        var action = machine.next(after: .began, at: clock.now)
        while let present = action {
            let turn = machine.turn(for: present)
            if case .finish(let outcome) = turn { return outcome }
            guard !Task.isCancelled || turn.isBookkeeping else { return nil }
            await tell()
            let event = await event(of: turn, present)
            // Asked for before the event is heeded, so that nothing is sent after the wish to stop.
            if let reason = step.stop.reason { machine.heed(reason, at: clock.now) }
            if Task.isCancelled, event.isWithoutInformation { return nil }
            action = machine.next(after: event, at: clock.now)
        }
        return nil
    }

    private mutating func event(of turn: RemoteTurn<Machine.Outcome>, _ action: Machine.Action) async -> Machine.Event {
        switch turn {
        case .call: return await perform(action)
        case .commit(let operation, let event):
            do {
                try await commit(operation, event)
                return .committed
            } catch {
                return .commitFailed(CommitFailure(error))
            }
        case .sleep(let moment):
            let clock = step.surroundings.clock
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
}

/// What decides in a conversation: events in, the next action out.
///
/// It does nothing itself; a ``RemoteConversation`` does.
package protocol RemoteMachine {
    associatedtype Action
    associatedtype Event: RemoteMachineEvent
    associatedtype Outcome

    /// Whether its end has been asked for, or its time has passed.
    var isStopping: Bool { get }

    /// Somebody wants it to end; what follows from that comes with the next event.
    mutating func heed(_ wish: StopReason, at now: Timestamp)

    /// - Returns: `nil` for an event that nobody waits for.
    mutating func next(after event: Event, at now: Timestamp) -> Action?

    /// Whose turn it is with an action.
    func turn(for action: Action) -> RemoteTurn<Outcome>
}

/// An event as far as it is the same for every ``RemoteMachine``.
package protocol RemoteMachineEvent {
    static var began: Self { get }
    static var committed: Self { get }
    static var woke: Self { get }
    static func commitFailed(_ failure: CommitFailure) -> Self

    /// Whether nothing is lost by not heeding it.
    var isWithoutInformation: Bool { get }
}

/// An action as far as it is the same for every ``RemoteMachine``.
package enum RemoteTurn<Outcome> {
    /// The other system is asked.
    case call
    /// To be durable before anything else is done.
    case commit(RemoteOperation, RemoteEvent)
    case finish(Outcome)
    /// Until this moment, or until the step is asked to stop.
    case sleep(until: Timestamp)

    /// Writing down what has happened already.
    fileprivate var isBookkeeping: Bool {
        if case .commit(let operation, _) = self { operation.state != .prepared } else { false }
    }
}

extension CommitFailure {
    fileprivate init(_ error: StoreError) {
        switch error {
        case .superseded: self = .superseded
        case .operationInFlight: self = .targetBusy
        case .cannotOpen, .corrupt, .failed, .full, .held, .newerFormat, .unknownOutcome: self = .failed("\(error)")
        }
    }
}
