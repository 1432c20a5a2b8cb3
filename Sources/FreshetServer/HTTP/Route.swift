import FreshetKit

/// One operation of the API: what leads to it, who may, and what answers.
package struct Route: Sendable {
    /// In capitals.
    package let method: String
    package let template: PathTemplate
    package let access: Access
    /// Its name in the contract.
    package let operation: String
    /// The most bytes that its body may have.
    package let bodyLimit: Int
    package let handle: @Sendable (Call) async throws -> Answer
    /// Draws a refusal of a request with this query in the route's own way; `nil` for a problem as everywhere.
    let refusal: @Sendable (Problem, _ query: String?) -> Answer?

    /// - Parameters:
    ///   - method: in capitals.
    ///   - template: such as `/api/v1/runs/{run}`.
    ///   - operation: its name in the contract.
    ///   - access: the least that is asked for; there is no default.
    ///   - bodyLimit: in bytes.
    ///   - refusal: draws a refusal in the route's own way, or leaves it to the server.
    ///   - handle: throws ``Problem`` for an answer that says no.
    package init(
        _ method: String,
        _ template: String,
        _ operation: String,
        access: Access,
        bodyLimit: Int = 1 << 20,
        refusal: @escaping @Sendable (Problem, _ query: String?) -> Answer? = { _, _ in nil },
        handle: @escaping @Sendable (Call) async throws -> Answer
    ) {
        self.method = method
        self.template = PathTemplate(template)
        self.access = access
        self.operation = operation
        self.bodyLimit = bodyLimit
        self.refusal = refusal
        self.handle = handle
    }
}

/// A path with names in braces, each of which stands for one segment or the part of one.
package struct PathTemplate: Hashable, Sendable {
    package let text: String
    private let segments: [Segment]

    private struct Segment: Hashable {
        var prefix: String
        var name: String?
        var suffix: String
    }

    package init(_ text: String) {
        self.text = text
        segments = text.split(separator: "/", omittingEmptySubsequences: false).map { part in
            guard let open = part.firstIndex(of: "{"), let close = part.firstIndex(of: "}") else {
                return Segment(prefix: String(part), name: nil, suffix: "")
            }
            return Segment(
                prefix: String(part[..<open]),
                name: String(part[part.index(after: open)..<close]),
                suffix: String(part[part.index(after: close)...])
            )
        }
    }

    /// The values of the names, decoded once; `nil` when the path is another.
    ///
    /// Compared by segments as they were sent: what is encoded, doubled or added leads nowhere.
    func match(_ path: [Substring]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, part) in zip(segments, path) {
            guard let name = segment.name else {
                guard part == segment.prefix else { return nil }
                continue
            }
            guard part.count > segment.prefix.count + segment.suffix.count, part.hasPrefix(segment.prefix),
                part.hasSuffix(segment.suffix),
                let value = PercentEncoding.decode(part.dropFirst(segment.prefix.count).dropLast(segment.suffix.count)),
                !value.contains("/"), !value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
            else { return nil }
            values[name] = value
        }
        return values
    }
}

/// RFC 3986, section 2.1.
enum PercentEncoding {
    /// - Returns: `nil` for what is not UTF-8 or not well formed.
    static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
