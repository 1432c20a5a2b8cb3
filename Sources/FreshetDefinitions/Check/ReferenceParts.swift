/// `${provider:name}`.
struct Reference {
    /// As written.
    var text: String
    /// `nil` when it is not of that form.
    var provider: String?
    var name: String
}

/// A text cut into references and what is between them.
struct ReferenceParts: IteratorProtocol {
    enum Content {
        /// With its escapes.
        case text(String)
        case reference(Reference)
        /// The rest of the text, which begins with `${` that nothing closes.
        case unclosed
    }

    struct Part {
        var content: Content
        /// In Unicode scalars from the beginning of the text.
        var offset: Int
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    var isAtEnd: Bool { position == scalars.count }

    mutating func next() -> Part? {
        guard !isAtEnd else { return nil }
        let start = position
        guard isReference(at: position) else {
            while !isAtEnd, !isReference(at: position) {
                // An escape is two scalars, so that `$${` is no reference.
                let isEscape = scalars[position] == "$" && position + 1 < scalars.count && scalars[position + 1] == "$"
                position += isEscape ? 2 : 1
            }
            return Part(content: .text(text(start..<position)), offset: start)
        }
        guard let end = scalars[start...].firstIndex(of: "}") else {
            position = scalars.count
            return Part(content: .unclosed, offset: start)
        }
        position = end + 1
        let inside = start + 2..<end
        guard let colon = scalars[inside].firstIndex(of: ":"), colon > inside.lowerBound, colon + 1 < end else {
            let reference = Reference(text: text(start..<position), provider: nil, name: "")
            return Part(content: .reference(reference), offset: start)
        }
        let provider = text(inside.lowerBound..<colon)
        let reference = Reference(text: text(start..<position), provider: provider, name: text(colon + 1..<end))
        return Part(content: .reference(reference), offset: start)
    }

    /// `$` for `$$`; `$${` is kept for whoever replaces references at use.
    static func withoutEscapes(_ text: String) -> String {
        guard text.contains("$$") else { return text }
        return text.replacing(/\$\$(?!\{)/, with: "$")
    }

    private func isReference(at index: Int) -> Bool {
        scalars[index] == "$" && index + 1 < scalars.count && scalars[index + 1] == "{"
    }

    private func text(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[range])
        return String(text)
    }
}
