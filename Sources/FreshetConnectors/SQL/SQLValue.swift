internal import FreshetCore

/// One value of an answer, in a form that does not depend on the session that read it.
enum SQLValue: Hashable, Sendable {
    case null
    /// Digits as the database writes them, so that nothing is lost to rounding; also `NaN` and `Infinity`.
    case number(String)
    case text(String)
    case bytes([UInt8])

    /// What stands for the value in a fingerprint: readable, and different for different values.
    var canonical: String {
        switch self {
        case .null: "null"
        case .number(let digits): digits
        case .text(let text): Self.isPlain(text) ? text : Self.quoted(text)
        case .bytes(let bytes): "x\"" + Self.hexadecimal(bytes) + "\""
        }
    }

    /// For conditions and evidence; `nil` for null.
    var observed: ObservedValue? {
        switch self {
        case .null: nil
        case .number(let digits):
            if let whole = Int64(digits) {
                .integer(whole)
            } else if let number = Double(digits), number.isFinite {
                .number(number)
            } else {
                .text(digits)
            }
        case .text(let text): .text(text)
        case .bytes(let bytes): .text(Self.hexadecimal(bytes))
        }
    }

    /// The value where a text is expected, as in names read from a catalog.
    var text: String? { if case .text(let text) = self { text } else { nil } }

    /// Whether the text cannot be taken for another value, or for the end of this one.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        guard first != " ", last != " ", text != "null", Double(text) == nil else { return false }
        return !text.unicodeScalars.contains { $0.value < 32 || "\"\\;=".unicodeScalars.contains($0) }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
