extension XML {
    /// The texts of every `name` element in a document, in order, entities resolved.
    ///
    /// Enough for the flat lists clients send; it knows no attributes, comments or nesting of an element in itself.
    static func texts(of name: String, in document: [UInt8]) -> [String] {
        let text = String(decoding: document, as: UTF8.self)
        return text.split(separator: "<\(name)>", omittingEmptySubsequences: false).dropFirst().map { rest in
            unescaped(rest.prefix(upTo: rest.firstRange(of: "</\(name)>")?.lowerBound ?? rest.endIndex))
        }
    }

    private static func unescaped(_ text: Substring) -> String {
        var out = ""
        var rest = text
        while let mark = rest.firstIndex(of: "&"), let end = rest[mark...].firstIndex(of: ";") {
            out += rest[..<mark]
            let entity = rest[rest.index(after: mark)..<end]
            out += character(entity) ?? "&\(entity);"
            rest = rest[rest.index(after: end)...]
        }
        return out + rest
    }

    private static func character(_ entity: Substring) -> String? {
        switch entity {
        case "amp": return "&"
        case "apos": return "'"
        case "gt": return ">"
        case "lt": return "<"
        case "quot": return "\""
        default:
            let digits = entity.dropFirst()
            guard entity.first == "#" else { return nil }
            let number = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap { Unicode.Scalar($0) }.map { String($0) }
        }
    }
}
