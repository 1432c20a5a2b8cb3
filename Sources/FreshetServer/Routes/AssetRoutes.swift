import FreshetCore
import FreshetKit
import FreshetView

/// `GET /assets` and `GET /assets/{asset}` with its definition and its blame.
enum AssetRoutes {
    static let all = [
        Route("GET", "/api/v1/assets", "listAssets", access: .least(.viewer), handle: list),
        Route("GET", "/api/v1/assets/{asset}", "getAsset", access: .least(.viewer), handle: asset),
        Route("GET", "/api/v1/assets/{asset}/definition", "getDefinition", access: .least(.viewer), handle: definition),
        Route("GET", "/api/v1/assets/{asset}/blame", "getBlame", access: .least(.viewer), handle: blame),
    ]

    private enum Sort: String, CaseIterable {
        case key
        case state
        case dataTime = "data_time"
        case lastChanged = "last_changed"
        case median = "p50_seconds"
    }

    private static func list(_ call: Call) async throws -> Answer {
        let query = call.query
        let chosen = try call.selected()
        let onlooker = try await Onlooker(call)
        let (limit, sort) = (try query.limit(), try query.word("sort", Sort.self) ?? .key)
        let isLate = try query.boolean("late")
        let text = query["q"]?.lowercased() ?? ""
        if let state = query["state"], !Standing.order.contains(state) {
            throw Problem.bad("state", "has to be one of \(Standing.order.joined(separator: ", "))")
        }
        let standings = Dictionary(chosen.map { ($0.key, onlooker.standing($0)) }) { first, _ in first }
        func stands(_ spec: AssetSpec) -> Standing { standings[spec.key] ?? Standing(word: "unknown", sentence: "") }
        let rows = chosen.filter { spec in
            let labels = spec.labels
            return
                (text.isEmpty || spec.key.path.lowercased().contains(text)
                || labels.description?.lowercased().contains(text) == true)
                && (query["kind"].map { $0 == labels.kind } ?? true)
                && (query["group"].map { $0 == labels.group } ?? true)
                && (query["owner"].map(labels.owners.contains) ?? true)
                && (query["state"].map { $0 == stands(spec).word } ?? true) && (!isLate || stands(spec).isLate)
        }
        let keyed = rows.map { spec in (spec, rank: rank(of: spec, by: sort, stands(spec), onlooker)) }
            .sorted { ($0.rank, $0.0.key) < ($1.rank, $1.0.key) }.map(\.0)
        let list = "assets.\(sort.rawValue)"
        // The list has no sequence: a page begins after the asset that ended the one before, wherever that is now.
        var start = 0
        if let place = try Cursor.place(list, in: query) {
            start = keyed.firstIndex { $0.key.path == place }.map { $0 + 1 } ?? keyed.count
        }
        var members: [String: JSONValue] = [
            "at": onlooker.at, "total": Documents.integer(rows.count), "facets": facets(chosen, stands),
        ]
        members.addPage(
            "assets",
            Array(keyed[start...].prefix(limit + 1)),
            limit: limit,
            list: list,
            place: { $0.key.path },
            document: onlooker.assetRow
        )
        return .resource("freshet.assets/1", members, sequence: onlooker.sequence)
    }

    /// What a list is sorted by, the smallest first; what nobody knows comes last.
    private static func rank(of spec: AssetSpec, by sort: Sort, _ standing: Standing, _ onlooker: Onlooker) -> Double {
        switch sort {
        case .key: 0
        case .state: Double(standing.rank)
        case .dataTime: onlooker.dataTime(of: spec)?.seconds ?? .infinity
        case .lastChanged: onlooker.lastChanged(of: spec)?.seconds ?? .infinity
        case .median: onlooker.statistics.median(of: spec.key).map { -$0 } ?? .infinity
        }
    }

    private static func facets(_ assets: [AssetSpec], _ stands: (AssetSpec) -> Standing) -> JSONValue {
        var counts: [String: [String: Int]] = ["kind": [:], "group": [:], "state": [:], "owner": [:]]
        for spec in assets {
            counts["kind"]?[spec.labels.kind, default: 0] += 1
            if let group = spec.labels.group { counts["group"]?[group, default: 0] += 1 }
            counts["state"]?[stands(spec).word, default: 0] += 1
            for owner in spec.labels.owners { counts["owner"]?[owner, default: 0] += 1 }
        }
        return .object(counts.mapValues { .object($0.mapValues { Documents.integer($0) }) })
    }

