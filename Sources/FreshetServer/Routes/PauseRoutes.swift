import FreshetCore
import FreshetKit
import FreshetView

/// `POST /pauses`: pauses or resumes an asset, a sensor, a schedule, or everything.
enum PauseRoutes {
    static let all = [Route("POST", "/api/v1/pauses", "setPaused", access: .least(.operator), handle: set)]

    private static func set(_ call: Call) async throws -> Answer {
        let body = try call.object("paused", "asset", "sensor", "schedule", "reason")
        let isPaused = try body.boolean("paused")
        // A variable that was not set is no wish to pause everything.
        try body.refuseNull("asset", "sensor", "schedule")
        let (asset, sensor, schedule) = (
            try body.optionalText("asset"), try body.optionalText("sensor"), try body.optionalText("schedule")
        )
        guard [asset, sensor, schedule].count(where: { $0 != nil }) <= 1 else {
            throw Problem(.badRequest, "Name at most one of 'asset', 'sensor' and 'schedule'.")
        }
        let scope: PauseScope
        let reached: [AssetKey]
        if let asset {
            guard let spec = call.project.graph[AssetKey(asset)] else {
                throw .unknownAsset(AssetKey(asset), in: call.project.graph) as Problem
            }
            guard spec.isMaterialized else {
                throw .bad("/asset", "names an asset that Freshet only looks at; pause its sensor") as Problem
            }
            (scope, reached) = (.asset(spec.key), [spec.key])
        } else if let sensor {
            let name = try SensorRoutes.sensor(sensor, in: call.project).name
            (scope, reached) = (.sensor(name), call.assets(ofSensor: name))
        } else if let schedule {
            guard let row = ScheduleRows.all(of: call.project).first(where: { $0.name == schedule }) else {
                throw Problem(.notFound, "There is no schedule '\(schedule)'.")
            }
            (scope, reached) = (.schedule(schedule), [row.asset])
        } else {
            (scope, reached) = (.everything, call.project.graph.ordered.map(\.key))
        }
        try call.requireReach(reached)
        let answer: JSONValue = [
            "schema": "freshet.pause/1", "asset": Documents.text(asset), "sensor": Documents.text(sensor),
            "schedule": Documents.text(schedule), "paused": .boolean(isPaused),
        ]
        let request = EffectRequest(
            action: isPaused ? "pauses.set" : "pauses.clear",
            target: asset ?? sensor ?? schedule,
            reason: try body.reason(),
            body: body,
            answer: StoredAnswer(status: 200, body: answer)
        )
        return try await call.perform(.pause(scope, isPaused), request) {
            await call.context.notices.pause(isPaused, scope)
        }
    }
}
