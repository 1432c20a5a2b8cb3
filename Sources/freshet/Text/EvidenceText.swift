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
                texts.append("then \(item.then?.fingerprint ?? "nothing consumed yet")")
                texts.append("now  \(item.now.text)")
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

    /// The two versions, without what they have in common when that makes them long.
    private static func pair(_ item: Evidence) -> (String, String) {
        let now = item.comparison == "same" ? "same" : short(item.now.text)
        return (item.then.map { short($0.fingerprint) } ?? "–", item.health == .failed ? "failed, \(now)" : now)
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
