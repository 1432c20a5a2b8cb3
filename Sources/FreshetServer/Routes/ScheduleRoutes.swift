import FreshetCore
import FreshetKit
import FreshetView

/// `GET /schedules`: when the clock asks for something, with the days on which the clocks change.
enum ScheduleRoutes {
    static let all = [Route("GET", "/api/v1/schedules", "listSchedules", access: .least(.viewer), handle: list)]

    private static func list(_ call: Call) async throws -> Answer {
        let count = Int(try call.query.integer("count", in: 1...50, default: 5))
        let panorama = try await call.context.sight.panorama()
        var rows: [JSONValue] = []
        for row in ScheduleRows.all(of: call.project) {
            rows.append(try await document(row, count: count, panorama, call))
        }
        return .resource(
            "freshet.schedules/1",
            ["at": Documents.time(panorama.at), "schedules": .list(rows)],
            sequence: panorama.sequence
        )
    }

    private static func document(
        _ row: ScheduleRows,
        count: Int,
        _ panorama: Panorama,
        _ call: Call
    ) async throws -> JSONValue {
        let zone = call.project.zone(row.schedule.timeZone)
        let blackout = call.project.graph[row.asset]?.policy.automation?.blackout
        let slots: [JSONValue] = row.schedule.times(after: panorama.at, in: zone, count: count).map { slot in
            let isBlack = blackout?.release(of: slot, offset: .zero, at: slot, zone: call.project.zone) != nil
            let note = zone.isShownTwice(slot) ? "dst_overlap" : isBlack ? "blackout" : nil
            return [
                "at": Documents.time(slot), "local": .text(slot.formatted(in: zone)), "note": Documents.text(note),
            ]
        }
        return [
            "schedule": .text(row.name), "cron": .text(row.expressions),
            "text": .text("\(row.does) at \(row.expressions)"), "timezone": .text(row.schedule.timeZone),
            "assets": .list([.text(row.asset.path)]),
            "paused": .boolean(panorama.snapshot.pausedSchedules.contains(row.name)), "next": .list(slots),
            "last": try await last(row, panorama, call), "dst_days": .list(zone.changes(after: panorama.at)),
        ]
    }

    /// The last slot that was answered, where something was decided at it.
    private static func last(_ row: ScheduleRows, _ panorama: Panorama, _ call: Call) async throws -> JSONValue {
        guard let known = panorama.snapshot.schedules[row.name], known.definition == row.schedule.definition else {
            return .null
        }
        let query = RunQuery(asset: row.asset, trigger: .schedule, limit: 1)
        let runs = try await asking { () throws(StoreError) in try await call.store.details(query) }
        guard let detail = runs.first else { return .null }
        let run = try await asking { () throws(StoreError) in try await call.store.run(detail.run.id) }
        guard let trigger = run?.triggers.first(where: { $0.slot != nil }), let slot = trigger.slot,
            let end = trigger.disposition
        else { return .null }
        return [
            "slot": Documents.time(slot), "disposition": .text(end.kind.rawValue), "reason": .text(end.reason),
            "run": .text(detail.run.id),
        ]
    }
}

extension TimeZoneRules {
    /// Whether the clocks show the same time again later.
    fileprivate func isShownTwice(_ moment: Timestamp) -> Bool {
        let local = local(at: moment)
        return self.local(at: moment + .seconds(3600)) == local || self.local(at: moment - .seconds(3600)) == local
    }

    /// The days within 200 on which the clocks are changed.
    fileprivate func changes(after now: Timestamp) -> [JSONValue] {
        let today = local(at: now).date
        return (0..<200).compactMap { day in
            let date = today.adding(days: day)
            let start = timestamp(forLocal: CivilDateTime(date))
            let end = timestamp(forLocal: CivilDateTime(date.adding(days: 1)))
            let hours = (end - start).inSeconds / 3600
            guard hours != 24 else { return nil }
            let isForward = hours < 24
            return [
                "date": .text(date.description), "kind": .text(isForward ? "forward" : "back"),
                "sentence": .text(
                    isForward
                        ? "the clocks go forward; times in the gap are at its end"
                        : "the clocks go back; a time that comes twice counts at the first"
                ),
            ]
        }
    }
}
