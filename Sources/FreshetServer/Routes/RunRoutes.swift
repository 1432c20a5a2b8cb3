import FreshetCore
import FreshetKit
import Hummingbird

/// `POST /runs/{id}/cancel`: asks a run to stop.
enum RunRoutes {
    /// Takes `{"actor"}`; answers 202 once the wish is durable, 404 when no such run is in progress.
    static func register(_ group: RouterGroup<BasicRequestContext>, _ context: ServerContext) {
        group.post("runs/:id/cancel") { request, parameters in
            let body = try await RequestBody(of: request)
            let id = try parameters.parameters.require("id")
            let actor = try body.actor()
            do throws(StoreError) {
                let isAsked = try await context.store.requestCancel(
                    of: id,
                    at: context.clock.now,
                    by: context.writer(actor)
                )
                guard isAsked else { return Response.json(["error": "no such run is in progress"], status: .notFound) }
                await context.notices.cancel(id, actor)
                return Response.json(["run": .text(id)], status: .accepted)
            } catch {
                throw Refusal(error)
            }
        }
    }
}
