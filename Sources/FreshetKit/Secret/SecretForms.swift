private import FoundationEssentials

/// The texts in which a secret usually shows: itself, and what transports and documents make of it.
enum SecretForms {
    /// Encodings of shorter ones would hit by chance.
    private static let leastEncoded = 6

    static func all(of secret: String) -> Set<[UInt8]> {
        let bytes = Array(secret.utf8)
        var forms: Set<[UInt8]> = [bytes]
        guard bytes.count >= leastEncoded else { return forms }
        for group in 0..<3 { forms.formUnion(base64(bytes, behind: group)) }
        forms.insert(percentEncoded(bytes, digits: "0123456789ABCDEF"))
        forms.insert(percentEncoded(bytes, digits: "0123456789abcdef"))
        forms.insert(hexadecimal(bytes, digits: "0123456789abcdef"))
        forms.insert(hexadecimal(bytes, digits: "0123456789ABCDEF"))
        forms.formUnion(jsonEscaped(secret))
        return forms
    }

    /// The part of an encoding that the secret alone decides, in both alphabets.
    ///
    /// So many bytes stand before it in its first group of three; where none do, the whole with its padding counts too.
    private static func base64(_ bytes: [UInt8], behind count: Int) -> [[UInt8]] {
        let encoded = Array(Data([UInt8](repeating: 0, count: count) + bytes).base64EncodedString().utf8)
        let start = [0, 2, 3][count]
        let end = (count + bytes.count) * 8 / 6
        var forms = [Array(encoded[start..<end])]
        if count == 0 { forms.append(encoded) }
        return forms
            + forms.map { form in
                form.map {
                    $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0
                }
            }
    }

    /// All but what is unreserved in RFC 3986.
    private static func percentEncoded(_ bytes: [UInt8], digits: StaticString) -> [UInt8] {
        bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: [byte]
            default: [UInt8(ascii: "%")] + pair(byte, digits)
            }
        }
    }

    private static func hexadecimal(_ bytes: [UInt8], digits: StaticString) -> [UInt8] {
        bytes.flatMap { pair($0, digits) }
    }

    private static func pair(_ byte: UInt8, _ digits: StaticString) -> [UInt8] {
        digits.withUTF8Buffer { [$0[Int(byte >> 4)], $0[Int(byte & 15)]] }
    }

    /// With `/` escaped and not; a text that needs no escapes is the same again.
    private static func jsonEscaped(_ secret: String) -> [[UInt8]] {
        [JSONEncoder.OutputFormatting.withoutEscapingSlashes, []].compactMap { formatting in
            let encoder = JSONEncoder()
            encoder.outputFormatting = formatting
            // A text always has a notation in JSON.
            guard let data = try? encoder.encode(secret) else { return nil }
            return Array(data.dropFirst().dropLast())
        }
    }
}
