/// What a new password has to be: long, and not what is guessed first; no rules about its characters.
///
/// - SeeAlso: NIST SP 800-63B, section 5.1.1.2.
package enum PasswordRules {
    /// Characters as a person counts them.
    package static let lengths = 12...128

    /// Why a password will not do, as the end of a sentence that begins with it; `nil` when it will.
    package static func complaint(about password: String, of user: String) -> String? {
        if password.count < lengths.lowerBound { return "has to have \(lengths.lowerBound) characters or more" }
        if password.count > lengths.upperBound { return "may have \(lengths.upperBound) characters at most" }
        let plain = password.lowercased().filter { $0.isLetter || $0.isNumber }
        if Set(plain).count < 5 { return "repeats the same few characters" }
        let letters = plain.filter(\.isLetter)
        if plain.contains(user.lowercased()), plain.count < user.count + 8 { return "is mostly the user's name" }
        if guessed.contains(where: { plain.hasPrefix($0) && plain.count < $0.count + 8 })
            || guessed.contains(letters)
        {
            return "is one of the first that are tried"
        }
        return nil
    }

    /// The beginnings of long passwords that stand high in lists of leaked ones, without signs and in lower case.
    private static let guessed = [
        "1234567890", "0987654321", "0123456789", "1q2w3e4r", "1qaz2wsx", "abcdefgh", "administrator", "adminadmin",
        "changeme", "correcthorse", "freshet", "iloveyou", "letmein", "passw0rd", "password", "princess", "qwertyuiop",
        "qwerty", "secret", "sunshine", "superman", "trustno1", "welcome",
    ]
}
