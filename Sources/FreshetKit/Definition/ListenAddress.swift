/// Where a server listens: an address of this machine, and a port.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name, or an address without brackets.
    public var host: String
    /// 0 stands for any that is free.
    public var port: Int

    /// Where the daemon listens if nobody says otherwise: this machine alone can reach it.
    public static let standard = ListenAddress(host: "127.0.0.1", port: 8640)

    private init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:8640`, `[::1]:8640`, `localhost:8640`.
    ///
    /// - Returns: `nil` when the text is no such address.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let isPlain = host.utf8.allSatisfy {
            $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ":")
                || ("0"..."9").contains(Character(UnicodeScalar($0)))
                || ("a"..."z").contains(Character(UnicodeScalar($0)))
                || ("A"..."Z").contains(Character(UnicodeScalar($0)))
        }
        guard !host.isEmpty, isPlain else { return nil }
        self.host = host
        self.port = port
    }

    /// Whether only this machine can reach it.
    public var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        return host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (48...57).contains($0) }
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
