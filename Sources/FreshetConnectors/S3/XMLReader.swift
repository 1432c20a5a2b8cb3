/// Reads an ``XMLTree`` from hostile bytes: in one pass, in bounded depth, with a bounded number of elements.
struct XMLReader {
    private static let maxDepth = 16
    private static let maxElements = 100_000

    private let bytes: [UInt8]
    private var position = 0
    private var elements = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(XMLError) -> XMLTree {
        if starts(with: "\u{FEFF}") { position += 3 }
        try skipMisc()
        let root = try element(depth: 1)
        try skipMisc()
        guard position == bytes.count else { throw failure }
        return root
    }

    /// An element from its `<` to the end of its end tag.
    private mutating func element(depth: Int) throws(XMLError) -> XMLTree {
        elements += 1
        guard depth <= Self.maxDepth, elements <= Self.maxElements, take("<") else { throw failure }
        let name = try name()
        var tree = XMLTree(name: String(name.split(separator: ":").last ?? ""))
        guard try !skipAttributes() else { return tree }
        var text: [UInt8] = []
        while true {
            guard let byte = peek else { throw failure }
            if byte != UInt8(ascii: "<") {
                try text.append(contentsOf: characterData())
            } else if starts(with: "</") {
                position += 2
                guard try self.name() == name else { throw failure }
                skipSpace()
                guard take(">") else { throw failure }
                tree.text = String(decoding: text, as: UTF8.self)
                return tree
            } else if starts(with: "<![CDATA[") {
                position += 9
                text += try upTo("]]>")
            } else if try !skipCommentOrInstruction() {
                tree.children.append(try element(depth: depth + 1))
            }
        }
    }

    /// Returns true when the tag closes its element itself.
    private mutating func skipAttributes() throws(XMLError) -> Bool {
        while true {
            skipSpace()
            if take("/>") { return true }
            if take(">") { return false }
            _ = try name()
            skipSpace()
            guard take("=") else { throw failure }
            skipSpace()
            guard let quote = peek, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { throw failure }
            position += 1
            _ = try upTo(quote == UInt8(ascii: "\"") ? "\"" : "'")
        }
    }

    /// Text up to the next `<`, its references replaced.
    private mutating func characterData() throws(XMLError) -> [UInt8] {
        var text: [UInt8] = []
        while let byte = peek, byte != UInt8(ascii: "<") {
            position += 1
            if byte == UInt8(ascii: "&") { text += try reference() } else { text.append(byte) }
        }
        return text
    }

    /// One of the five entities that need no definition, or a character's number.
    private mutating func reference() throws(XMLError) -> [UInt8] {
        let start = position
        guard let end = bytes[start...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else { throw failure }
        let name = String(decoding: bytes[start..<end], as: UTF8.self)
        position = end + 1
        switch name {
        case "amp": return [UInt8(ascii: "&")]
        case "apos": return [UInt8(ascii: "'")]
        case "gt": return [UInt8(ascii: ">")]
        case "lt": return [UInt8(ascii: "<")]
        case "quot": return [UInt8(ascii: "\"")]
        default:
            let number: UInt32? =
                if name.hasPrefix("#x") { UInt32(name.dropFirst(2), radix: 16) } else if name.hasPrefix("#") {
                    UInt32(name.dropFirst())
                } else { nil }
            guard let number, let scalar = Unicode.Scalar(number) else { throw failure }
            return Array(String(scalar).utf8)
        }
    }

    private mutating func name() throws(XMLError) -> String {
        let start = position
        while let byte = peek, !Self.isSpace(byte), !"<>/=\"'&".utf8.contains(byte) { position += 1 }
        guard position > start else { throw failure }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// What may stand beside the root: space, comments, the XML declaration; not a document type.
    private mutating func skipMisc() throws(XMLError) {
        repeat { skipSpace() } while try skipCommentOrInstruction()
    }

    private mutating func skipCommentOrInstruction() throws(XMLError) -> Bool {
        if take("<!--") { _ = try upTo("-->") } else if take("<?") { _ = try upTo("?>") } else { return false }
        return true
    }

    private mutating func upTo(_ end: StaticString) throws(XMLError) -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count {
            if starts(with: end) {
                defer { position += end.utf8CodeUnitCount }
                return bytes[start..<position]
            }
            position += 1
        }
        throw failure
    }

    private mutating func skipSpace() {
        while let byte = peek, Self.isSpace(byte) { position += 1 }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard starts(with: text) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    private func starts(with text: StaticString) -> Bool {
        text.withUTF8Buffer { bytes[position...].starts(with: $0) }
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }
    private var failure: XMLError { XMLError(offset: position) }
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}
