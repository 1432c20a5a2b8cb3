import FreshetCore
import FreshetFailpoints
import FreshetKit
import FreshetView

/// `GET /triggers/{trigger}`, and what the command line asks for over the socket.
enum TriggerRoutes {
    static let all = [
        Route("GET", "/api/v1/triggers/{trigger}", "getTrigger", access: .least(.viewer)) { call in
            let id = call.parameters["trigger"] ?? ""
            let position = try await call.context.sight.position()
            let found = try await asking { () throws(StoreError) in try await call.store.trigger(id) }
            guard let found else { throw Problem(.unknownTrigger, "There is no trigger '\(id)'.") }
            return .resource("freshet.trigger/1", ["trigger": Documents.whole(found)], sequence: position)
        },
        // Names each target, however many: a selection would have to be as long.
        Route(
            "POST",
            "/api/v1/triggers",
            "createTrigger",
            access: .socket,
            bodyLimit: 16 << 20,
            handle: create
        ),
    ]

    /// Takes `{"key", "kind": "manual"|"retry", "targets": [...], "forced": bool}`.
    ///
    /// Answers 202 `{"trigger"}` once the trigger is durable; a key that is known already gives the stored trigger.
    private static func create(_ call: Call) async throws -> Answer {
        let body = try call.object("key", "kind", "targets", "forced")
        failpoint(.triggerReceived)
        let kind = TriggerRecord.Kind(rawValue: try body.text("kind"))
        guard let kind, kind == .manual || kind == .retry else {
            throw Problem.bad("/kind", "has to be manual or retry")
        }
        let targets = try body.texts("targets")?.map { AssetKey($0) } ?? []
        guard !targets.isEmpty else { throw Problem.bad("/targets", "is empty") }
        try call.requireReach(targets)
        let now = call.now
        let trigger = TriggerRecord(
            id: call.context.newID(),
            key: try body.text("key"),
            kind: kind,
            actor: call.actor,
            targets: targets,
            isForced: try body.boolean("forced"),
            createdAt: now,
            dueAt: now
        )
        do throws(StoreError) {
            let change = TriggerCommit(triggers: [trigger])
            try failpoint(.triggerBeforeCommit) { StoreError.failed($0) }
            let stored = try await call.store.commit(change, by: call.context.writer(trigger.actor))
            try failpoint(.triggerAfterCommit) { StoreError.failed($0) }
            let id = stored.first ?? trigger.id
            await call.context.notices.trigger(id)
            try failpoint(.triggerBeforeAck) { StoreError.failed($0) }
            return .json(["trigger": .text(id)], status: 202)
        } catch {
            throw Problem(error)
        }
    }
}
