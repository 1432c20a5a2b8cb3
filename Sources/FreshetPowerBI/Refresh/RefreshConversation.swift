package import FreshetCore
internal import FreshetFailpoints
package import FreshetKit

/// Carries out what a ``RefreshMachine`` asks for, one action at a time.
struct RefreshConversation: RemoteConversation {
    var machine: RefreshMachine
    let step: StepContext
    let endpoint: any RefreshEndpoint
    let body: String
    /// What was told last.
    var told = ""

    /// - Returns: `nil` when the process ends first, and the next one takes the work up.
    mutating func run() async -> RefreshOutcome? {
        let outcome = await converse()
        if case .failed(let failure, _) = outcome, failure.code == .configuration { await endpoint.drop() }
        return outcome
    }

    mutating func tell() async {
        let news = RefreshWording.progress(machine.progress, after: step.surroundings.clock.now - machine.preparedAt)
        if news != told { await step.report(news) }
        told = news
    }

    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {
        try failpoint(.before(event)) { StoreError.failed($0) }
        try await step.operations.commit(operation, event)
        try failpoint(.after(event)) { StoreError.unknownOutcome($0) }
    }

    func perform(_ action: RefreshMachine.Action) async -> RefreshMachine.Event {
        switch action {
        case .listHistory(let top): return .history(await history(top: top))
        case .post: return .posted(await endpoint.start(body))
        case .getDetails(let id):
            failpoint(.pollBefore)
            let reply = await endpoint.details(of: id)
            failpoint(.pollAfter)
            return .details(reply)
        case .cancelRemote(let id):
            let reply = await endpoint.cancel(id)
            failpoint(.cancelDeleteSent)
            return .cancelAnswered(reply)
        case .commit, .finish, .sleep: return .woke  // Not asked of the service.
        }
    }

    /// History, together with what of it is known to be ours.
    private func history(top: Int) async -> RemoteReply<RefreshHistory> {
        var reply = await endpoint.history(top: top)
        guard case .answer(var history) = reply.result else { return reply }
        do {
            let operations = try await step.operations.operations(on: endpoint.target, limit: 200)
            history.ownedIDs = Set(operations.filter { $0.id != machine.operationID }.compactMap(\.requestID))
            reply.result = .answer(history)
        } catch {
            reply.result = .silence(Silence("the store does not say which refreshes are Freshet's own"))
        }
        return reply
    }
}

extension RefreshMachine: RemoteMachine {
    package mutating func heed(_ wish: StopReason, at now: Timestamp) { _ = handle(.stopRequested(wish), at: now) }

    package mutating func next(after event: Event, at now: Timestamp) -> Action? { handle(event, at: now).first }

    package func turn(for action: Action) -> RemoteTurn<RefreshOutcome> {
        switch action {
        case .cancelRemote, .getDetails, .listHistory, .post: .call
        case .commit(let operation, let event): .commit(operation, event)
        case .finish(let outcome): .finish(outcome)
        case .sleep(let moment): .sleep(until: moment)
        }
    }
}

extension RefreshMachine.Event: RemoteMachineEvent {
    package var isWithoutInformation: Bool {
        switch self {
        case .woke: true
        case .history(let reply): reply.isSilence
        case .details(let reply): reply.isSilence
        case .posted(let reply): reply.isSilence
        case .cancelAnswered(let reply): reply.isSilence
        case .began, .committed, .commitFailed, .stopRequested: false
        }
    }
}

extension Failpoint {
    /// The place before an event of a refresh is written down.
    fileprivate static func before(_ event: RemoteEvent) -> Failpoint? {
        switch event.name {
        case "adopted": .adoptBeforeCommit
        case "answered": .acceptBeforeCommit
        case "ended": .pollBeforeCommit
        case "prepared": .intentBeforeCommit
        default: nil
        }
    }

    /// The place after it.
    fileprivate static func after(_ event: RemoteEvent) -> Failpoint? {
        switch event.name {
        case "answered": .acceptAfterCommit
        case "cancel_requested": .cancelCommitted
        case "prepared": .intentAfterCommit
        default: nil
        }
    }
}
