/// An address under which browsers know this server: scheme, host and port.
package struct Site: Hashable, Sendable, CustomStringConvertible {
    /// In lower case, an IPv6 address in brackets, the port only where it is not the scheme's own.
    package let authority: String
    /// Whether browsers come by TLS, to us or to a proxy.
    package let isSecure: Bool

    package init(host: String, port: Int, isSecure: Bool) {
        let name = host.contains(":") ? "[\(host)]" : host.lowercased()
        authority = port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
        self.isSecure = isSecure
    }

    /// Reads `https://freshet.example.com`, with a port and a slash at the end or without.
    ///
    /// - Returns: `nil` for another scheme, a path, a user, a query.
    package init?(url: String) {
        let isSecure = url.lowercased().hasPrefix("https://")
        guard isSecure || url.lowercased().hasPrefix("http://") else { return nil }
        var rest = url.dropFirst(isSecure ? 8 : 7)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let (host, port) = Self.parts(rest) else { return nil }
        self.init(host: host, port: port ?? (isSecure ? 443 : 80), isSecure: isSecure)
    }

    /// As browsers send it in `Origin` (RFC 6454, section 6.2).
    package var origin: String { (isSecure ? "https://" : "http://") + authority }
    package var description: String { origin }

    /// Whether a `Host` header names this site.
    func isNamed(by host: String) -> Bool {
        guard let (name, port) = Self.parts(host[...]) else { return false }
        return Site(host: name, port: port ?? (isSecure ? 443 : 80), isSecure: isSecure) == self
    }

    private static func parts(_ text: Substring) -> (host: String, port: Int?)? {
        let (host, rest): (Substring, Substring)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else {
            host = text.prefix { $0 != ":" }
            rest = text[host.endIndex...]
        }
        let isPlain = host.utf8.allSatisfy { Base62.isDigit($0) || ".-_:".utf8.contains($0) }
        guard !host.isEmpty, isPlain else { return nil }
        if rest.isEmpty { return (String(host), nil) }
        let digits = rest.dropFirst()
        guard rest.hasPrefix(":"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (1...65_535).contains(port)
        else { return nil }
        return (String(host), port)
    }
}
