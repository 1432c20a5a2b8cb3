import FreshetCore
import FreshetView

/// The differences between two texts, line by line, with three lines around each.
struct LineDiff {
    private struct Line {
        var kind: String
        var old: Int?
        var new: Int?
        var text: String
    }
    private static let around = 3
    private var lines: [Line] = []

    init(from old: String, to new: String) {
        func split(_ text: String) -> [String] {
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            if lines.last == "" { lines.removeLast() }
            return lines
        }
        let (before, after) = (split(old), split(new))
        var (removed, inserted): (Set<Int>, Set<Int>) = ([], [])
        for change in after.difference(from: before) {
            switch change {
            case .remove(let place, _, _): removed.insert(place)
            case .insert(let place, _, _): inserted.insert(place)
            }
        }
        var (left, right) = (0, 0)
        while left < before.count || right < after.count {
            if removed.contains(left) {
                lines.append(Line(kind: "removed", old: left + 1, new: nil, text: before[left]))
                left += 1
            } else if inserted.contains(right) {
                lines.append(Line(kind: "added", old: nil, new: right + 1, text: after[right]))
                right += 1
            } else {
                lines.append(Line(kind: "same", old: left + 1, new: right + 1, text: before[left]))
                left += 1
                right += 1
            }
        }
    }

    var hunks: [JSONValue] {
        var ranges: [Range<Int>] = []
        for place in lines.indices where lines[place].kind != "same" {
            let range = max(0, place - Self.around)..<min(lines.count, place + Self.around + 1)
            if let last = ranges.last, last.upperBound >= range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
        return ranges.map { range in
            let shown = lines[range]
            let (old, new) = (shown.compactMap(\.old), shown.compactMap(\.new))
            return [
                "header": .text("@@ -\(old.first ?? 0),\(old.count) +\(new.first ?? 0),\(new.count) @@"),
                "lines": .list(
                    shown.map { line in
                        [
                            "kind": .text(line.kind), "old": line.old.map { Documents.integer($0) } ?? .null,
                            "new": line.new.map { Documents.integer($0) } ?? .null, "text": .text(line.text),
                        ]
                    }
                ),
            ]
        }
    }
}
