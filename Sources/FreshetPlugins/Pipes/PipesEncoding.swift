private import FoundationEssentials
internal import FreshetCore
internal import FreshetKit

/// How the host hands its parameters over: `base64(zlib(json))` in an environment variable.
///
/// The zlib stream (RFC 1950) holds its bytes as they are, in stored blocks (RFC 1951 section 3.2.4): no compressor is
/// needed, and every guest can read it.
enum PipesEncoding {
    static let contextVariable = "DAGSTER_PIPES_CONTEXT"
    static let messagesVariable = "DAGSTER_PIPES_MESSAGES"

    static func encode(_ parameters: JSONValue) -> String { encode(Array(parameters.serialized().utf8)) }

    static func encode(_ bytes: [UInt8]) -> String {
        var stream: [UInt8] = [0x78, 0x01]
        var start = 0
        repeat {
            let count = min(Int(UInt16.max), bytes.count - start)
            let length = UInt16(count)
            stream.append(start + count == bytes.count ? 1 : 0)
            for word in [length, ~length] { stream += [UInt8(word & 0xFF), UInt8(word >> 8)] }
            stream += bytes[start..<start + count]
            start += count
        } while start < bytes.count
        let sum = adler32(bytes)
        for shift in [24, 16, 8, 0] as [UInt32] { stream.append(UInt8(truncatingIfNeeded: sum >> shift)) }
        return Data(stream).base64EncodedString()
    }

    /// RFC 1950 section 8.2.
    private static func adler32(_ bytes: [UInt8]) -> UInt32 {
        var low: UInt32 = 1
        var high: UInt32 = 0
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }
}

/// The keys of assets as the protocol writes them: `\` and `/` within a component are escaped.
enum PipesKey {
    static func text(of key: AssetKey) -> String {
        key.path.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.replacing("\\", with: "\\\\") }
            .joined(separator: "/")
    }
}

/// One message of a guest, as JSON that every parser takes.
///
/// Python writes `NaN`, `Infinity` and `-Infinity`, which JSON has no notation for, and halves of surrogate pairs, which
/// no text can hold: the former become texts, the latter U+FFFD.
enum PipesJSON {
    static func parse(_ line: String) -> JSONValue? {
        if let value = try? JSONValue(parsing: line) { return value }  // It is mended below.
        return try? JSONValue(parsing: mended(Array(line.utf8)))  // `nil` says that it is no JSON.
    }

    static func mended(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 16)
        var isInText = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if isInText {
                if byte == UInt8(ascii: "\\") {
                    let (escape, length) = escape(bytes, at: index)
                    result += escape
                    index += length
                    continue
                }
                if byte == UInt8(ascii: "\"") { isInText = false }
            } else if byte == UInt8(ascii: "\"") {
                isInText = true
            } else if let word = Self.words.first(where: { bytes[index...].starts(with: $0) }) {
                result += [UInt8(ascii: "\"")] + word + [UInt8(ascii: "\"")]
                index += word.count
                continue
            }
            result.append(byte)
            index += 1
        }
        return result
    }

    private static let words = ["-Infinity", "Infinity", "NaN"].map { Array($0.utf8) }

    /// The escape that begins here, and how long it was; a half of a pair is replaced.
    private static func escape(_ bytes: [UInt8], at index: Int) -> (escape: [UInt8], length: Int) {
        guard let first = unit(bytes, at: index), (0xD800...0xDFFF).contains(first) else {
            let length = min(2, bytes.count - index)
            return (Array(bytes[index..<index + length]), length)
        }
        if first < 0xDC00, let second = unit(bytes, at: index + 6), (0xDC00...0xDFFF).contains(second) {
            return (Array(bytes[index..<index + 12]), 12)
        }
        return (Array("\\ufffd".utf8), 6)
    }

    private static func unit(_ bytes: [UInt8], at index: Int) -> UInt16? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") else {
            return nil
        }
        return UInt16(String(decoding: bytes[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16)
    }
}
