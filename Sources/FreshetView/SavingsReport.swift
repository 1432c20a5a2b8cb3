package import FreshetCore
package import FreshetKit

/// What deciding was worth within a time, day by day, and by asset or by team; the command line and the page show the same.
package struct SavingsReport: Sendable {
    /// What a row stands for.
    package enum By: String, CaseIterable, Sendable {
        case asset
        /// The group of an asset, otherwise its first owner.
        case team
    }

    package struct Row: Hashable, Sendable {
        package var name: String
        package var savings: Savings
    }

    /// One asset and what happened to it.
    package struct History: Sendable {
        var asset: AssetSpec
        var moments: [Savings.Moment]

        /// - Parameters: those of ``Savings/moments(of:_:_:since:)``.
        package init(
            _ asset: AssetSpec,
            _ decisions: [DecisionRecord],
            _ successes: [MaterializationRecord],
            since start: Timestamp
        ) {
            self.asset = asset
            moments = Savings.moments(of: asset, decisions, successes, since: start)
        }
    }

    package let start: Timestamp
    package let end: Timestamp
    package let total: Savings
    /// Each day from the first to the last, those on which nothing happened too.
    package let days: [(date: CivilDate, savings: Savings)]
    private let assets: [Row]
    private let teams: [Row]

    /// - Parameters:
    ///   - histories: of the assets that are reported on.
    ///   - start: the beginning; nothing in `histories` lies before it.
    ///   - end: the present moment.
    ///   - zone: of the calendar that days are told by.
    package init(_ histories: [History], from start: Timestamp, to end: Timestamp, in zone: TimeZoneRules) {
        self.start = start
        self.end = end
        var total = Savings()
        var byDay: [CivilDate: Savings] = [:]
        var date = zone.local(at: start).date
        let last = zone.local(at: end).date
        while date <= last {
            byDay[date] = Savings()
            date = date.adding(days: 1)
        }
        var assets: [Row] = []
        var teams: [String: Savings] = [:]
        for history in histories {
            var sum = Savings()
            for moment in history.moments {
                sum += moment.savings
                byDay[zone.local(at: moment.at).date]? += moment.savings
            }
            total += sum
            assets.append(Row(name: history.asset.key.path, savings: sum))
            teams[Self.team(of: history.asset), default: Savings()] += sum
        }
        self.total = total
        self.assets = Self.ordered(assets)
        self.teams = Self.ordered(teams.map { Row(name: $0.key, savings: $0.value) })
        days = byDay.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private static func team(of asset: AssetSpec) -> String {
        asset.labels.group ?? asset.labels.owners.first ?? "(nobody)"
    }

    private static func ordered(_ rows: [Row]) -> [Row] {
        rows.sorted { ($1.savings.avoidedTime ?? .zero, $0.name) < ($0.savings.avoidedTime ?? .zero, $1.name) }
    }

    /// The most time saved first.
    package func rows(by: By) -> [Row] {
        switch by {
        case .asset: assets
        case .team: teams
        }
    }

    /// What it comes to, in one sentence without its full stop.
    package var sentence: String {
        let (avoided, refreshed) = (total.avoided, total.refreshed)
        guard avoided + refreshed > 0 else { return "nothing has been asked for in this time" }
        let share = avoided * 100 / (avoided + refreshed)
        let what = avoided == 1 ? "1 refresh" : "\(avoided) refreshes"
        let saved = total.avoidedTime ?? .zero
        let time = saved > .seconds(1) ? ", \(saved.briefly) saved" : ""
        return "\(share) % of what was asked for found nothing new: \(what) not made\(time)"
    }

    /// The members of the document `freshet.savings/1`.
    package func document(by: By) -> [String: JSONValue] {
        [
            "from": Documents.time(start), "to": Documents.time(end), "by": .text(by.rawValue),
            "sentence": .text(sentence), "totals": .object(total.members),
            "days": .list(
                days.map { day in
                    .object(day.savings.members.merging(["date": .text(day.date.description)]) { _, new in new })
                }
            ),
            "rows": .list(
                rows(by: by).map { row in
                    let names: [String: JSONValue] = [
                        "name": .text(row.name), "asset": Documents.text(by == .asset ? row.name : nil),
                    ]
                    return .object(row.savings.members.merging(names) { _, new in new })
                }
            ),
        ]
    }
}

extension SavingsReport {
    /// Reads what it needs.
    package init(
        of assets: [AssetSpec],
        from start: Timestamp,
        to end: Timestamp,
        in zone: TimeZoneRules,
        _ store: any RunStore
    ) async throws(StoreError) {
        var decisions: [AssetKey: [DecisionRecord]] = [:]
        var query = DecisionQuery(since: start, limit: Self.batch)
        while true {
            let page = try await store.decisions(query)
            for record in page { decisions[record.asset, default: []].append(record) }
            guard page.count == Self.batch, let last = page.last else { break }
            query.before = last.sequence
        }
        var histories: [History] = []
        for asset in assets {
            let successes = try await store.materializations(of: asset.key, limit: Self.batch)
            histories.append(History(asset, decisions[asset.key] ?? [], successes, since: start))
        }
        self.init(histories, from: start, to: end, in: zone)
    }

    private static let batch = 5000
}

extension Savings {
    /// Times in seconds.
    fileprivate var members: [String: JSONValue] {
        [
            "refreshed": count(refreshed), "refreshed_seconds": .number(refreshedTime.inSeconds),
            "avoided": count(avoided), "avoided_seconds": Documents.number(avoidedTime?.inSeconds),
            "tables_refreshed": count(tablesRefreshed), "tables_avoided": count(tablesAvoided),
            "wasted": count(wasted), "wasted_seconds": .number(wastedTime.inSeconds),
            "late_seconds": .number(late.inSeconds),
            "shadow": [
                "would_have_skipped": count(shadowed), "wrong": count(wrong), "unproved": count(unproved),
            ],
        ]
    }

    private func count(_ number: Int) -> JSONValue { Documents.integer(number) }
}
