/// A position in a text that is read once, from its beginning.
///
/// Offsets count Unicode scalars, as libyaml counts columns, so that they can be added to the mark of a YAML scalar.
struct TextScanner {
    private let scalars: [Unicode.Scalar]
    /// Of the next scalar, from 0 to the length of the text.
    private(set) var offset = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// The next scalar, which stays the next; `nil` at the end.
    var next: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

    mutating func skip() { if offset < scalars.count { offset += 1 } }

    mutating func skipWhitespace() { _ = take { $0.properties.isWhitespace } }

    /// Everything up to the first scalar that does not belong.
    mutating func take(while belongs: (Unicode.Scalar) -> Bool) -> String {
        var taken = String.UnicodeScalarView()
        while let scalar = next, belongs(scalar) {
            taken.append(scalar)
            offset += 1
        }
        return String(taken)
    }

    /// The text between two equal quotation marks, the first of which is the next scalar.
    ///
    /// A backslash before a quotation mark or a backslash makes it part of the text; before anything else it is one.
    ///
    /// - Returns: `nil` when the text ends before the quotation does.
    mutating func takeQuoted() -> String? {
        guard let mark = next else { return nil }
        skip()
        var taken = String.UnicodeScalarView()
        while let scalar = next {
            skip()
            if scalar == mark { return String(taken) }
            if scalar == "\\", let escaped = next, ["\"", "'", "\\"].contains(escaped) {
                taken.append(escaped)
                skip()
            } else {
                taken.append(scalar)
            }
        }
        return nil
    }
}

extension String {
    /// The text between double quotation marks, as ``TextScanner/takeQuoted()`` reads it.
    var inQuotes: String {
        var quoted = "\""
        for scalar in unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}

extension [String] {
    /// The words as a person lists alternatives: `a, b or c`.
    var alternatives: String {
        guard count > 1, let last else { return first ?? "" }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}
