import FreshetCore
import FreshetKit
import GRDB

extension Database {
    /// Does what was asked for, keeps it in the audit, and keeps the answer under the request's key.
    func perform(_ effect: Effect, by actor: Actor) throws -> EffectOutcome {
        if let known = try outcome(of: effect, by: actor) { return known }
        guard try change(effect.change, by: actor, at: effect.at) else { return .refused }
        try audit(effect.audit, by: actor, at: effect.at)
        guard let key = effect.key else { return .done }
        try run("DELETE FROM answer WHERE at < ?", [(effect.at - Effect.keepsAnswers).milliseconds])
        let arguments: StatementArguments = [
            actor.name, key, effect.fingerprint, effect.answer.status, JSONText.write(effect.answer.body),
            effect.at.milliseconds,
        ]
        try run("INSERT INTO answer (actor, key, fingerprint, status, body, at) VALUES (?, ?, ?, ?, ?, ?)", arguments)
        return .done
    }

    /// What is known of an effect that was asked for before.
    func outcome(of effect: Effect, by actor: Actor) throws -> EffectOutcome? {
        guard let key = effect.key, let known = try answer(to: key, of: actor) else { return nil }
        return known.fingerprint == effect.fingerprint ? .replayed(known.answer) : .reused
    }

    private func answer(to key: String, of actor: Actor) throws -> (fingerprint: String, answer: StoredAnswer)? {
        let sql = "SELECT fingerprint, status, body FROM answer WHERE actor = ? AND key = ?"
        guard let row = try first(sql, [actor.name, key]) else { return nil }
        var columns = Columns(row)
        let fingerprint: String = try columns.next()
        let status: Int = try columns.next()
        return (fingerprint, StoredAnswer(status: status, body: try JSONText.parse(try columns.next())))
    }

    /// - Returns: false when it makes no sense any more.
    private func change(_ change: Effect.Change, by actor: Actor, at now: Timestamp) throws -> Bool {
        switch change {
        case .trigger(let trigger): _ = try insert(trigger)
        case .cancel(let run): return try requestCancel(of: run, at: now, by: actor)
        case .pause(let scope, let isPaused): try setPaused(isPaused, scope, at: now, by: actor)
        case .forgetCursor(let sensor):
            try run("DELETE FROM cursor WHERE sensor = ?", [sensor])
            try note(.tick, sensor, word: "reset")
        case .operation(let operation, let event): try commit(operation, event)
        case .none: break
        }
        return true
    }
}
