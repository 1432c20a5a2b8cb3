import FreshetCore
import FreshetKit
import Hummingbird

/// `POST /pauses`: pauses or resumes an asset, or everything.
enum PauseRoutes {
    /// Takes `{"asset": key or null, "paused": bool, "actor"}`; answers 202 once it is durable.
    static func register(_ group: RouterGroup<BasicRequestContext>, _ context: ServerContext) {
        group.post("pauses") { request, _ in
            let body = try await RequestBody(of: request)
            let asset = try body.optionalText("asset").map { AssetKey($0) }
            let isPaused = try body.boolean("paused")
            let writer = context.writer(try body.actor())
            do throws(StoreError) {
                try await context.store.setPaused(isPaused, asset, at: context.clock.now, by: writer)
                await context.notices.pause(isPaused, asset)
                return Response.json(["paused": .boolean(isPaused)], status: .accepted)
            } catch {
                throw Refusal(error)
            }
        }
    }
}
