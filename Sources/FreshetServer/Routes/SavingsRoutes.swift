import FreshetCore
import FreshetKit
import FreshetView

/// `GET /savings`: what deciding was worth, day by day and by asset, group or owner.
enum SavingsRoutes {
    static let all = [Route("GET", "/api/v1/savings", "getSavings", access: .least(.viewer), handle: savings)]

    private enum By: String, CaseIterable { case asset, group, owner }

    private static func savings(_ call: Call) async throws -> Answer {
        let days = Int(try call.query.integer("days", in: 1...400, default: 30))
        let by = try call.query.word("by", By.self) ?? .asset
        let position = try await call.context.sight.position()
        let now = call.now
        let zone = call.project.zone(call.project.timeZone)
        let first = zone.local(at: now).date.adding(days: 1 - days)
        let start = zone.timestamp(forLocal: CivilDateTime(first))
        let decisions = Dictionary(grouping: try await Self.decisions(since: start, call), by: \.asset)
        let steps = try await asking { () throws(StoreError) in
            try await call.store.finishedSteps(StepQuery(since: start, limit: 200_000))
        }
        let failures = Dictionary(grouping: steps.filter { $0.status == .failed }, by: \.asset)
        var total = SavingsFigures()
        var byDay = Dictionary(uniqueKeysWithValues: (0..<days).map { (first.adding(days: $0), SavingsFigures()) })
        var rows: [String: SavingsFigures] = [:]
        for spec in call.project.graph.ordered where spec.isMaterialized {
            let successes = try await asking { () throws(StoreError) in
                try await call.store.materializations(of: spec.key, limit: 5000)
            }
            let mine = decisions[spec.key] ?? []
            let usual = Savings(of: spec.key, mine, successes, since: start).usual ?? .zero
            var events: [(Timestamp, SavingsFigures)] = mine.map { ($0.at, SavingsFigures(look: $0, usual: usual)) }
            events += successes.filter { $0.at >= start }.map { ($0.at, SavingsFigures(success: $0, of: spec)) }
            events += (failures[spec.key] ?? []).map { ($0.endedAt, SavingsFigures(failed: 1)) }
            let names = names(of: spec, by)
            for (moment, figures) in events {
                total += figures
                byDay[zone.local(at: moment).date]? += figures
                for name in names { rows[name, default: SavingsFigures()] += figures }
            }
        }
        let list: [JSONValue] = rows.sorted { ($1.value.avoidedSeconds, $0.key) < ($0.value.avoidedSeconds, $1.key) }
            .map { name, figures in
                figures.document(["name": .text(name), "asset": Documents.text(by == .asset ? name : nil)])
            }
        return .resource(
            "freshet.savings/1",
            [
                "from": Documents.time(start), "to": Documents.time(now), "sentence": .text(total.sentence),
                "totals": total.document([:]),
                "days": .list(
                    byDay.sorted { $0.key < $1.key }.map { $0.value.document(["date": .text($0.key.description)]) }
                ),
                "rows": .list(list),
            ],
            sequence: position
        )
    }

    private static func names(of spec: AssetSpec, _ by: By) -> [String] {
        switch by {
        case .asset: [spec.key.path]
        case .group: [spec.labels.group ?? "–"]
        case .owner: spec.labels.owners.isEmpty ? ["–"] : spec.labels.owners
        }
    }

    private static func decisions(since start: Timestamp, _ call: Call) async throws -> [DecisionRecord] {
        var found: [DecisionRecord] = []
        while true {
            let query = DecisionQuery(since: start, before: found.last?.sequence, limit: 5000)
            let page = try await asking { () throws(StoreError) in try await call.store.decisions(query) }
            found += page
            if page.count < query.limit { return found }
        }
    }
}

/// What refreshes cost, and what skipping saved.
private struct SavingsFigures {
    var looks = 0
    var refreshed = 0
    var avoided = 0
    var refreshedSeconds = 0.0
    var avoidedSeconds = 0.0
    var tablesRefreshed = 0
    var tablesAvoided = 0
    var failed = 0

    init(failed: Int = 0) { self.failed = failed }

    init(look: DecisionRecord, usual: Duration) {
        looks = 1
        guard look.outcome == .skip else { return }
        avoided = 1
        avoidedSeconds = usual.inSeconds
    }

    init(success: MaterializationRecord, of spec: AssetSpec) {
        refreshed = 1
        refreshedSeconds = (success.at - success.startedAt).inSeconds
        let all = max(1, spec.parts.count)
        tablesRefreshed = if case .parts(let names) = success.extent { names.count } else { all }
        tablesAvoided = max(0, all - tablesRefreshed)
    }

    static func += (lhs: inout SavingsFigures, rhs: SavingsFigures) {
        lhs.looks += rhs.looks
        lhs.refreshed += rhs.refreshed
        lhs.avoided += rhs.avoided
        lhs.refreshedSeconds += rhs.refreshedSeconds
        lhs.avoidedSeconds += rhs.avoidedSeconds
        lhs.tablesRefreshed += rhs.tablesRefreshed
        lhs.tablesAvoided += rhs.tablesAvoided
        lhs.failed += rhs.failed
    }

    var sentence: String {
        guard avoided + refreshed > 0 else { return "nothing has been asked for in this time" }
        let share = avoided * 100 / (avoided + refreshed)
        let saved = Duration.seconds(avoidedSeconds)
        let time = saved > .seconds(1) ? ", which would have taken \(saved.briefly)" : ""
        return "\(share) % of what was asked for found nothing new and was not done: \(avoided) refreshes\(time)"
    }

    func document(_ more: [String: JSONValue]) -> JSONValue {
        var members = more
        members["looks"] = Documents.integer(looks)
        members["refreshed"] = Documents.integer(refreshed)
        members["avoided"] = Documents.integer(avoided)
        members["refreshed_seconds"] = .number(refreshedSeconds)
        members["avoided_seconds"] = .number(avoidedSeconds)
        members["tables_refreshed"] = Documents.integer(tablesRefreshed)
        members["tables_avoided"] = Documents.integer(tablesAvoided)
        members["failed"] = Documents.integer(failed)
        return .object(members)
    }
}
