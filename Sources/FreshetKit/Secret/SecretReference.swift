/// `${secret:<backend>/<path>[#field][@version]}`, taken apart.
public struct SecretReference: Hashable, Sendable {
    /// As written, with its braces; harmless to show.
    public var text: String
    public var backend: String
    public var path: String
    /// The member to take of a secret that is a JSON object.
    public var field: String?
    /// Which version of the secret, where the backend has versions; `nil` for the present one.
    public var version: String?

    /// Fails when a part is missing; where a backend has no versions, `@` is a letter of the path like others.
    ///
    /// - Parameters:
    ///   - inside: what stands behind `${secret:` and before `}`.
    ///   - hasVersions: whether the backend of that name has versions.
    public init?(parsing inside: some StringProtocol, hasVersions: (String) -> Bool) {
        guard let slash = inside.firstIndex(of: "/") else { return nil }
        text = "${secret:\(inside)}"
        backend = String(inside[..<slash])
        var rest = inside[inside.index(after: slash)...]
        let mark = rest.firstIndex(of: "#")
        if hasVersions(backend), let at = rest.lastIndex(of: "@") {
            // `name@3#field` would ask for the version '3#field'.
            if let mark, at < mark { return nil }
            version = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
        }
        if let mark {
            field = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        path = String(rest)
        guard !backend.isEmpty, !path.isEmpty, field?.isEmpty != true, version?.isEmpty != true else { return nil }
    }
}

/// What a text that may hold references consists of.
package enum ReferencePiece: Hashable, Sendable {
    /// With `$$` replaced by `$`.
    case text(String)
    /// `${env:NAME}`.
    case variable(String)
    /// What stands between `${secret:` and `}`.
    case secret(String)

    /// - Throws: ``SecretError/malformed(reference:)``.
    package static func pieces(of text: String) throws(SecretError) -> [ReferencePiece] {
        var pieces: [ReferencePiece] = []
        var plain = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            plain += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            if rest.hasPrefix("$") {
                plain += "$"
                rest = rest.dropFirst()
            } else if rest.hasPrefix("{") {
                guard let end = rest.firstIndex(of: "}") else { throw .malformed(reference: "$" + rest) }
                if !plain.isEmpty { pieces.append(.text(plain)) }
                plain = ""
                pieces.append(try reference(rest[rest.index(after: rest.startIndex)..<end]))
                rest = rest[rest.index(after: end)...]
            } else {
                plain += "$"
            }
        }
        plain += rest
        if !plain.isEmpty { pieces.append(.text(plain)) }
        return pieces
    }

    private static func reference(_ inside: Substring) throws(SecretError) -> ReferencePiece {
        if inside.hasPrefix("env:"), inside.count > 4 { return .variable(String(inside.dropFirst(4))) }
        if inside.hasPrefix("secret:"), inside.contains("/") { return .secret(String(inside.dropFirst(7))) }
        throw .malformed(reference: "${\(inside)}")
    }
}
