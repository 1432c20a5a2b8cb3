import FreshetCore
import FreshetKit
import FreshetView

/// `GET /audit`: who did what, or wanted to.
enum AuditRoutes {
    static let all = [
        Route("GET", "/api/v1/audit", "listAudit", access: .least(.admin)) { call in
            let limit = try call.query.limit()
            let query = AuditQuery(
                actor: call.query["actor"].map { Actor($0) },
                action: call.query["action"],
                target: call.query["target"],
                outcome: try call.query.word("outcome"),
                before: try Cursor.sequence("audit", in: call.query),
                limit: limit + 1
            )
            let position = try await call.context.sight.position()
            let rows = try await asking { () throws(StoreError) in try await call.store.audit(query) }
            var members: [String: JSONValue] = [:]
            members.addPage(
                "rows",
                rows,
                limit: limit,
                list: "audit",
                place: { String($0.sequence) },
                document: Documents.audit
            )
            return .resource("freshet.audit/1", members, sequence: position)
        }
    ]
}
