import FreshetCore
import FreshetKit
import FreshetView

/// The layout of one part of the graph as a document.
struct LineageDocument {
    private let project: Project
    private let nodes: LineageScope.Nodes

    init(_ scope: LineageScope, _ call: Call) throws(Problem) {
        project = call.project
        nodes = try scope.nodes(call.project, call.context.sight.definitions)
    }

    private struct Edge: Hashable {
        var from: Int
        var to: Int
    }

    /// Above how many nodes groups get lanes of their own.
    private static let lanesFrom = 60

    var members: [String: JSONValue] {
        var parts: [Edge: Set<String>] = [:]
        var order: [Edge] = []
        for node in nodes.nodes {
            for spec in node.members {
                for above in spec.upstreams {
                    guard let from = nodes.numbers[above], let to = nodes.numbers[spec.key], from != to else {
                        continue
                    }
                    let edge = Edge(from: from, to: to)
                    if parts[edge] == nil { order.append(edge) }
                    parts[edge, default: []].formUnion(spec.parts.lazy.filter { $0.value.contains(above) }.map(\.key))
                }
            }
        }
        let groups = Set(nodes.nodes.map(\.group)).sorted()
        let layout = layout(order, groups)
        return [
            "graph_hash": .text(project.configVersion), "nodes": .list(documents(layout)),
            "edges": .list(
                zip(order, layout.routes).map { edge, points in
                    [
                        "from": .text(nodes.nodes[edge.from].id), "to": .text(nodes.nodes[edge.to].id),
                        "parts": .list((parts[edge] ?? []).sorted().map { .text($0) }),
                        "points": .list(points.map { .number($0) }),
                    ]
                }
            ),
            "groups": .list(boxes(layout, groups)),
            "layers": Documents.integer((layout.places.map(\.layer).max() ?? -1) + 1), "width": .number(layout.width),
            "height": .number(layout.height), "assets": Documents.integer(nodes.numbers.count),
            "total": Documents.integer(project.graph.ordered.count),
            "all_groups": .object(nodes.sizes.mapValues { Documents.integer($0) }),
        ]
    }

    private func layout(_ edges: [Edge], _ groups: [String]) -> LayeredLayout {
        let pairs = edges.map { (from: $0.from, to: $0.to) }
        if nodes.nodes.count > 6, nodes.nodes.allSatisfy(\.isFolded) {
            return .grid(count: nodes.nodes.count, edges: pairs)
        }
        let hasLanes = nodes.isGrouped && nodes.nodes.count > Self.lanesFrom
        let numbers = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($1, $0) })
        return LayeredLayout(lanes: nodes.nodes.map { hasLanes ? numbers[$0.group] ?? 0 : 0 }, edges: pairs)
    }

    private func documents(_ layout: LayeredLayout) -> [JSONValue] {
        zip(nodes.nodes, layout.places).map { node, place in
            let spec = node.members[0]
            let name = spec.key.path.split(separator: "/").last.map(String.init) ?? spec.key.path
            return [
                "id": .text(node.id), "asset": node.isFolded ? .null : .text(node.id),
                "label": .text(node.isFolded ? node.group : name),
                "kind": .text(node.isFolded ? "group" : spec.labels.kind),
                "role": .text(node.isFolded ? "group" : spec.roleName),
                "group": Documents.text(node.group.isEmpty ? nil : node.group),
                "count": Documents.integer(node.members.count), "layer": Documents.integer(place.layer),
                "x": .number(place.x), "y": .number(place.y), "width": .number(LayeredLayout.nodeWidth),
                "height": .number(LayeredLayout.nodeHeight),
            ]
        }
    }

    private func boxes(_ layout: LayeredLayout, _ groups: [String]) -> [JSONValue] {
        let folded = Set(nodes.nodes.filter(\.isFolded).map(\.group))
        return zip(groups, layout.boxes).filter { !folded.contains($0.0) }.map { name, box in
            [
                "group": .text(name), "label": .text(name), "collapsed": false,
                "count": Documents.integer(nodes.sizes[name] ?? 0), "x": .number(box.x), "y": .number(box.y),
                "width": .number(box.width), "height": .number(box.height),
            ]
        }
    }

    /// How the nodes stand; a group as its worst member does.
    func states(_ onlooker: Onlooker) -> [JSONValue] {
        nodes.nodes.map { node in
            let standings = node.members.map { onlooker.standing($0) }
            let worst = standings.min { $0.rank < $1.rank } ?? Standing(word: "unknown", sentence: "")
            var members: [String: JSONValue] = [
                "id": .text(node.id), "state": .text(worst.word), "late": .boolean(standings.contains(where: \.isLate)),
                "sentence": .text(worst.sentence),
            ]
            if node.isFolded {
                var counts: [String: Int] = [:]
                for standing in standings { counts[standing.word, default: 0] += 1 }
                members["states"] = .object(counts.mapValues { Documents.integer($0) })
                let words = Standing.order.compactMap { word in
                    counts[word].map { "\($0) \(word.replacing("_", with: " "))" }
                }
                members["sentence"] = .text(words.joined(separator: ", "))
            } else {
                members["changed_at"] = Documents.time(onlooker.lastChanged(of: node.members[0]))
                members["duration_seconds"] = Documents.number(onlooker.statistics.median(of: node.members[0].key))
            }
            return .object(members)
        }
    }
}
