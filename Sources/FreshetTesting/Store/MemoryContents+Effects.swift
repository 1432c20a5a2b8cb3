import FreshetCore
import FreshetKit

/// What an API needs of a store: what has changed, what was answered to whom, and the audit.
struct MemoryLedger: Sendable {
    private struct Request: Hashable {
        var actor: Actor
        var key: String
    }
    private struct Known {
        var fingerprint: String
        var answer: StoredAnswer
        var at: Timestamp
    }

    private(set) var position: Int64 = 0
    private var changes: [ChangeRecord] = []
    private var answers: [Request: Known] = [:]
    private var rows: [AuditRecord] = []

    mutating func note(_ kind: ChangeRecord.Kind, _ subject: String, run: RunID? = nil, word: String = "") {
        position += 1
        changes.append(ChangeRecord(sequence: position, kind, subject, run: run, word: word))
    }

    func changes(after sequence: Int64?, limit: Int) -> Changes {
        let found = sequence.map { sequence in changes.lazy.filter { $0.sequence > sequence }.prefix(max(0, limit)) }
        return Changes(
            newest: position,
            oldest: changes.first?.sequence ?? position + 1,
            records: found.map { Array($0) } ?? []
        )
    }

    mutating func audit(_ entry: AuditEntry, by actor: Actor, at now: Timestamp) {
        var hash = Fingerprint()
        hash.add(rows.last?.hash ?? "")
        hash.add("\(now.milliseconds) \(actor) \(entry)")
        let sequence = Int64(rows.count + 1)
        rows.append(AuditRecord(sequence: sequence, at: now, actor: actor, entry: entry, hash: hash.hexadecimal))
    }

    func audit(_ query: AuditQuery) -> [AuditRecord] {
        let found = rows.reversed().lazy.filter { row in
            (query.actor.map { $0 == row.actor } ?? true)
                && (query.action.map { $0 == row.entry.action || row.entry.action.hasPrefix($0 + ".") } ?? true)
                && (query.target.map { $0 == row.entry.target } ?? true)
                && (query.outcome.map { $0 == row.entry.outcome } ?? true)
                && (query.before.map { row.sequence < $0 } ?? true)
        }
        return Array(found.prefix(max(0, query.limit)))
    }

    /// What the same actor was answered to the same key; `nil` when there is nothing of it.
    func answer(to effect: Effect, by actor: Actor) -> EffectOutcome? {
        guard let key = effect.key, let known = answers[Request(actor: actor, key: key)] else { return nil }
        return known.fingerprint == effect.fingerprint ? .replayed(known.answer) : .reused
    }

    mutating func keep(_ effect: Effect, by actor: Actor) {
        audit(effect.audit, by: actor, at: effect.at)
        answers = answers.filter { $0.value.at >= effect.at - Effect.keepsAnswers }
        guard let key = effect.key else { return }
        let known = Known(fingerprint: effect.fingerprint, answer: effect.answer, at: effect.at)
        answers[Request(actor: actor, key: key)] = known
    }
}

extension MemoryContents {
    mutating func perform(_ effect: Effect, by actor: Actor) throws(StoreError) -> EffectOutcome {
        if let known = ledger.answer(to: effect, by: actor) { return known }
        switch effect.change {
        case .trigger(let trigger): _ = try insert(trigger)
        case .cancel(let run): guard requestCancel(of: run, by: actor) else { return .refused }
        case .pause(let scope, let isPaused): setPaused(isPaused, scope)
        case .forgetCursor(let sensor): forgetCursor(of: sensor)
        case .operation(let operation, let event): try commit(operation, event)
        case .none: break
        }
        ledger.keep(effect, by: actor)
        return .done
    }

    func finishedSteps(_ query: StepQuery) -> [FinishedStep] {
        let found = allSteps.compactMap { step, run -> FinishedStep? in
            guard step.status.isFinished, step.status != .skipped, query.asset.map({ $0 == step.asset }) ?? true,
                let started = step.startedAt, let ended = step.endedAt, ended >= query.since
            else { return nil }
            return FinishedStep(
                run: run.id,
                asset: step.asset,
                status: step.status,
                createdAt: run.createdAt,
                startedAt: started,
                endedAt: ended,
                causes: step.causes
            )
        }
        // Of those that ended at one moment, the later of the list is the newer.
        let sorted = found.enumerated().sorted { ($0.element.endedAt, $0.offset) > ($1.element.endedAt, $1.offset) }
        return Array(sorted.map(\.element).prefix(max(0, query.limit)))
    }
}