    private static func asset(_ call: Call) async throws -> Answer {
        let spec = try call.asset()
        let onlooker = try await Onlooker(call)
        let standing = onlooker.standing(spec)
        let snapshot = onlooker.panorama.snapshot
        let status = onlooker.panorama.statuses[spec.key]
        let definition = call.context.sight.definitions[spec.key]
        let performance = try await Performance(of: spec.key, days: 30, call)
        var checks: [CheckRecord] = []
        if let run = status?.lastStep?.run {
            let detail = try await asking { () throws(StoreError) in try await call.store.run(run) }
            checks = detail?.checks.filter { $0.asset == spec.key } ?? []
        }
        let pending = snapshot.pendingTriggers.filter { $0.targets.contains(spec.key) }
        return .resource(
            "freshet.asset/1",
            [
                "at": onlooker.at, "asset": Documents.asset(spec), "status": status.map(onlooker.boardRow) ?? .null,
                "state": .text(standing.word), "late": .boolean(standing.isLate), "sentence": .text(standing.sentence),
                "observation": onlooker.observation(of: spec.key),
                "freshness_policy": onlooker.freshnessPolicy(spec),
                "automation": spec.policy.automation?.document ?? .null,
                "paused": .boolean(spec.isMaterialized && onlooker.isPaused(spec.key)),
                "upstream": .list(
                    spec.upstreams.map { above in
                        onlooker.neighbour(above, parts: spec.parts.filter { $0.value.contains(above) }.keys.sorted())
                    }
                ),
                "downstream": .list(call.project.graph.dependents(of: spec.key).map { onlooker.neighbour($0) }),
                "remote": try await remote(definition, call), "performance": performance.document,
                "checks": .list(checks.map(Documents.check)), "pending": .list(pending.map(Documents.whole)),
                "origin": definition.map { found in
                    [
                        "file": .text(found.settings.origin.file),
                        "line": Documents.integer(found.settings.origin.line),
                    ]
                } ?? .null,
            ],
            sequence: onlooker.sequence
        )
    }

    /// What the work is done on, for kinds of another system.
    private static func remote(_ definition: AssetDefinition?, _ call: Call) async throws(Problem) -> JSONValue {
        guard let definition, case .materialized(let kind) = definition.work else { return .null }
        let key = definition.spec.key
        let outside = call.context.outside
        let last = try await asking { () throws(StoreError) in try await call.store.materializations(of: key, limit: 1)
        }
        var address: String?
        if let run = last.first?.run {
            let detail = try await asking { () throws(StoreError) in try await call.store.run(run) }
            let operation = detail?.operations.first { $0.operation.asset == key }?.operation
            address = operation.flatMap { outside.address(key, $0.target) }
        }
        let warnings = outside.warnings().filter { $0.asset == key }
            .map { JSONValue.text($0.sentence + ($0.mend.map { "; \($0)" } ?? "")) }
        return [
            "system": .text(type(of: kind).system), "workspace": Documents.text(definition.text("workspace")),
            "name": .text(definition.text("model") ?? key.path.split(separator: "/").last.map(String.init) ?? ""),
            "url": Documents.text(address), "capacity": Documents.text(definition.spec.policy.pool),
            "warnings": .list(warnings),
        ]
    }

    private static func definition(_ call: Call) async throws -> Answer {
        let spec = try call.asset()
        let rows: [JSONValue] = call.context.outside.settings(spec.key).map { row in
            [
                "path": .text(row.path), "value": .text(row.value), "layer": .text(row.layer),
                "file": Documents.text(row.origin?.file),
                "line": row.origin.map { Documents.integer($0.line) } ?? .null,
                "column": row.origin.map { Documents.integer($0.column) } ?? .null,
            ]
        }
        return .resource(
            "freshet.config/1",
            ["asset": .text(spec.key.path), "settings": .list(rows)],
            sequence: try await call.context.sight.position()
        )
    }

    private static func blame(_ call: Call) async throws -> Answer {
        let spec = try call.asset()
        let onlooker = try await Onlooker(call)
        let standing = onlooker.standing(spec)
        let culprit = onlooker.panorama.statuses[spec.key]?.culprit ?? worst(above: spec, onlooker)
        let way = onlooker.way(from: spec.key, to: culprit)
        var sentence = standing.sentence
        if let culprit, let found = call.project.graph[culprit] {
            let more = "\(culprit) \(onlooker.standing(found).sentence)"
            // "dbt/retail/fct_sales failed" goes on as "dbt/retail/fct_sales failed: division by zero".
            let said = sentence.split(separator: ": ")
            let isSaid = said.last.map { more.hasPrefix($0) } ?? false
            sentence = (isSaid ? said.dropLast() + [more[...]] : [sentence + "; " + more]).joined(separator: ": ")
        }
        return .resource(
            "freshet.blame/1",
            [
                "asset": .text(spec.key.path), "sentence": .text(sentence), "culprit": Documents.text(culprit?.path),
                "chain": .list((way.reversed() + [spec.key]).map { onlooker.neighbour($0) }),
            ],
            sequence: onlooker.sequence
        )
    }

    /// The nearest asset upstream that is not well, where the asset itself is not.
    private static func worst(above spec: AssetSpec, _ onlooker: Onlooker) -> AssetKey? {
        let graph = onlooker.project.graph
        guard onlooker.standing(spec).isLate || onlooker.standing(spec).rank < 3 else { return nil }
        var seen: Set<AssetKey> = [spec.key]
        var level = spec.upstreams
        while !level.isEmpty {
            let specs = level.filter { seen.insert($0).inserted }.compactMap { graph[$0] }
            if let bad = specs.first(where: { onlooker.standing($0).rank < 3 }) { return bad.key }
            level = specs.flatMap(\.upstreams)
        }
        return nil
    }
}
