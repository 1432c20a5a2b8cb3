import FreshetCore

extension JSONText {
    /// Reads one JSON document (RFC 8259).
    ///
    /// A number without fraction and exponent that fits 64 bits is an integer, every other a double.
    static func parse(_ text: String) throws(CodecError) -> JSONValue {
        var parser = JSONParser(text)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.isAtEnd else { throw parser.malformed }
        return value
    }
}

private struct JSONParser {
    /// Deeper nesting is refused, so that a damaged text cannot exhaust the stack.
    private static let maximumDepth = 256

    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    /// The text up to a length that fits a message.
    var malformed: CodecError { .malformed(String(decoding: bytes.prefix(80), as: UTF8.self), of: "JSON") }

    mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0a, 0x0d].contains(bytes[position]) { position += 1 }
    }

    mutating func value(depth: Int) throws(CodecError) -> JSONValue {
        skipSpace()
        guard depth < Self.maximumDepth, position < bytes.count else { throw malformed }
        switch bytes[position] {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        default: return try number()
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(CodecError) -> JSONValue {
        guard bytes[position...].starts(with: word.description.utf8) else { throw malformed }
        position += word.utf8CodeUnitCount
        return value
    }

    private mutating func object(depth: Int) throws(CodecError) -> JSONValue {
        position += 1
        var members: [String: JSONValue] = [:]
        skipSpace()
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { throw malformed }
            let key = try string()
            skipSpace()
            guard take(":") else { throw malformed }
            members[key] = try value(depth: depth + 1)
            skipSpace()
        } while take(",")
        guard take("}") else { throw malformed }
        return .object(members)
    }

    private mutating func list(depth: Int) throws(CodecError) -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        skipSpace()
        if take("]") { return .list(values) }
        repeat {
            values.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw malformed }
        return .list(values)
    }

    private mutating func number() throws(CodecError) -> JSONValue {
        let start = position
        var isInteger = true
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"): isInteger = false
            default: return try number(bytes[start..<position], isInteger: isInteger)
            }
            position += 1
        }
        return try number(bytes[start..<position], isInteger: isInteger)
    }

    private func number(_ digits: ArraySlice<UInt8>, isInteger: Bool) throws(CodecError) -> JSONValue {
        let text = String(decoding: digits, as: UTF8.self)
        if isInteger, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text) else { throw malformed }
        return .number(value)
    }

    private mutating func string() throws(CodecError) -> String {
        position += 1
        var result: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): result += Array(String(try escape()).utf8)
            case 0..<0x20: throw malformed
            default: result.append(byte)
            }
        }
        throw malformed
    }

    /// Reads what follows a backslash.
    private mutating func escape() throws(CodecError) -> Character {
        guard position < bytes.count else { throw malformed }
        position += 1
        switch bytes[position - 1] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var scalar = try unit()
            if (0xd800..<0xdc00).contains(scalar), take("\\"), take("u") {
                let low = try unit()
                guard (0xdc00..<0xe000).contains(low) else { throw malformed }
                scalar = 0x10000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(scalar) else { throw malformed }
            return Character(scalar)
        default: throw malformed
        }
    }

    private mutating func unit() throws(CodecError) -> UInt32 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
            throw malformed
        }
        position += 4
        return value
    }
}
