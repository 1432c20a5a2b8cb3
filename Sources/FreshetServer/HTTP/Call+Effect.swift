import FreshetCore
import FreshetKit
import FreshetView

/// What a person or a machine asks for, before it is done.
struct EffectRequest {
    /// Its name for the audit.
    var action: String
    /// What it is done to, for the audit.
    var target: String?
    /// Why, in the caller's words.
    var reason: String?
    /// What was asked; the same key with another body is refused.
    var body: Members
    /// What is answered, now and whenever the same is asked again.
    var answer: StoredAnswer
}

extension Call {
    /// Does what was asked for once, however often it is asked, and answers the same each time.
    ///
    /// - Parameters:
    ///   - change: what it does to the store.
    ///   - request: what was asked.
    ///   - notice: tells the engine; called only when something was done.
    /// - Returns: the answer.
    func perform(_ change: Effect.Change, _ request: EffectRequest, notice: () async -> Void) async throws -> Answer {
        let effect = try effect(change, request)
        let outcome = try await asking { () throws(StoreError) in
            try await store.perform(effect, by: context.writer(actor))
        }
        if case .done = outcome { await notice() }
        return try answer(to: effect, outcome)
    }

    /// What was answered to the same request before; `nil` when it is a new one.
    func known(_ request: EffectRequest) async throws -> Answer? {
        let effect = try effect(.none, request)
        let outcome = try await asking { () throws(StoreError) in try await store.outcome(of: effect, by: actor) }
        return try outcome.map { try answer(to: effect, $0) }
    }

    private func effect(_ change: Effect.Change, _ request: EffectRequest) throws(Problem) -> Effect {
        var hash = Fingerprint()
        for text in [method, path, request.body.document.serialized()] { hash.add(text) }
        let entry = AuditEntry(
            request.action,
            target: request.target,
            reason: request.reason,
            method: admission.method,
            address: admission.address
        )
        return Effect(
            change,
            at: now,
            audit: entry,
            key: try idempotencyKey(),
            fingerprint: hash.hexadecimal,
            answer: request.answer
        )
    }

    private func answer(to effect: Effect, _ outcome: EffectOutcome) throws(Problem) -> Answer {
        switch outcome {
        case .done: return .json(effect.answer.body, status: effect.answer.status)
        case .replayed(let known):
            return .json(known.body, status: known.status, headers: ["Idempotency-Replayed": "true"])
        case .reused:
            throw Problem(
                .idempotencyKeyReused,
                "The key '\(effect.key ?? "")' belongs to another request; take a new one for each intention."
            )
        case .refused: throw Problem(.alreadyEnded, "It has ended already.")
        }
    }

    func idempotencyKey() throws(Problem) -> String {
        guard let key = header("idempotency-key") else {
            throw Problem(
                .idempotencyKeyMissing,
                "Send Idempotency-Key, a text of your choice such as a UUID, so that the request can be sent again."
            )
        }
        let isWellFormed =
            (8...128).contains(key.utf8.count)
            && key.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "._:-".utf8.contains(byte)
            }
        guard isWellFormed else {
            throw .bad("Idempotency-Key", "has to be 8 to 128 letters, digits, dots, colons, underscores or hyphens")
        }
        return key
    }
}

extension Members {
    /// Why a person does it.
    func reason(isRequired: Bool = false) throws(Problem) -> String? {
        let reason = try optionalText("reason", atMost: 500)
        guard isRequired else { return reason }
        guard let reason, reason.unicodeScalars.count >= 3 else {
            throw Problem(
                .reasonMissing,
                "Say in 'reason' why, in three characters or more; it is kept in the audit.",
                errors: [Problem.Mistake("/reason", "is missing or too short")]
            )
        }
        return reason
    }
}
