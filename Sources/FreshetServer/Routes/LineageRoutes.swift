import FreshetCore
import FreshetKit
import FreshetView

/// `GET /lineage`: what feeds what, laid out; how it stands; and the ways between two assets.
enum LineageRoutes {
    static let all = [
        Route("GET", "/api/v1/lineage", "getLineage", access: .least(.viewer), handle: layout),
        Route("GET", "/api/v1/lineage/states", "getLineageStates", access: .least(.viewer), handle: states),
        Route("GET", "/api/v1/lineage/path", "getPath", access: .least(.viewer), handle: path),
    ]

    private static func layout(_ call: Call) async throws -> Answer {
        let scope = try LineageScope(call.query, in: call.project.graph)
        let position = try await call.context.sight.position()
        if var known = call.context.sight.layouts.answer(to: scope) {
            known.headers["Freshet-Sequence"] = String(position)
            return known
        }
        let document = try LineageDocument(scope, call)
        let answer = Answer.resource("freshet.lineage_layout/1", document.members, sequence: position)
        call.context.sight.layouts.keep(answer, for: scope)
        return answer
    }

    private static func states(_ call: Call) async throws -> Answer {
        let scope = try LineageScope(call.query, in: call.project.graph)
        let onlooker = try await Onlooker(call)
        let states = try LineageDocument(scope, call).states(onlooker)
        return .resource(
            "freshet.lineage_states/1",
            [
                "at": onlooker.at, "sequence": .integer(onlooker.sequence),
                "graph_hash": .text(call.project.configVersion), "states": .list(states),
            ],
            sequence: onlooker.sequence
        )
    }

    private static func path(_ call: Call) async throws -> Answer {
        let graph = call.project.graph
        func end(_ name: String) throws(Problem) -> AssetKey {
            guard let text = call.query[name] else { throw .bad(name, "is missing") }
            guard let spec = graph[AssetKey(text)] else { throw .unknownAsset(AssetKey(text), in: graph) }
            return spec.key
        }
        let (from, to) = (try end("from"), try end("to"))
        let behind = Set(graph.descent(of: [from]).map(\.key))
        let before = Set(graph.ancestry(of: [to]).map(\.key))
        let on =
            behind.contains(to) ? graph.ordered.map(\.key).filter { behind.contains($0) && before.contains($0) } : []
        let shortest = on.isEmpty ? [] : shortest(from, to, in: graph)
        let sentence =
            on.isEmpty
            ? "nothing leads from one to the other"
            : on.count == 1 ? "1 asset lies on the way" : "\(on.count) assets lie on the way"
        return .resource(
            "freshet.path/1",
            [
                "from": .text(from.path), "to": .text(to.path), "assets": Documents.keys(on),
                "shortest": Documents.keys(shortest), "sentence": .text(sentence),
            ],
            sequence: try await call.context.sight.position()
        )
    }

    private static func shortest(_ from: AssetKey, _ to: AssetKey, in graph: AssetGraph) -> [AssetKey] {
        var before: [AssetKey: AssetKey] = [:]
        var seen: Set<AssetKey> = [from]
        var level = [from]
        while !level.isEmpty, !seen.contains(to) {
            var next: [AssetKey] = []
            for key in level {
                for below in graph.dependents(of: key) where seen.insert(below).inserted {
                    before[below] = key
                    next.append(below)
                }
            }
            level = next
        }
        var way = [to]
        while let key = before[way[way.count - 1]] { way.append(key) }
        return way.reversed()
    }
}
