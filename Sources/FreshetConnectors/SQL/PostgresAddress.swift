private import CPostgres
import FreshetKit

/// The address of a database as libpq reads it, and what of it no text may show.
enum PostgresAddress {
    /// Keeps the password out of every text, also where the URL is written down plainly.
    ///
    /// A `/` or `@` that stands in a password as it is ends the user's part early: libpq then takes pieces of the password
    /// for a host, a port or a database, and quotes them in what it says. Such a URL goes no further than here.
    ///
    /// - Throws: ``SQLError/badURL``.
    /// - SeeAlso: PostgreSQL documentation, "Connection URIs".
    static func learn(_ url: String, _ redactor: Redactor) throws(SQLError) {
        // The parser's own message quotes the URL.
        guard let options = PQconninfoParse(url, nil) else {
            learnPieces(of: url, redactor)
            throw .badURL
        }
        defer { PQconninfoFree(options) }
        var isSound = !endsUserEarly(url)
        var option = options
        while let keyword = option.pointee.keyword.map({ String(cString: $0) }) {
            if let value = option.pointee.val.map({ String(cString: $0) }) {
                switch keyword {
                case "password", "sslpassword": redactor.learn(value)
                case "host", "hostaddr": if value.contains("@") { isSound = false }
                case "port": if !isPort(value) { isSound = false }
                default: break
                }
            }
            option += 1
        }
        guard isSound else {
            learnPieces(of: url, redactor)
            throw .badURL
        }
    }

    /// One for each of several hosts; an empty one is the usual one.
    private static func isPort(_ text: String) -> Bool {
        text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { $0.isEmpty || UInt16($0) != nil }
    }

    /// Whether an `@` stands behind the one where libpq sees the end of the user's part, and before the parameters.
    private static func endsUserEarly(_ url: String) -> Bool {
        guard let scheme = url.firstRange(of: "://") else { return false }
        var rest = url[scheme.upperBound...]
        if let end = rest.firstIndex(where: { $0 == "@" || $0 == "/" }), rest[end] == "@" {
            rest = rest[rest.index(after: end)...]
        }
        return rest.prefix { $0 != "?" }.contains("@")
    }

    /// Whatever may belong to the password of a URL that cannot be read: all between `user:` and the last `@`.
    private static func learnPieces(of url: String, _ redactor: Redactor) {
        guard let scheme = url.firstRange(of: "://"), let end = url.lastIndex(of: "@"), scheme.upperBound < end,
            let colon = url[scheme.upperBound..<end].firstIndex(of: ":")
        else { return }
        let password = url[url.index(after: colon)..<end]
        redactor.learn(String(password))
        for piece in password.split(whereSeparator: { "/@:?#&=".contains($0) }) { redactor.learn(String(piece)) }
    }
}
