internal import FreshetCore
internal import FreshetFailpoints
internal import FreshetKit

/// Carries out what a ``RefreshMachine`` asks for, one action at a time.
struct RefreshConversation {
    var machine: RefreshMachine
    let step: StepContext
    let endpoint: any RefreshEndpoint
    let body: String

    private var clock: any EngineClock { step.surroundings.clock }

    /// - Returns: `nil` when the process ends first, and the next one takes the work up.
    mutating func run() async -> RefreshOutcome? {
        var action = machine.handle(.began, at: clock.now).first
        var told = ""
        while let present = action {
            if case .finish(let outcome) = present {
                if case .failed(let failure, _) = outcome, failure.code == .configuration {
                    await endpoint.drop()
                }
                return outcome
            }
            guard !Task.isCancelled || present.isBookkeeping else { return nil }
            let news = RefreshWording.progress(machine.progress, after: clock.now - machine.preparedAt)
            if news != told { await step.report(news) }
            told = news
            let event = await perform(present)
            // Asked for before the event is heeded, so that nothing is sent after the wish to stop.
            if let reason = step.stop.reason { _ = machine.handle(.stopRequested(reason), at: clock.now) }
            if Task.isCancelled, event.isWithoutInformation { return nil }
            action = machine.handle(event, at: clock.now).first
        }
        return nil
    }

    private func perform(_ action: RefreshMachine.Action) async -> RefreshMachine.Event {
        switch action {
        case .listHistory(let top): return .history(await history(top: top))
        case .commit(let operation, let event): return await commit(operation, event)
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

    private func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async -> RefreshMachine.Event {
        do {
            try failpoint(.before(event)) { StoreError.failed($0) }
            try await step.operations.commit(operation, event)
            try failpoint(.after(event)) { StoreError.unknownOutcome($0) }
            return .committed
        } catch {
            switch error {
            case .superseded: return .commitFailed(.superseded)
            case .operationInFlight: return .commitFailed(.targetBusy)
            default: return .commitFailed(.failed("\(error)"))
            }
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

extension RefreshMachine.Action {
    /// Writing down what has happened already.
    fileprivate var isBookkeeping: Bool {
        if case .commit(let operation, _) = self { operation.state != .prepared } else { false }
    }
}

extension RefreshMachine.Event {
    /// Whether nothing is lost by not heeding it.
    fileprivate var isWithoutInformation: Bool {
        switch self {
        case .woke: true
        case .history(let reply): if case .silence = reply.result { true } else { false }
        case .details(let reply): if case .silence = reply.result { true } else { false }
        case .posted(let reply): if case .silence = reply.result { true } else { false }
        case .cancelAnswered(let reply): if case .silence = reply.result { true } else { false }
        case .began, .committed, .commitFailed, .stopRequested: false
        }
    }
}
