/// Text in columns; the last column wraps where a terminal ends.
struct Table {
    struct Cell: ExpressibleByStringInterpolation {
        var text: String
        /// Applied after the width has been measured.
        var paint: @Sendable (String) -> String

        init(_ text: String, _ paint: @escaping @Sendable (String) -> String = { $0 }) {
            self.text = text
            self.paint = paint
        }
        init(stringLiteral value: String) { self.init(value) }
    }

    private let header: [String]
    private var rows: [[Cell]] = []
    private let indent: Int

    init(_ header: [String] = [], indent: Int = 0) {
        self.header = header
        self.indent = indent
    }

    var isEmpty: Bool { rows.isEmpty }

    mutating func add(_ cells: Cell...) { rows.append(cells) }
    mutating func add(_ cells: [Cell]) { rows.append(cells) }

    func lines(width: Int?, style: Style) -> [String] {
        var all = rows
        if !header.isEmpty { all.insert(header.map { Cell($0, style.dim) }, at: 0) }
        guard let count = all.map(\.count).max() else { return [] }
        let widths = (0..<max(count - 1, 0)).map { column in
            all.compactMap { $0.count - 1 > column ? Self.columns($0[column].text) : nil }.max() ?? 0
        }
        let used = indent + widths.reduce(0) { $0 + $1 + 2 }
        // A last column squeezed to nothing moves to lines of its own, and needs no heading there.
        let isSqueezed = width.map { $0 - used < Self.leastWidth } ?? false
        return all.enumerated().flatMap { index, row in
            let isHeading = index == 0 && !header.isEmpty
            return lines(of: isHeading && isSqueezed ? row.dropLast() + [""] : row, widths, width, isSqueezed)
        }
    }

    private static let leastWidth = 24

    private func lines(of row: [Cell], _ widths: [Int], _ width: Int?, _ isSqueezed: Bool) -> [String] {
        var head = String(repeating: " ", count: indent)
        var used = indent
        for (cell, columns) in zip(row.dropLast(), widths) {
            head += cell.paint(cell.text) + String(repeating: " ", count: columns - Self.columns(cell.text) + 2)
            used += columns + 2
        }
        guard let last = row.last else { return [] }
        guard let width else { return [Self.trimmed(head + last.paint(last.text))] }
        let hang = isSqueezed ? indent + 4 : used
        var wrapped = Self.wrap(last.text, to: max(width - hang, 16))
        if isSqueezed, last.text.isEmpty || last.text == "–" { wrapped = [] }
        var lines: [String] = []
        if !isSqueezed, !wrapped.isEmpty {
            lines.append(Self.trimmed(head + last.paint(wrapped.removeFirst())))
        } else {
            lines.append(Self.trimmed(head))
        }
        return lines + wrapped.map { String(repeating: " ", count: hang) + last.paint($0) }
    }

    static func wrap(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !line.isEmpty, columns(line) + 1 + columns(String(word)) > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
            while columns(line) > width {
                lines.append(String(line.prefix(width)))
                line = String(line.dropFirst(width))
            }
        }
        if !line.isEmpty || lines.isEmpty { lines.append(line) }
        return lines
    }

    /// Columns of a terminal that a text takes: wide East Asian characters and emoji take two.
    static func columns(_ text: String) -> Int {
        text.reduce(0) { $0 + (isWide($1) ? 2 : 1) }
    }

    private static func isWide(_ character: Character) -> Bool {
        guard let value = character.unicodeScalars.first?.value, value >= 0x1100 else { return false }
        switch value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return true
        default: return false
        }
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
