import FreshetCore
import FreshetKit
import FreshetView

/// `GET /board`: what is fresh, what is late, and why.
enum BoardRoutes {
    static let all = [Route("GET", "/api/v1/board", "getBoard", access: .least(.viewer), handle: board)]

    private static func board(_ call: Call) async throws -> Answer {
        let chosen = Set(try call.selected().map(\.key))
        let onlooker = try await Onlooker(call)
        let rows = onlooker.panorama.status.assets.filter { chosen.contains($0.asset.key) }
            .sorted { precedes($0, $1, onlooker) }
        let snapshot = onlooker.panorama.snapshot
        let ticks = try await asking { () throws(StoreError) in
            try await call.context.sight.failing.read(call.project, call.store)
        }
        let unresolved = rows.count { $0.state == .failed && $0.lastStep?.failure?.code == .unresolved }
        let counts: [String: Int] = [
            "assets": rows.count, "late": rows.count(where: \.isLate),
            "at_risk": rows.count { onlooker.lateness(of: $0) != nil },
            "failed": rows.count { $0.state == .failed }, "held": rows.count { $0.state == .held },
            "refreshing": rows.count { $0.state == .refreshing || $0.state == .parked },
            "fresh": rows.count { $0.state == .upToDate && !$0.isLate }, "paused": rows.count { $0.state == .paused },
            "unresolved": unresolved, "sensors_failing": ticks.count,
        ]
        var running: [JSONValue] = []
        for detail in snapshot.unfinishedRuns {
            running.append(
                .object(Documents.row(detail, estimate: Estimate(call.project, detail, onlooker.statistics).seconds))
            )
        }
        let outside = call.context.outside
        let around = Attention.Around(
            failing: ticks,
            warnings: outside.warnings(),
            files: await outside.recentFiles(),
            storeTrouble: outside.storeTrouble()
        )
        let attention = Attention(call.project, onlooker.panorama, around).documents
        return .resource(
            "freshet.board/1",
            [
                "project": .text(call.project.name), "environment": Documents.text(call.project.environment),
                "at": onlooker.at, "sequence": .integer(onlooker.sequence), "paused": .boolean(snapshot.isPaused),
                "daemon": true, "counts": .object(counts.mapValues { Documents.integer($0) }),
                "attention": .list(attention), "assets": .list(rows.map(onlooker.boardRow)), "running": .list(running),
            ],
            sequence: onlooker.sequence
        )
    }

    /// What is late comes first, the longest first; then what will be; then what is not well.
    private static func precedes(_ left: AssetStatus, _ right: AssetStatus, _ onlooker: Onlooker) -> Bool {
        let (one, two) = (order(left, onlooker), order(right, onlooker))
        return one != two ? one.lexicographicallyPrecedes(two) : left.asset.key < right.asset.key
    }

    private static func order(_ status: AssetStatus, _ onlooker: Onlooker) -> [Int64] {
        let states: [AssetStatus.State] = [.failed, .held, .parked, .refreshing, .stale, .unknown, .paused, .upToDate]
        let rank = Int64(states.firstIndex(of: status.state) ?? states.count)
        switch status.freshness {
        case .late(let since)?: return [0, since.milliseconds, rank, 0]
        case .fresh(let until?)?:
            return [1, onlooker.lateness(of: status) == nil ? 1 : 0, rank, until.milliseconds]
        case .fresh(nil)?, .unknown?, nil: return [1, 1, rank, Int64.max]
        }
    }
}
