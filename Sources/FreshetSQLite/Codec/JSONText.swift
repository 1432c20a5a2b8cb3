import FreshetCore

/// JSON as the store keeps it: compact, keys in order, and read back exactly as it was written.
///
/// `JSONEncoder` would lose the difference between the integer 1 and the number 1.0, and costs more than the insert.
enum JSONText {
    /// The document with no space in it; equal values give equal text.
    ///
    /// An infinity is written as a number too large for a double, which reads as infinity again; what is not a number
    /// becomes `null`, for which JSON has no notation.
    static func write(_ value: JSONValue) -> String {
        var text = ""
        append(value, to: &text)
        return text
    }

    private static func append(_ value: JSONValue, to text: inout String) {
        switch value {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): append(value, to: &text)
        case .text(let value): append(value, to: &text)
        case .list(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                append(value, to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += "," }
                append(member.key, to: &text)
                text += ":"
                append(member.value, to: &text)
            }
            text += "}"
        }
    }

    private static func append(_ value: Double, to text: inout String) {
        if value.isNaN {
            text += "null"
        } else if value.isInfinite {
            text += value < 0 ? "-1e999" : "1e999"
        } else {
            text += value.description
        }
    }

    private static func append(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // NUL ends a text for some of SQLite's own functions, and the others are not allowed bare in JSON.
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
