import FreshetCore
import FreshetKit
import FreshetView

/// `GET /savings`: what deciding was worth, day by day, and by asset or team.
enum SavingsRoutes {
    static let all = [Route("GET", "/api/v1/savings", "getSavings", access: .least(.viewer), handle: savings)]

    private static func savings(_ call: Call) async throws -> Answer {
        let days = Int(try call.query.integer("days", in: 1...400, default: 30))
        let by = try call.query.word("by", SavingsReport.By.self) ?? .asset
        let position = try await call.context.sight.position()
        let now = call.now
        let zone = call.project.zone(call.project.timeZone)
        let start = zone.timestamp(forLocal: CivilDateTime(zone.local(at: now).date.adding(days: 1 - days)))
        let report = try await asking { () throws(StoreError) in
            let specs = call.project.graph.ordered.filter(\.isMaterialized)
            return try await SavingsReport(of: specs, from: start, to: now, in: zone, call.store)
        }
        return .resource("freshet.savings/1", report.document(by: by), sequence: position)
    }
}
