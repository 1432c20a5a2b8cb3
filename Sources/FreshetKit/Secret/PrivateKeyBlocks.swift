/// Private keys as PEM writes them (RFC 7468): a line that says so, the key in base64, a line that ends it.
enum PrivateKeyBlocks {
    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let label = Array("PRIVATE KEY".utf8)
    private static let dashes = Array("-----".utf8)
    private static let replacement = Array("[redacted]".utf8)
    /// A label is one such as `RSA PRIVATE KEY` or `PGP PRIVATE KEY BLOCK`.
    private static let longestLabel = 60
    /// A key has words in base64 as long as this; a sentence about keys has none.
    private static let leastWord = 32

    /// The text without the keys; `nil` where there are none.
    ///
    /// A key whose end is missing goes with all that follows it. The ends of its lines may be escaped.
    static func redacted(_ text: String) -> String? {
        var text = text
        return text.withUTF8 { bytes -> String? in
            guard var start = find(begin, in: bytes, from: 0) else { return nil }
            var result: [UInt8] = []
            var copied = 0
            while true {
                var next = start + begin.count
                if let body = endOfLabel(bytes, from: next) {
                    let stop = find(end, in: bytes, from: body)
                    if holdsKey(bytes, body..<(stop ?? bytes.count)) {
                        result += bytes[copied..<start]
                        result += replacement
                        copied = stop.map { endOfLabel(bytes, from: $0 + end.count) ?? $0 } ?? bytes.count
                        next = copied
                    }
                }
                guard let following = find(begin, in: bytes, from: next) else { break }
                start = following
            }
            guard copied > 0 else { return nil }
            return String(decoding: result + bytes[copied...], as: UTF8.self)
        }
    }

    /// Where the label of a private key and its dashes end; `nil` for another label.
    private static func endOfLabel(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        let limit = min(bytes.count, start + longestLabel)
        guard let dashes = find(dashes, in: UnsafeBufferPointer(rebasing: bytes[..<limit]), from: start),
            find(label, in: UnsafeBufferPointer(rebasing: bytes[..<dashes]), from: start) != nil
        else { return nil }
        return dashes + self.dashes.count
    }

    private static func holdsKey(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        var length = 0
        for byte in bytes[range] {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
                length += 1
                if length >= leastWord { return true }
            default: length = 0
            }
        }
        return false
    }

    private static func find(_ wanted: [UInt8], in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        var position = start
        while position + wanted.count <= bytes.count {
            if bytes[position] == wanted[0], bytes[position..<position + wanted.count].elementsEqual(wanted) {
                return position
            }
            position += 1
        }
        return nil
    }
}
