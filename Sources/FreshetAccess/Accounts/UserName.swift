/// Names of users: one spelling each, so that no two look the same in an audit.
package enum UserName {
    /// Lower-case ASCII letters, digits and `.`, `_`, `-`, `+`, `@`, the first a letter or digit; 64 at most.
    package static func isValid(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first, isWord(first) else { return false }
        return text.utf8.allSatisfy { isWord($0) || "._-+@".utf8.contains($0) }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
