import FreshetCore
import FreshetKit

/// The evidence of a decision, input by input: what it was, what it is, how that is known.
struct EvidenceText {
    let now: Timestamp
    let style: Style

    func table(_ evidence: [Evidence], indent: Int) -> Table {
        var table = Table(["INPUT", "THEN", "NOW", "SOURCE", "SEEN"], indent: indent)
        for item in evidence {
            let (then, present) = Self.pair(item)
            let name = item.input.key.path + (item.input.part.isEmpty ? "" : " → \(item.input.part)")
            table.add([
                Table.Cell(name),
                Table.Cell(then),
                Table.Cell(present, paint(item)),
                Table.Cell(item.signal.isEmpty ? "–" : item.signal),
                Table.Cell(item.observedAt.map { (now - $0).ago } ?? "–"),
            ])
        }
        return table
    }

    /// Lines for a narrow place: one input a block.
    func lines(_ evidence: [Evidence], indent: Int, width: Int?) -> [String] {
        let pad = String(repeating: " ", count: indent)
        return evidence.flatMap { item -> [String] in
            let part = item.input.part.isEmpty ? "" : " → \(item.input.part)"
            let seen = item.observedAt.map { ", seen \((now - $0).ago)" } ?? ""
            let source = item.signal.isEmpty ? "" : " (\(item.signal)\(seen))"
            let mark = item.health == .failed ? "failed" : item.comparison
            var texts = ["\(item.input.key)\(part)\(source)"]
            switch item.comparison {
            case "changed":
                // The same figures of something else: only then the mark tells them apart.
                let isMarked = item.then?.text == item.now.text
                let now = isMarked ? item.now.fingerprint : item.now.text
                let then = isMarked ? item.then?.fingerprint : item.then?.text
                texts.append("then \(then ?? "nothing consumed yet")")
                texts.append("now  \(now ?? item.now.text)")
            case "same": texts.append(item.now.text)
            default: break
            }
            if let message = item.message { texts.append(message) }
            let room = width.map { max($0 - indent - 8, 20) }
            let wrapped = texts.flatMap { text in room.map { Table.wrap(text, to: $0) } ?? [text] }
            return wrapped.enumerated().map { index, text in
                pad + (index == 0 ? paint(item)(mark.padded(to: 8)) : "        ") + text
            }
        }
    }

    /// What was read of each input, how, and at what cost: one block an input of which anything is known.
    func details(_ evidence: [Evidence], indent: Int, width: Int?) -> [String] {
        let pad = String(repeating: " ", count: indent)
        var seen: Set<AssetKey> = []
        var lines: [String] = []
        for item in evidence where item.signal != "materialization" && seen.insert(item.input.key).inserted {
            var rows: [(name: String, text: String)] = [("signal", "\(item.signal), \(item.strength.rawValue)")]
            let names = Set(item.values.keys).union(item.valuesThen.keys).sorted()
            for name in names { rows.append((name, change(of: name, item))) }
            if let source = item.source { rows.append(("source", source)) }
            if let query = item.query { rows.append(("query", query)) }
            if let cost = item.cost { rows.append(("cost", Self.text(cost))) }
            if let moment = item.observedAt { rows.append(("when", "\(moment.iso8601) (\((now - moment).ago))")) }
            guard rows.count > 1 else { continue }
            lines += ["", pad + style.bold(item.input.key.path)]
            let column = (rows.map { Table.columns($0.name) }.max() ?? 0) + 2
            for row in rows {
                let room = width.map { max($0 - indent - 2 - column, 20) } ?? 400
                for (index, text) in Table.wrap(row.text, to: room).enumerated() {
                    lines.append(pad + "  " + (index == 0 ? row.name : "").padded(to: column) + text)
                }
            }
        }
        return lines
    }

    private func change(of name: String, _ item: Evidence) -> String {
        let (then, present) = (item.valuesThen[name]?.description, item.values[name]?.description)
        guard let then else { return present ?? "–" }
        return then == present ? "\(then), as before" : "\(then) → \(present ?? "nothing")"
    }

    static func text(_ values: [String: ObservedValue]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    static func text(_ cost: ProbeCost) -> String {
        var parts = [cost.took.briefly]
        if cost.requests > 0 { parts.append(cost.requests == 1 ? "1 request" : "\(cost.requests) requests") }
        if let bytes = cost.bytes { parts.append("\(bytes) bytes") }
        if let rows = cost.rows { parts.append("\(rows) rows read") }
        return parts.joined(separator: ", ")
    }

    /// The two versions, without what they have in common when that makes them long.
    private static func pair(_ item: Evidence) -> (String, String) {
        let now = item.comparison == "same" ? "same" : short(item.now.text)
        return (item.then.map { short($0.text) } ?? "–", item.health == .failed ? "failed, \(now)" : now)
    }

    private static func short(_ text: String) -> String { text.count > 40 ? text.prefix(39) + "…" : text }

    private func paint(_ item: Evidence) -> @Sendable (String) -> String {
        let style = style
        if item.health == .failed { return { style.red($0) } }
        switch item.comparison {
        case "changed": return { style.yellow($0) }
        case "same": return { style.dim($0) }
        default: return { style.red($0) }
        }
    }
}

extension String {
    /// Filled with spaces on the right to this many columns.
    func padded(to width: Int) -> String {
        let columns = Table.columns(self)
        return columns < width ? self + String(repeating: " ", count: width - columns) : self
    }
}
