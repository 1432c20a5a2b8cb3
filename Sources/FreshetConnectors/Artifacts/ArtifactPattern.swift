/// A key, or a pattern that several keys fit: `*` stands for anything but `/`, `**` for anything, `?` for one sign.
struct ArtifactPattern: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    /// Whether it names several documents.
    var isPattern: Bool { text.contains("*") || text.contains("?") }

    /// What every key that fits begins with.
    var prefix: String { String(text.prefix { $0 != "*" && $0 != "?" }) }

    func matches(_ key: String) -> Bool { Self.matches(Array(text.utf8)[...], Array(key.utf8)[...]) }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ key: ArraySlice<UInt8>) -> Bool {
        var pattern = pattern
        var key = key
        // Where to go on when what follows a star does not fit: the star takes one sign more. When `*` may take no
        // more, the last `**` before it may.
        var near: (pattern: ArraySlice<UInt8>, key: ArraySlice<UInt8>)?
        var far: (pattern: ArraySlice<UInt8>, key: ArraySlice<UInt8>)?
        while true {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                if pattern.first == UInt8(ascii: "*") {
                    pattern = pattern.dropFirst()
                    (far, near) = ((pattern, key), nil)
                } else {
                    near = (pattern, key)
                }
            } else if pattern.isEmpty, key.isEmpty {
                return true
            } else if let sign = pattern.first, let byte = key.first,
                sign == byte || (sign == UInt8(ascii: "?") && byte != UInt8(ascii: "/"))
            {
                pattern = pattern.dropFirst()
                key = key.dropFirst()
            } else if let last = near, let byte = last.key.first, byte != UInt8(ascii: "/") {
                (pattern, key) = (last.pattern, last.key.dropFirst())
                near = (pattern, key)
            } else if let last = far, !last.key.isEmpty {
                (pattern, key) = (last.pattern, last.key.dropFirst())
                (far, near) = ((pattern, key), nil)
            } else {
                return false
            }
        }
    }
}
