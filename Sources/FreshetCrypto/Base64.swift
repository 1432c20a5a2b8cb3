/// Base64 without padding (RFC 4648): its plain alphabet in hashes of passwords, that for URLs in JSON Web Tokens.
package enum Base64 {
    /// Its two sets of characters.
    package enum Alphabet: Sendable {
        case plain
        case url

        var characters: [UInt8] {
            let common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
            return Array((common + (self == .plain ? "+/" : "-_")).utf8)
        }
    }

    /// - Returns: text without padding.
    package static func encode(_ bytes: [UInt8], _ alphabet: Alphabet = .url) -> String {
        let characters = alphabet.characters
        var text: [UInt8] = []
        var (buffer, bits) = (0, 0)
        for byte in bytes {
            (buffer, bits) = (buffer << 8 | Int(byte), bits + 8)
            while bits >= 6 {
                bits -= 6
                text.append(characters[buffer >> bits & 63])
            }
            buffer &= (1 << bits) - 1
        }
        if bits > 0 { text.append(characters[buffer << (6 - bits) & 63]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The plain alphabet with its padding, as HTTP's Basic scheme has it.
    package static func padded(_ bytes: [UInt8]) -> String {
        encode(bytes, .plain) + String(repeating: "=", count: (3 - bytes.count % 3) % 3)
    }

    /// - Returns: `nil` for any other character, padding included, and for bits that stand for nothing: each value has
    ///   one spelling.
    package static func decode(_ text: some StringProtocol, _ alphabet: Alphabet = .url) -> [UInt8]? {
        var values = [Int?](repeating: nil, count: 256)
        for (value, character) in alphabet.characters.enumerated() { values[Int(character)] = value }
        var bytes: [UInt8] = []
        var (buffer, bits) = (0, 0)
        for character in text.utf8 {
            guard let value = values[Int(character)] else { return nil }
            (buffer, bits) = (buffer << 6 | value, bits + 6)
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(buffer >> bits))
            buffer &= (1 << bits) - 1
        }
        return bits < 6 && buffer == 0 ? bytes : nil
    }
}
