import FreshetCore
import FreshetKit
import Synchronization

/// Says what a write adds to the figures; remembers what is under way, so that its end is counted once and rightly.
final class Ledger: Sendable {
    private struct State {
        /// What asked, of each trigger that is not answered yet.
        var triggers: [TriggerID: TriggerRecord.Kind] = [:]
        /// What began each run that goes on.
        var runs: [RunID: TriggerRecord.Kind] = [:]
        /// Operations whose request may be on its way.
        var posting: Set<String> = []
        /// Operations in flight that were found running.
        var adopted: Set<String> = []
        var isRestored = false
    }

    private let meters: Meters
    private let sensor: @Sendable (String) -> String
    private let state = Mutex(State())

    init(_ meters: Meters, sensor: @escaping @Sendable (String) -> String) {
        self.meters = meters
        self.sensor = sensor
    }

    /// Takes up what was under way when the daemon began; later snapshots hold nothing that did not pass here.
    func restore(_ snapshot: StoreSnapshot) {
        state.withLock { state in
            guard !state.isRestored else { return }
            state.isRestored = true
            for trigger in snapshot.pendingTriggers { state.triggers[trigger.id] = trigger.kind }
            for detail in snapshot.unfinishedRuns {
                state.runs[detail.run.id] = detail.run.trigger
                for operation in detail.operations.lazy.map(\.operation) where operation.isAdopted {
                    state.adopted.insert(operation.id)
                }
            }
        }
    }

    func note(_ tick: TickRecord) {
        meters.count(.ticks, sensor(tick.sensor), tick.status.rawValue)
        meters.observe(.tickDuration, took: tick.endedAt - tick.startedAt)
    }

    func note(_ change: TriggerCommit) {
        for decision in change.decisions { note(decision) }
        for trigger in change.triggers { note(trigger) }
        for (id, disposition) in change.dispositions { answer(id, disposition.kind) }
    }

    func note(_ change: Effect.Change) {
        switch change {
        case .trigger(let trigger): note(trigger)
        case .operation(let operation, let event): note(operation, event.name)
        case .cancel, .pause, .forgetCursor, .none: break
        }
    }

    func begin(_ run: RunRecord, answering triggers: [TriggerID]) {
        state.withLock { $0.runs[run.id] = run.trigger }
        for id in triggers { answer(id, .run) }
    }

    func note(_ event: RunEvent) {
        switch event {
        case .decided(let decision): note(decision)
        case .ended(let id, let status, _):
            guard let kind = state.withLock({ $0.runs.removeValue(forKey: id) }) else { return }
            meters.count(.runs, status.rawValue, kind.rawValue)
        case .step, .materialized, .checked, .throttled, .subStep, .logged: break
        }
    }

    func note(_ operation: RemoteOperation, _ event: String) {
        let (isAnswer, isFound) = state.withLock { state in
            var isAnswer = false
            if operation.state == .prepared {
                state.posting.insert(operation.id)
            } else {
                // What was stopped before it was sent is no request.
                isAnswer = state.posting.remove(operation.id) != nil && event != "not_sent"
            }
            let isFound = operation.isAdopted && state.adopted.insert(operation.id).inserted
            if !operation.state.isInFlight { state.adopted.remove(operation.id) }
            return (isAnswer, isFound)
        }
        if isAnswer { meters.count(.refreshPosts, operation.state.rawValue) }
        if isFound { meters.count(.refreshAdopted, operation.bodyHash.isEmpty ? "foreign" : "own") }
    }

    private func note(_ decision: DecisionRecord) {
        meters.count(.decisions, decision.outcome.rawValue, decision.decision.code)
    }

    private func note(_ trigger: TriggerRecord) {
        if let slot = trigger.slot { meters.observe(.scheduleDelay, took: trigger.createdAt - slot) }
        if let disposition = trigger.disposition {
            meters.count(.triggers, trigger.kind.rawValue, disposition.kind.rawValue)
        } else {
            state.withLock { $0.triggers[trigger.id] = trigger.kind }
        }
    }

    private func answer(_ id: TriggerID, _ disposition: Disposition.Kind) {
        guard let kind = state.withLock({ $0.triggers.removeValue(forKey: id) }) else { return }
        meters.count(.triggers, kind.rawValue, disposition.rawValue)
    }
}
