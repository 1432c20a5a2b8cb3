internal import FreshetCore

extension AssetKey {
    private static let marks: Set<Unicode.Scalar> = ["-", ".", "_"]

    /// Why a text cannot be a key; `nil` when it can.
    ///
    /// A key is made of components with `/` between them; a component of letters of any script, digits, `_`, `-`, `.`,
    /// and spaces within it.
    static func problem(of text: String) -> String? {
        guard !text.isEmpty else { return "it is empty" }
        guard !text.hasPrefix("/"), !text.hasSuffix("/") else { return "it begins or ends with '/'" }
        var previous: Unicode.Scalar = "/"
        for scalar in text.unicodeScalars {
            if scalar == "/", previous == "/" { return "it has nothing between two '/'" }
            if scalar == "/", previous == " " { return "a part of it ends with a space" }
            if scalar == " ", previous == "/" { return "a part of it begins with a space" }
            guard scalar == "/" || scalar == " " || isLetter(scalar) else {
                let allowed = "letters, digits, '_', '-', '.' and '/' between parts are allowed"
                return "it holds '\(Character(scalar))'; \(allowed)"
            }
            previous = scalar
        }
        return previous == " " ? "it ends with a space" : nil
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || marks.contains(scalar)
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
            return true
        default:
            return false
        }
    }
}
