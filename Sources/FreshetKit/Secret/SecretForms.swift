private import FoundationEssentials

/// The texts in which a secret usually shows: itself, and what transports and documents make of it.
enum SecretForms {
    /// Encodings of shorter ones would hit by chance.
    private static let leastEncoded = 6
    /// Shorter lines of a secret may be a word of any text, such as `{` or `type:`.
    private static let leastLine = 8
    private static let upperDigits: StaticString = "0123456789ABCDEF"
    private static let lowerDigits: StaticString = "0123456789abcdef"

    static func all(of secret: String) -> Set<[UInt8]> {
        let lines = secret.utf8.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") })
        guard lines.count > 1 else { return forms(of: secret) }
        // Whoever prints it prints it line by line.
        return lines.reduce(into: forms(of: secret)) { forms, line in
            let text = trimmed(line)
            // The first and the last line of a PEM block are the same for everybody.
            guard text.utf8.count >= leastLine, !text.hasPrefix("-----") else { return }
            forms.formUnion(self.forms(of: text))
        }
    }

    private static func forms(of secret: String) -> Set<[UInt8]> {
        let bytes = Array(secret.utf8)
        var forms: Set<[UInt8]> = [bytes]
        guard bytes.count >= leastEncoded else { return forms }
        for group in 0..<3 { forms.formUnion(base64(bytes, behind: group)) }
        for digits in [upperDigits, lowerDigits] {
            forms.formUnion(percentEncoded(bytes, digits))
            forms.insert(hexadecimal(bytes, digits))
            forms.insert(jsonEscapedAsASCII(secret, digits))
        }
        forms.formUnion(jsonEscaped(secret))
        forms.formUnion(htmlEscaped(bytes))
        return forms
    }

    /// Without the blanks around it.
    private static func trimmed(_ line: Substring.UTF8View) -> String {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var rest = line.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(Substring(rest))
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

    /// What an encoder leaves as it is beside letters and digits, and what it makes of a blank.
    private static let percentEncoders: [(kept: Set<UInt8>, blank: String)] = [
        // All but what is unreserved in RFC 3986.
        ("-._~", "%20"),
        // With '/' left alone, as Python's urllib.parse.quote does it.
        ("-._~/", "%20"),
        // ECMAScript: encodeURIComponent, encodeURI.
        ("-._~!*'()", "%20"),
        ("-._~!*'();/?:@&=+$,#", "%20"),
        // Forms: Python's quote_plus, and the URL standard.
        ("-._~", "+"),
        ("-._*", "+"),
    ].map { (Set($0.0.utf8), $0.1) }

    private static func percentEncoded(_ bytes: [UInt8], _ digits: StaticString) -> [[UInt8]] {
        percentEncoders.map { kept, blank in
            bytes.flatMap { byte -> [UInt8] in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: [byte]
                case 0x20: Array(blank.utf8)
                case _ where kept.contains(byte): [byte]
                default: [UInt8(ascii: "%")] + pair(byte, digits)
                }
            }
        }
    }

    /// As documents are written: the quotation marks in the ways in which common libraries write them, or left alone.
    private static func htmlEscaped(_ bytes: [UInt8]) -> [[UInt8]] {
        [
            ("&quot;", "&#39;"), ("&quot;", "&#x27;"), ("&quot;", "&apos;"), ("&#34;", "&#39;"), ("&quot;", "'"),
            ("\"", "'"),
        ].map { double, single in
            bytes.flatMap { byte -> [UInt8] in
                switch byte {
                case UInt8(ascii: "&"): Array("&amp;".utf8)
                case UInt8(ascii: "<"): Array("&lt;".utf8)
                case UInt8(ascii: ">"): Array("&gt;".utf8)
                case UInt8(ascii: "\""): Array(double.utf8)
                case UInt8(ascii: "'"): Array(single.utf8)
                default: [byte]
                }
            }
        }
    }

    /// As Python's `json.dumps` writes it: in ASCII alone.
    private static func jsonEscapedAsASCII(_ secret: String, _ digits: StaticString) -> [UInt8] {
        secret.utf16.flatMap { unit -> [UInt8] in
            switch unit {
            case 0x22: Array("\\\"".utf8)
            case 0x5C: Array("\\\\".utf8)
            case 0x08: Array("\\b".utf8)
            case 0x09: Array("\\t".utf8)
            case 0x0A: Array("\\n".utf8)
            case 0x0C: Array("\\f".utf8)
            case 0x0D: Array("\\r".utf8)
            case 0x20...0x7F: [UInt8(unit)]
            default: Array("\\u".utf8) + pair(UInt8(unit >> 8), digits) + pair(UInt8(unit & 0xFF), digits)
            }
        }
    }

    private static func hexadecimal(_ bytes: [UInt8], _ digits: StaticString) -> [UInt8] {
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
