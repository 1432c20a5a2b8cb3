internal import FreshetCore

/// A place in a JSON document.
///
/// - SeeAlso: RFC 6901.
struct JSONPointer: Hashable, Sendable {
    let text: String
    private let tokens: [String]

    /// - Returns: `nil` for what is no pointer; the empty one leads to the whole document.
    init?(_ text: String) {
        guard text.isEmpty || text.hasPrefix("/") else { return nil }
        self.text = text
        var tokens: [String] = []
        for token in text.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            // A '~' stands only before 0 or 1.
            guard
                token.split(separator: "~", omittingEmptySubsequences: false).dropFirst()
                    .allSatisfy({ $0.hasPrefix("0") || $0.hasPrefix("1") })
            else { return nil }
            tokens.append(String(token).replacing("~1", with: "/").replacing("~0", with: "~"))
        }
        self.tokens = tokens
    }

    func value(in document: JSONValue) -> JSONValue? {
        var value = document
        for token in tokens {
            switch value {
            case .object(let members):
                guard let member = members[token] else { return nil }
                value = member
            case .list(let items):
                let isIndex =
                    token == "0" || (token.first != "0" && token.utf8.allSatisfy { (0x30...0x39).contains($0) })
                guard isIndex, let index = Int(token), items.indices.contains(index) else { return nil }
                value = items[index]
            default: return nil
            }
        }
        return value
    }
}
