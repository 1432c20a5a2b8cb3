import FreshetCore
import FreshetKit
import FreshetView

/// Lineage in each of its formats.
struct LineageText {
    struct State {
        var word: String
        var sentence: String
    }

    let graph: AssetGraph
    let chosen: [AssetSpec]
    let states: [AssetKey: State]
    let style: Style
    /// Columns to keep to; `nil` for any number.
    let width: Int?
    private let keys: Set<AssetKey>

    init(graph: AssetGraph, chosen: [AssetSpec], states: [AssetKey: State], style: Style, width: Int?) {
        self.graph = graph
        self.chosen = chosen
        self.states = states
        self.style = style
        self.width = width
        keys = Set(chosen.map(\.key))
    }

    /// Each asset once with all below it; where it comes again, its name alone with a mark.
    func tree() -> [String] {
        var lines: [String] = []
        var seen: Set<AssetKey> = []
        // A stack of its own: a chain of a hundred thousand assets is legal.
        var stack: [(key: AssetKey, prefix: String, branch: String, rest: String)] = chosen.reversed().compactMap {
            upstreams(of: $0).isEmpty ? ($0.key, "", "", "") : nil
        }
        while let (key, prefix, branch, rest) = stack.popLast() {
            let below = downstreams(of: key)
            let isNew = seen.insert(key).inserted
            lines.append(prefix + style.dim(branch) + name(key) + (isNew || below.isEmpty ? "" : style.dim(" (above)")))
            if isNew, let state = states[key] {
                let pad = prefix + rest + (below.isEmpty ? "    " : "│   ")
                let room = width.map { max($0 - Table.columns(pad), 20) }
                for text in room.map({ Table.wrap(state.sentence, to: $0) }) ?? [state.sentence] {
                    lines.append(style.dim(pad + text))
                }
            }
            guard isNew else { continue }
            for (index, child) in below.enumerated().reversed() {
                let isLast = index == below.count - 1
                stack.append((child, prefix + rest, isLast ? "└── " : "├── ", isLast ? "    " : "│   "))
            }
        }
        return lines
    }

    func table() -> Table {
        var table = Table(states.isEmpty ? ["ASSET", "KIND", "READS"] : ["ASSET", "STATE", "WHY"])
        for asset in chosen {
            let reads = upstreams(of: asset).map(\.path).joined(separator: ", ")
            if states.isEmpty {
                table.add([
                    Table.Cell(asset.key.path), Table.Cell(asset.labels.kind), Table.Cell(reads.isEmpty ? "–" : reads),
                ])
            } else {
                table.add([
                    Table.Cell(asset.key.path), Table.Cell(states[asset.key]?.word ?? "–"),
                    Table.Cell(states[asset.key]?.sentence ?? "–"),
                ])
            }
        }
        return table
    }

    func document() -> [String: JSONValue] {
        let nodes: [JSONValue] = chosen.map { asset in
            [
                "asset": .text(asset.key.path), "kind": .text(asset.labels.kind), "role": .text(asset.roleName),
                "state": Documents.text(states[asset.key]?.word), "why": Documents.text(states[asset.key]?.sentence),
            ]
        }
        let edges: [JSONValue] = chosen.flatMap { asset in
            upstreams(of: asset).map { above in
                let parts = asset.parts.filter { $0.value.contains(above) }.keys.sorted()
                return [
                    "from": .text(above.path), "to": .text(asset.key.path), "parts": .list(parts.map { .text($0) }),
                ]
            }
        }
        return ["nodes": .list(nodes), "edges": .list(edges)]
    }

    func dot() -> [String] {
        var lines = ["digraph lineage {", "  rankdir=LR;", "  node [shape=box, style=rounded];"]
        for asset in chosen {
            let shape = asset.isBranch ? ", shape=diamond" : asset.isObserved ? ", style=dashed" : ""
            lines.append("  \(quoted(asset.key.path)) [label=\(quoted(label(asset)))\(shape)];")
        }
        for asset in chosen {
            for above in upstreams(of: asset) { lines.append("  \(quoted(above.path)) -> \(quoted(asset.key.path));") }
        }
        return lines + ["}"]
    }

    func mermaid() -> [String] {
        let ids = Dictionary(uniqueKeysWithValues: chosen.enumerated().map { ($1.key, "a\($0)") })
        var lines = ["flowchart LR"]
        for asset in chosen {
            // Mermaid reads entities inside quotes, and no backslashes.
            let text = label(asset).replacing("&", with: "#amp;").replacing("\"", with: "#quot;")
            let (open, close) = asset.isBranch ? ("{", "}") : asset.isObserved ? ("([", "])") : ("[", "]")
            lines.append("  \(ids[asset.key] ?? "")\(open)\"\(text)\"\(close)")
        }
        for asset in chosen {
            for above in upstreams(of: asset) { lines.append("  \(ids[above] ?? "") --> \(ids[asset.key] ?? "")") }
        }
        return lines
    }

    private func upstreams(of asset: AssetSpec) -> [AssetKey] { asset.upstreams.filter(keys.contains) }

    private func downstreams(of key: AssetKey) -> [AssetKey] { graph.dependents(of: key).filter(keys.contains) }

    private func label(_ asset: AssetSpec) -> String {
        asset.key.path + (states[asset.key].map { ": \($0.word)" } ?? "")
    }

    private func name(_ key: AssetKey) -> String {
        guard let state = states[key] else { return key.path }
        switch state.word {
        case "failed", "held": return "\(style.bold(key.path)) \(style.red(state.word))"
        case "stale", "unknown", "paused": return "\(style.bold(key.path)) \(style.yellow(state.word))"
        default: return "\(style.bold(key.path)) \(style.green(state.word))"
        }
    }

    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
