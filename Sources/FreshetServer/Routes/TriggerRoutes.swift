import FreshetCore
import FreshetFailpoints
import FreshetKit
import Hummingbird

/// `POST /triggers`: asks for a run.
enum TriggerRoutes {
    /// Takes `{"key", "kind": "manual"|"retry", "targets": [...], "forced": bool, "actor"}`.
    ///
    /// Answers 202 `{"trigger"}` once the trigger is durable; a key that is known already gives the stored trigger.
    static func register(_ group: RouterGroup<BasicRequestContext>, _ context: ServerContext) {
        group.post("triggers") { request, _ in
            let body = try await RequestBody(of: request)
            failpoint(.triggerReceived)
            let kind = TriggerRecord.Kind(rawValue: try body.text("kind"))
            guard let kind, kind == .manual || kind == .retry else {
                throw Refusal(.badRequest, message: "'kind' has to be manual or retry")
            }
            let targets = try body.texts("targets").map { AssetKey($0) }
            guard !targets.isEmpty else { throw Refusal(.badRequest, message: "'targets' is empty") }
            let now = context.clock.now
            let trigger = TriggerRecord(
                id: Identifier.timeOrdered(at: now, chance: context.chance),
                key: try body.text("key"),
                kind: kind,
                actor: try body.actor(),
                targets: targets,
                isForced: try body.boolean("forced"),
                createdAt: now,
                dueAt: now
            )
            do throws(StoreError) {
                let change = TriggerCommit(triggers: [trigger])
                try failpoint(.triggerBeforeCommit) { StoreError.failed($0) }
                let stored = try await context.store.commit(change, by: context.writer(trigger.actor))
                try failpoint(.triggerAfterCommit) { StoreError.failed($0) }
                let id = stored.first ?? trigger.id
                await context.notices.trigger(id)
                try failpoint(.triggerBeforeAck) { StoreError.failed($0) }
                return Response.json(["trigger": .text(id)], status: .accepted)
            } catch {
                throw Refusal(error)
            }
        }
    }
}
