/// A path with places for names, such as `/api/v1/runs/{run}/cancel`.
///
/// A place fills one segment, or one up to a fixed ending (`{asset}.svg`); `{asset...}` at the end fills one or more.
package struct RouteTemplate: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    private enum Segment: Hashable {
        case literal(String)
        case parameter(String, ending: String)
        case rest(String)
    }

    package let description: String
    private let segments: [Segment]
    private let hasRest: Bool

    package init(stringLiteral value: String) { self.init(value) }

    package init(_ text: String) {
        description = text
        segments = text.split(separator: "/").map { part in
            guard part.first == "{", let end = part.firstIndex(of: "}") else { return .literal(String(part)) }
            let name = part[part.index(after: part.startIndex)..<end]
            if name.hasSuffix("...") { return .rest(String(name.dropLast(3))) }
            return .parameter(String(name), ending: String(part[part.index(after: end)...]))
        }
        hasRest = if case .rest = segments.last { true } else { false }
    }

    /// The names of its places.
    package var parameters: [String] {
        segments.compactMap { segment in
            switch segment {
            case .literal: nil
            case .parameter(let name, _), .rest(let name): name
            }
        }
    }

    /// What stands in its places; `nil` for a path that does not fit.
    func match(_ path: RoutePath) -> [String: String]? {
        let count = path.segments.count
        guard hasRest ? count >= segments.count : count == segments.count else { return nil }
        var found: [String: String] = [:]
        var rest = path.segments[...]
        for segment in segments {
            guard let next = rest.popFirst() else { return nil }
            switch segment {
            case .literal(let text):
                guard next.raw == text else { return nil }
            case .parameter(let name, let ending):
                // Byte by byte: Swift takes texts for equal that are not written with the same bytes.
                guard next.text.utf8.count > ending.utf8.count,
                    next.text.utf8.suffix(ending.utf8.count).elementsEqual(ending.utf8)
                else { return nil }
                let value = String(decoding: next.text.utf8.dropLast(ending.utf8.count), as: UTF8.self)
                guard ParameterForm.of(name).fits(value) else { return nil }
                found[name] = value
            case .rest(let name):
                let texts = [next.text] + rest.map(\.text)
                rest = []
                let value = texts.joined(separator: "/")
                guard ParameterForm.of(name).fits(value) else { return nil }
                found[name] = value
            }
        }
        return rest.isEmpty ? found : nil
    }
}

/// What may stand in a place of a template: never more than its name says.
private enum ParameterForm {
    /// Letters of any script; looked up, and never a path of anything.
    case name
    /// An identifier that Freshet made.
    case identifier
    /// A word that a person chose for a source of events.
    case slug
    /// The name of somebody or something that signs in.
    case user

    static func of(_ name: String) -> ParameterForm {
        switch name {
        case "operation", "run", "trigger": .identifier
        case "source": .slug
        case "token", "user": .user
        default: .name
        }
    }

    func fits(_ text: String) -> Bool {
        switch self {
        case .name: text.unicodeScalars.count <= 512
        case .identifier:
            (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { Base62.isDigit($0) || $0 == UInt8(ascii: "-") }
        case .slug:
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy { byte in
                    Base62.isDigit(byte) && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                }
        case .user: UserName.isValid(text)
        }
    }
}
