import FreshetCore
import FreshetKit
import FreshetTesting
import Synchronization
import Testing

@Suite struct `A conversation with another system` {
    private let clock = ManualClock(at: Timestamp(seconds: 1_777_000_000))
    private let stop = StopSignal()
    private let log = Ledger()

    private func conversation(_ script: [Script.Action]) -> Talk {
        let surroundings = Surroundings(
            transport: ScriptedTransport(),
            secrets: ProcessSecrets(root: "/", redactor: Redactor()) { _ in nil },
            redactor: Redactor(),
            clock: clock,
            chance: { 0.5 },
            root: "/"
        )
        let step = StepContext(
            asset: "a",
            run: "r",
            attempt: 1,
            causes: [],
            extent: .whole,
            deadline: nil,
            resuming: nil,
            connections: Connections(),
            surroundings: surroundings,
            operations: log,
            stop: stop,
            report: { _ in }
        )
        return Talk(machine: Script(script), step: step)
    }

    @Test func `does one thing after the other until there is an outcome`() async {
        var talk = conversation([.commit(.prepared), .ask(.heard), .commit(.accepted), .finish("done")])
        #expect(await talk.converse() == "done")
        #expect(talk.machine.heard == [.began, .committed, .heard, .committed])
        #expect(log.states == [.prepared, .accepted])
    }

    @Test func `tells the machine why something was not written down`() async {
        for (error, failure): (StoreError, CommitFailure) in [
            (.superseded, .superseded), (.operationInFlight(target: "t"), .targetBusy),
            (.unknownOutcome("disk"), .failed(StoreError.unknownOutcome("disk").description)),
        ] {
            log.fail(with: error)
            var talk = conversation([.commit(.prepared), .finish("")])
            _ = await talk.converse()
            #expect(talk.machine.heard == [.began, .commitFailed(failure)])
        }
    }

    @Test func `wakes at once for a wish to stop, and heeds it before the event`() async {
        let talking = Task { [talk = conversation([.sleep(3600), .finish("stopped")])] in
            var talk = talk
            return (await talk.converse(), talk.machine.heard)
        }
        await clock.sleepers(atLeast: 1)
        stop.raise(.cancelled)
        let (outcome, heard) = await talking.value
        #expect(outcome == "stopped")
        #expect(heard == [.began, .stop, .woke])
    }

    @Test func `takes its time after the wish to stop has been heeded`() async {
        stop.raise(.cancelled)
        let talking = Task { [talk = conversation([.ask(.heard), .sleep(5), .finish("late")])] in
            var talk = talk
            return await talk.converse()
        }
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(5))
        #expect(await talking.value == "late")
    }

    @Test(arguments: [
        ([Script.Action.ask(.heard)], 1, []), ([.commit(.prepared)], 1, []),
        ([.commit(.accepted), .ask(.heard)], 2, [RemoteOperation.State.accepted]),
    ])
    func `begins nothing when the process ends, but writes down what has happened`(
        script: [Script.Action],
        events: Int,
        written: [RemoteOperation.State]
    ) async {
        let talking = Task { [talk = conversation(script + [.finish("done")])] in
            var talk = talk
            withUnsafeCurrentTask { $0?.cancel() }
            return (await talk.converse(), talk.machine.heard.count)
        }
        let (outcome, heard) = await talking.value
        #expect(outcome == nil)
        #expect(heard == events)
        #expect(log.states == written)
    }

    @Test func `leaves an answer that says nothing to the next process, and heeds one that says something`() async {
        for (event, outcome): (Script.Event, String?) in [(.silent, nil), (.heard, "known")] {
            var talk = conversation([.ask(event), .finish("known")])
            talk.cancelsWhenAsked = true
            let talking = Task { [talk] in
                var talk = talk
                return await talk.converse()
            }
            #expect(await talking.value == outcome)
        }
    }
}

/// Does what was written for it, and remembers what it heard.
struct Script: RemoteMachine, Sendable {
    enum Event: Hashable, Sendable, RemoteMachineEvent {
        case began, committed, heard, silent, stop, woke
        case commitFailed(CommitFailure)

        var isWithoutInformation: Bool { self == .silent || self == .woke }
    }
    enum Action: Sendable {
        case ask(Event)
        case commit(RemoteOperation.State)
        case finish(String)
        case sleep(Int)
    }

    private(set) var heard: [Event] = []
    private(set) var isStopping = false
    private var actions: [Action]

    init(_ actions: [Action]) { self.actions = actions }

    mutating func heed(_ wish: StopReason, at now: Timestamp) {
        if !isStopping { heard.append(.stop) }
        isStopping = true
    }

    mutating func next(after event: Event, at now: Timestamp) -> Action? {
        heard.append(event)
        return actions.isEmpty ? nil : actions.removeFirst()
    }

    func turn(for action: Action) -> RemoteTurn<String> {
        let began = Timestamp(seconds: 1_777_000_000)
        switch action {
        case .ask: return .call
        case .commit(let state):
            let operation = RemoteOperation(
                id: "o",
                run: "r",
                asset: "a",
                attempt: 1,
                target: "t",
                state: state,
                preparedAt: began
            )
            return .commit(operation, RemoteEvent(at: began, name: state.rawValue))
        case .finish(let outcome): return .finish(outcome)
        case .sleep(let seconds): return .sleep(until: began + .seconds(seconds))
        }
    }
}

private struct Talk: RemoteConversation {
    var machine: Script
    let step: StepContext
    var cancelsWhenAsked = false

    mutating func perform(_ action: Script.Action) async -> Script.Event {
        if cancelsWhenAsked { withUnsafeCurrentTask { $0?.cancel() } }
        guard case .ask(let event) = action else { return .silent }
        return event
    }
}

private final class Ledger: OperationLog {
    private let written = Mutex<(states: [RemoteOperation.State], error: StoreError?)>(([], nil))

    var states: [RemoteOperation.State] { written.withLock { $0.states } }

    func fail(with error: StoreError) { written.withLock { $0.error = error } }

    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {
        let error = written.withLock { written in
            if written.error == nil { written.states.append(operation.state) }
            return written.error
        }
        if let error { throw error }
    }

    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] { [] }
}
