import FreshetCore
import FreshetKit
import FreshetView

/// What became of an asset over time: `timeline`, `performance`, `versions`.
enum AssetHistoryRoutes {
    static let all = [
        Route("GET", "/api/v1/assets/{asset}/timeline", "getTimeline", access: .least(.viewer), handle: timeline),
        Route("GET", "/api/v1/assets/{asset}/performance", "getPerformance", access: .least(.viewer)) { call in
            let spec = try call.asset()
            let days = Int(try call.query.integer("days", in: 1...400, default: 30))
            let position = try await call.context.sight.position()
            let performance = try await Performance(of: spec.key, days: days, call)
            let members: [String: JSONValue] = [
                "asset": .text(spec.key.path), "performance": performance.document,
            ]
            return .resource("freshet.performance/1", members, sequence: position)
        },
        Route("GET", "/api/v1/assets/{asset}/versions", "listVersions", access: .least(.viewer), handle: versions),
    ]

    private static func timeline(_ call: Call) async throws -> Answer {
        let spec = try call.asset()
        let position = try await call.context.sight.position()
        let reader = try TimelineReader(spec, call)
        var members: [String: JSONValue] = ["at": Documents.time(call.now), "asset": .text(spec.key.path)]
        let (entries, next) = try await reader.page()
        members["entries"] = .list(entries)
        members["next"] = next.map { .text(Cursor.text("timeline", String($0))) } ?? .null
        return .resource("freshet.timeline/1", members, sequence: position)
    }

    private static func versions(_ call: Call) async throws -> Answer {
        let spec = try call.asset()
        let limit = try call.query.limit()
        let place = try Cursor.place("versions", in: call.query)
        let position = try await call.context.sight.position()
        let all = try await asking { () throws(StoreError) in
            try await call.store.materializations(of: spec.key, limit: 5000)
        }
        var start = 0
        if let place { start = all.firstIndex { $0.run == place }.map { $0 + 1 } ?? all.count }
        let page = Array(all[start...].prefix(limit + 1).enumerated())
        var members: [String: JSONValue] = ["asset": .text(spec.key.path)]
        members.addPage(
            "versions",
            page,
            limit: limit,
            list: "versions",
            place: { $0.element.run },
            document: { item in
                let place = start + item.offset + 1
                return version(item.element, after: place < all.count ? all[place] : nil)
            }
        )
        return .resource("freshet.versions/1", members, sequence: position)
    }

    private static func version(_ record: MaterializationRecord, after before: MaterializationRecord?) -> JSONValue {
        let made = record.materialization
        let known = before?.materialization.provenance.inputs ?? [:]
        let inputs: [JSONValue] = made.provenance.inputs.sorted {
            ($0.key.key, $0.key.part) < ($1.key.key, $1.key.part)
        }
        .map { input, version in
            [
                "input": .text(input.key.path), "part": Documents.text(input.part.isEmpty ? nil : input.part),
                "version": .text(version.fingerprint), "changed": .boolean(known[input] != version),
            ]
        }
        let parts: [String] = if case .parts(let names) = record.extent { names.sorted() } else { [] }
        return [
            "run": .text(record.run), "at": Documents.time(record.at), "version": .text(made.version.fingerprint),
            "code_version": .text(made.provenance.codeVersion), "extent": .list(parts.map { .text($0) }),
            "inputs": .list(inputs),
        ]
    }
}
