import FreshetCore

/// A place in one of the store's sequences, as a text that means nothing to clients.
enum Cursor {
    /// - Parameters:
    ///   - list: the list that it belongs to, so that a cursor of another is refused.
    ///   - place: a sequence number, an id or a key.
    static func text(_ list: String, _ place: String) -> String { encode(Array("\(list)\n\(place)".utf8)) }

    /// The place that the query's cursor stands for; `nil` for the first page.
    static func place(_ list: String, in query: Query) throws(Problem) -> String? {
        guard let text = query["cursor"] else { return nil }
        guard let bytes = decode(text), let plain = String(validating: bytes, as: UTF8.self),
            plain.hasPrefix(list + "\n")
        else { throw Problem(.badCursor, "The cursor is not one of this list; begin without one.") }
        return String(plain.dropFirst(list.count + 1))
    }

    static func sequence(_ list: String, in query: Query) throws(Problem) -> Int64? {
        guard let place = try place(list, in: query) else { return nil }
        guard let number = Int64(place) else { throw Problem(.badCursor, "The cursor is not one of this list.") }
        return number
    }

    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Base64 for addresses, without padding (RFC 4648, section 5).
    static func encode(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            word <<= UInt32(8 * (3 - group.count))
            for place in 0...group.count { out.append(digits[Int(word >> UInt32(18 - 6 * place) & 63)]) }
        }
        return String(decoding: out, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        var out: [UInt8] = []
        var (word, bits): (UInt32, Int) = (0, 0)
        for byte in text.utf8 {
            guard let digit = digits.firstIndex(of: byte) else { return nil }
            word = word << 6 | UInt32(digit)
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            out.append(UInt8(truncatingIfNeeded: word >> UInt32(bits)))
        }
        return out
    }
}

extension [String: JSONValue] {
    /// Adds a page's rows, and the cursor of the next page where there are more.
    ///
    /// - Parameters:
    ///   - name: of the member that holds the rows.
    ///   - rows: one more than the limit where there is a further page.
    ///   - limit: how many rows a page has.
    ///   - list: what its cursors are marked with.
    ///   - place: of a row, for the cursor.
    ///   - document: of a row.
    mutating func addPage<Row>(
        _ name: String,
        _ rows: [Row],
        limit: Int,
        list: String,
        place: (Row) -> String,
        document: (Row) -> JSONValue
    ) {
        let page = rows.prefix(limit)
        self[name] = .list(page.map(document))
        let last = rows.count > limit ? page.last : nil
        self["next"] = last.map { .text(Cursor.text(list, place($0))) } ?? .null
    }
}
