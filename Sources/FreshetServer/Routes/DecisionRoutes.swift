import FreshetCore
import FreshetKit
import FreshetView

/// `GET /decisions`: why, decision by decision, the newest first.
enum DecisionRoutes {
    static let all = [Route("GET", "/api/v1/decisions", "listDecisions", access: .least(.viewer), handle: list)]

    private static func list(_ call: Call) async throws -> Answer {
        let limit = try call.query.limit()
        let query = DecisionQuery(
            asset: try call.asset(named: "asset"),
            outcome: try call.query.word("outcome"),
            at: try call.query.time("at"),
            before: try Cursor.sequence("decisions", in: call.query),
            limit: limit + 1
        )
        let position = try await call.context.sight.position()
        let records = try await asking { () throws(StoreError) in
            try await OldValues.filled(into: call.store.decisions(query), from: call.store)
        }
        var members: [String: JSONValue] = [:]
        members.addPage(
            "decisions",
            records,
            limit: limit,
            list: "decisions",
            place: { String($0.sequence) },
            document: { record in
                guard case .object(var members) = Documents.record(record) else { return .null }
                members["trigger"] = Documents.text(record.trigger)
                return .object(members)
            }
        )
        return .resource("freshet.decisions/1", members, sequence: position)
    }
}
