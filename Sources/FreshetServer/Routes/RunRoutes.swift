import FreshetCore
import FreshetKit
import FreshetView

/// `GET /runs` and what belongs to one run.
enum RunRoutes {
    static let all = [
        Route("GET", "/api/v1/runs", "listRuns", access: .least(.viewer), handle: list),
        Route("GET", "/api/v1/runs/{run}", "getRun", access: .least(.viewer)) { call in
            let position = try await call.context.sight.position()
            let document = try await document(of: try await run(call), call)
            let members: [String: JSONValue] = ["at": Documents.time(call.now), "run": document]
            return .resource("freshet.run/1", members, sequence: position)
        },
        Route("GET", "/api/v1/runs/{run}/steps", "listSteps", access: .least(.viewer)) { call in
            let position = try await call.context.sight.position()
            let statistics = try await call.context.sight.statistics()
            let documents = RunDocuments(try await run(call), call.project, statistics)
            return .resource("freshet.steps/1", ["steps": .list(documents.steps)], sequence: position)
        },
        Route("GET", "/api/v1/runs/{run}/sub-steps", "listSubSteps", access: .least(.viewer), handle: subSteps),
        Route("GET", "/api/v1/runs/{run}/operations", "listOperations", access: .least(.viewer)) { call in
            let position = try await call.context.sight.position()
            let operations = try await run(call).operations.map(Documents.ledger)
            return .resource("freshet.operations/1", ["operations": .list(operations)], sequence: position)
        },
        Route("GET", "/api/v1/runs/{run}/log", "getLog", access: .least(.viewer), handle: RunLog.answer),
    ]

    /// The run that the path names.
    static func run(_ call: Call) async throws -> RunDetail {
        let id = call.parameters["run"] ?? ""
        guard let detail = try await asking({ () throws(StoreError) in try await call.store.run(id) }) else {
            throw Problem(.unknownRun, "There is no run '\(id)'.")
        }
        return detail
    }

    static func document(of detail: RunDetail, _ call: Call) async throws -> JSONValue {
        let statistics = try await call.context.sight.statistics()
        let (sensor, tick) = try await origin(of: detail, call)
        return RunDocuments(detail, call.project, statistics).whole(sensor: sensor, tick: tick)
    }

    /// The sensor whose look began a run, and that look; the trigger's key names both.
    private static func origin(of detail: RunDetail, _ call: Call) async throws -> (sensor: String?, tick: Int64?) {
        guard let trigger = detail.triggers.first, trigger.kind == .sensor else { return (nil, nil) }
        let names = SensorSummary.all(of: call.project).map(\.name)
        let sensor = names.filter { trigger.key.hasPrefix($0 + ":") }.max { $0.count < $1.count }
        guard let sensor else { return (nil, nil) }
        let digits = trigger.key.dropFirst(sensor.count + 1).prefix { ("0"..."9").contains($0) }
        let query = TickQuery(sensor: sensor, limit: 200)
        let ticks = try await asking { () throws(StoreError) in try await call.store.ticks(query) }
        return (sensor, ticks.first { String($0.startedAt.milliseconds) == digits }?.sequence)
    }

    private static func list(_ call: Call) async throws -> Answer {
        let limit = try call.query.limit()
        let place = try Cursor.place("runs", in: call.query)
        let query = RunQuery(
            asset: try call.asset(named: "asset"),
            status: try call.query.word("status"),
            trigger: call.query["trigger"].flatMap { TriggerRecord.Kind(rawValue: $0) },
            since: try call.query.time("since"),
            until: try call.query.time("until"),
            before: place,
            // The contract knows kinds that no trigger of this version has: nothing is of them.
            limit: try isKnown(call.query["trigger"]) ? limit + 1 : 0
        )
        let panorama = try await call.context.sight.panorama()
        let statistics = try await call.context.sight.statistics()
        let details = try await asking { () throws(StoreError) in try await call.store.details(query) }
        let isFirst = place == nil
        var members: [String: JSONValue] = [
            "at": Documents.time(panorama.at),
            "waiting": .list(isFirst ? panorama.snapshot.pendingTriggers.map(Documents.whole) : []),
            "hours": .list(isFirst ? try await hours(query, call) : []),
        ]
        members.addPage(
            "runs",
            details,
            limit: limit,
            list: "runs",
            place: { $0.run.id },
            document: { detail in
                .object(Documents.row(detail, estimate: Estimate(call.project, detail, statistics).seconds))
            }
        )
        return .resource("freshet.runs/1", members, sequence: panorama.sequence)
    }

    /// - Throws: ``Problem`` for what is no kind of trigger at all.
    private static func isKnown(_ trigger: String?) throws(Problem) -> Bool {
        guard let trigger, TriggerRecord.Kind(rawValue: trigger) == nil else { return true }
        guard trigger == "event" || trigger == "backfill" else { throw .bad("trigger", "is no kind of trigger") }
        return false
    }

    /// How runs ended, hour by hour.
    private static func hours(_ filter: RunQuery, _ call: Call) async throws -> [JSONValue] {
        let hour: Int64 = 3_600_000
        let first = call.now.milliseconds / hour - 47
        var query = filter
        query.since = max(filter.since ?? Timestamp(milliseconds: first * hour), Timestamp(milliseconds: first * hour))
        query.limit = filter.limit == 0 ? 0 : 20_000
        let wanted = query
        let runs = try await asking { () throws(StoreError) in try await call.store.runs(wanted) }
        var counts: [Int64: [String: Int]] = [:]
        for run in runs {
            let word = run.status.isFinished ? run.status.rawValue : "running"
            counts[run.createdAt.milliseconds / hour, default: [:]][word, default: 0] += 1
        }
        return (first..<first + 48).map { number in
            var members: [String: JSONValue] = ["from": Documents.time(Timestamp(milliseconds: number * hour))]
            for word in ["succeeded", "failed", "cancelled", "running"] {
                members[word] = Documents.integer(counts[number]?[word] ?? 0)
            }
            return .object(members)
        }
    }

    private static func subSteps(_ call: Call) async throws -> Answer {
        let limit = try call.query.limit()
        let asset = try call.asset(named: "asset")
        let status = try call.query.word("status", SubStepStatus.self)
        let position = try await call.context.sight.position()
        let all = try await run(call).subSteps.filter { part in
            (asset.map { $0 == part.asset } ?? true) && (status.map { $0 == part.subStep.status } ?? true)
        }
        func place(_ part: SubStepRecord) -> String { "\(part.asset)\n\(part.attempt)\n\(part.subStep.name)" }
        var start = 0
        if let last = try Cursor.place("sub_steps", in: call.query) {
            start = all.firstIndex { place($0) == last }.map { $0 + 1 } ?? all.count
        }
        var members: [String: JSONValue] = [:]
        members.addPage(
            "sub_steps",
            Array(all[start...].prefix(limit + 1)),
            limit: limit,
            list: "sub_steps",
            place: place,
            document: Documents.subStep
        )
        return .resource("freshet.sub_steps/1", members, sequence: position)
    }
}
