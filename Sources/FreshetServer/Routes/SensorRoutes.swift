import FreshetCore
import FreshetKit
import FreshetView

/// `GET /sensors`, `GET /ticks`, and what can be done to a sensor.
enum SensorRoutes {
    static let all = [
        Route("GET", "/api/v1/sensors", "listSensors", access: .least(.viewer), handle: list),
        Route("GET", "/api/v1/ticks", "listTicks", access: .least(.viewer), handle: ticks),
        Route("POST", "/api/v1/sensors/{sensor}/test", "testSensor", access: .least(.operator), handle: test),
        Route("POST", "/api/v1/sensors/{sensor}/reset", "resetSensor", access: .least(.operator), handle: reset),
    ]

    private static func list(_ call: Call) async throws -> Answer {
        let panorama = try await call.context.sight.panorama()
        let since = panorama.at - .seconds(86_400)
        let query = TickQuery(since: since, limit: 50_000)
        let recent = try await asking { () throws(StoreError) in try await call.store.ticks(query) }
        let bySensor = Dictionary(grouping: recent, by: \.sensor)
        var rows: [(isFailing: Bool, document: JSONValue)] = []
        for sensor in SensorSummary.all(of: call.project) {
            var ticks = bySensor[sensor.name] ?? []
            if ticks.isEmpty {
                let last = TickQuery(sensor: sensor.name, limit: 1)
                ticks = try await asking { () throws(StoreError) in try await call.store.ticks(last) }
            }
            rows.append((ticks.first?.status == .failed, row(sensor, ticks, panorama)))
        }
        let sorted = rows.filter(\.isFailing) + rows.filter { !$0.isFailing }
        return .resource(
            "freshet.sensors/1",
            ["at": Documents.time(panorama.at), "sensors": .list(sorted.map(\.document))],
            sequence: panorama.sequence
        )
    }

    private static func row(_ sensor: SensorSummary, _ ticks: [TickRecord], _ panorama: Panorama) -> JSONValue {
        let snapshot = panorama.snapshot
        let isPaused = snapshot.pausedSensors.contains(sensor.name)
        let last = ticks.first
        let next = isPaused ? nil : sensor.every.flatMap { every in last.map { $0.endedAt + every } }
        let times = ticks.filter { $0.count == 1 }.map { ($0.endedAt - $0.startedAt).inSeconds }
        return [
            "sensor": .text(sensor.name), "kind": .text(sensor.kind), "every_seconds": Documents.seconds(sensor.every),
            "last_tick": last.map(Documents.tick) ?? .null, "next_at": Documents.time(next),
            "paused": .boolean(isPaused), "cursor": Documents.text(snapshot.cursors[sensor.name]),
            "assets": Documents.integer(sensor.assets), "strip": .list(strip(ticks, until: panorama.at)),
            "p50_seconds": Documents.number(Statistics.quantile(0.5, of: times)),
            "sentence": .text(last.map { "\($0.status.rawValue): \($0.message)" } ?? "has not looked yet"),
        ]
    }

    /// The last 24 hours in 48 buckets; a tick that stands for many looks is spread over its time.
    private static func strip(_ ticks: [TickRecord], until now: Timestamp) -> [JSONValue] {
        let (count, width) = (48, Int64(1_800_000))
        let start = now.milliseconds - Int64(count) * width
        var buckets = [[TickRecord.Status: Int]](repeating: [:], count: count)
        for tick in ticks {
            let first = Int((tick.startedAt.milliseconds - start) / width)
            let last = min(Int((tick.endedAt.milliseconds - start) / width), count - 1)
            guard last >= 0, first < count, first <= last else { continue }
            let share = max(1, tick.count / (last - first + 1))
            for place in max(0, first)...last { buckets[place][tick.status, default: 0] += share }
        }
        return buckets.enumerated().map { place, counts in
            let from = start + Int64(place) * width
            return [
                "from": Documents.time(Timestamp(milliseconds: from)),
                "to": Documents.time(Timestamp(milliseconds: from + width)),
                "changed": Documents.integer(counts[.changed] ?? 0),
                "unchanged": Documents.integer(counts[.unchanged] ?? 0),
                "failed": Documents.integer(counts[.failed] ?? 0),
            ]
        }
    }

    private static func ticks(_ call: Call) async throws -> Answer {
        let limit = try call.query.limit()
        let query = TickQuery(
            sensor: call.query["sensor"],
            status: try call.query.word("status"),
            before: try Cursor.sequence("ticks", in: call.query),
            limit: limit + 1
        )
        let position = try await call.context.sight.position()
        let ticks = try await asking { () throws(StoreError) in try await call.store.ticks(query) }
        var members: [String: JSONValue] = [:]
        members.addPage(
            "ticks",
            ticks,
            limit: limit,
            list: "ticks",
            place: { String($0.sequence) },
            document: Documents.tick
        )
        return .resource("freshet.ticks/1", members, sequence: position)
    }

    /// The name that the path names, if there is such a sensor.
    static func sensor(_ name: String, in project: Project) throws(Problem) -> SensorSummary {
        let all = SensorSummary.all(of: project)
        guard let found = all.first(where: { $0.name == name }) else {
            let nearest = AssetKey.nearest(to: AssetKey(name), among: all.map { AssetKey($0.name) })?.path
            throw Problem(.unknownSensor, "There is no sensor '\(name)'.", nearest: nearest)
        }
        return found
    }

    private static func name(_ call: Call) -> String { (call.parameters["sensor"] ?? "").replacing(":", with: "/") }

    private static func test(_ call: Call) async throws -> Answer {
        let sensor = try sensor(name(call), in: call.project)
        try call.requireReach(call.assets(ofSensor: sensor.name))
        _ = try call.object()
        guard let trial = await call.context.outside.tryLook(sensor.name) else {
            throw Problem(.unknownSensor, "There is no sensor '\(sensor.name)'.")
        }
        let panorama = try await call.context.sight.panorama()
        var observed = panorama.snapshot.observations.mapValues(\.observation)
        for (key, observation) in trial.observations { observed[key] = observation }
        let behind = Set(call.project.graph.descent(of: trial.changed).filter(\.isMaterialized).map(\.key))
        let plan = try await PlanDocument(call, behind, panorama.snapshot, observed: observed, isForced: false)
        let observations: [JSONValue] = trial.observations.sorted { $0.key < $1.key }.map { key, seen in
            [
                "asset": .text(key.path), "version": .text(seen.version.text), "health": .text(seen.health.rawValue),
                "changed": .boolean(trial.changed.contains(key)), "message": Documents.text(seen.message),
            ]
        }
        return .json([
            "schema": "freshet.sensor_test/1", "sensor": .text(sensor.name), "tick": Documents.tick(trial.tick),
            "observations": .list(observations), "would_trigger": .list(plan.running),
        ])
    }

    private static func reset(_ call: Call) async throws -> Answer {
        let sensor = try sensor(name(call), in: call.project)
        try call.requireReach(call.assets(ofSensor: sensor.name))
        let body = try call.object("reason")
        let answer: JSONValue = ["trigger": .null, "run": .null]
        let request = EffectRequest(
            action: "sensors.reset",
            target: sensor.name,
            reason: try body.reason(isRequired: true),
            body: body,
            answer: StoredAnswer(status: 202, body: answer)
        )
        return try await call.perform(.forgetCursor(sensor: sensor.name), request) {
            await call.context.notices.reset(sensor.name)
        }
    }
}
