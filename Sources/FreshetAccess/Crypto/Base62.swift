/// Numbers in the 62 letters and digits of ASCII: one word to a double click, and the same in a URL, a header and a shell.
enum Base62 {
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The bytes as one number, the first byte the highest, in exactly so many digits.
    ///
    /// The largest number has to fit: it takes 43 digits for 32 bytes, 6 for 4.
    static func encode(_ bytes: [UInt8], width: Int) -> String {
        var number = bytes
        var text = [UInt8](repeating: digits[0], count: width)
        for position in text.indices.reversed() {
            var rest = 0
            for index in number.indices {
                let value = rest << 8 | Int(number[index])
                number[index] = UInt8(value / 62)
                rest = value % 62
            }
            text[position] = digits[rest]
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
