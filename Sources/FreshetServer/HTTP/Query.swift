import FreshetCore

/// What stands after the question mark; a name that is there twice is refused.
package struct Query: Sendable {
    private let values: [String: String]

    /// How many characters a value may have; those that are not named here may have as many as a key.
    private static let longest = [
        "q": 200, "selection": 4096, "topics": 2048, "next": 2048,
        // What an identity provider sends back.
        "code": 8192, "state": 2048, "iss": 2048, "error_description": 4096,
    ]
    private static let keyLength = 512

    init(_ text: String?) throws(Problem) {
        var values: [String: String] = [:]
        for pair in (text ?? "").split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(halves[0], plusIsSpace: true),
                let value = PercentEncoding.decode(halves.count > 1 ? halves[1] : "", plusIsSpace: true)
            else { throw Problem(.badRequest, "The query is not well formed: '\(pair)'.") }
            let limit = Self.longest[name] ?? Self.keyLength
            guard value.unicodeScalars.count <= limit else { throw .bad(name, "has more than \(limit) characters") }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .bad(name, "is there twice")
            }
        }
        self.values = values
    }

    package subscript(name: String) -> String? { values[name] }

    func integer(_ name: String, in range: ClosedRange<Int64>, default other: Int64) throws(Problem) -> Int64 {
        guard let text = values[name] else { return other }
        guard let number = Int64(text), range.contains(number) else {
            throw .bad(name, "has to be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func boolean(_ name: String) throws(Problem) -> Bool {
        switch values[name] {
        case nil, "false": return false
        case "true": return true
        default: throw .bad(name, "has to be true or false")
        }
    }

    func time(_ name: String) throws(Problem) -> Timestamp? {
        guard let text = values[name] else { return nil }
        guard let moment = Timestamp(iso8601: text) else {
            throw .bad(name, "is not a time such as 2026-05-04T07:30:00Z")
        }
        return moment
    }

    /// One of a closed list of words.
    func word<Value: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Value.Type = Value.self
    ) throws(Problem) -> Value? {
        guard let text = values[name] else { return nil }
        guard let value = Value(rawValue: text) else {
            throw .bad(name, "has to be one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    /// How many rows a page has.
    func limit() throws(Problem) -> Int { Int(try integer("limit", in: 1...1000, default: 50)) }
}

/// The members of a body.
struct Members {
    private let values: [String: JSONValue]

    init(_ values: [String: JSONValue]) { self.values = values }

    var document: JSONValue { .object(values) }
    var names: Set<String> { Set(values.keys) }

    func text(_ name: String, atMost limit: Int = 4096) throws(Problem) -> String {
        guard let text = try optionalText(name, atMost: limit) else { throw .bad("/\(name)", "has to be a text") }
        return text
    }

    func optionalText(_ name: String, atMost limit: Int = 4096) throws(Problem) -> String? {
        switch values[name] {
        case nil, .null: return nil
        case .text(let text) where text.unicodeScalars.count <= limit: return text
        case .text: throw .bad("/\(name)", "has more than \(limit) characters")
        default: throw .bad("/\(name)", "has to be a text")
        }
    }

    /// - Throws: ``Problem`` when one of the members is there and is null.
    func refuseNull(_ names: String...) throws(Problem) {
        for name in names where values[name] == .null { throw .bad("/\(name)", "is null; leave it out, or name one") }
    }

    func boolean(_ name: String, default other: Bool? = nil) throws(Problem) -> Bool {
        switch values[name] {
        case .boolean(let value): return value
        case nil where other != nil: return other == true
        default: throw .bad("/\(name)", "has to be true or false")
        }
    }

    func texts(_ name: String) throws(Problem) -> [String]? {
        guard let value = values[name], value != .null else { return nil }
        let texts = value.list?.compactMap(\.text)
        guard let texts, texts.count == value.list?.count else { throw .bad("/\(name)", "has to be a list of texts") }
        return texts
    }
}
