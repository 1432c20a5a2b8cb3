internal import FreshetCore

/// A JSON object as the service writes it: the case of its keys differs from its own documentation, and numbers come
/// as texts now and then.
struct WireObject {
    private let members: [String: JSONValue]

    init?(_ value: JSONValue?) {
        guard let members = value?.object else { return nil }
        self.members = members
    }

    /// - Returns: `nil` for anything that is not one JSON object, such as a sign-in page or half a body.
    init?(parsing body: [UInt8]) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = body.starts(with: mark) ? body.dropFirst(mark.count) : body[...]
        self.init(WireJSON.parse(text))
    }

    subscript(key: String) -> JSONValue? {
        let wanted = key.lowercased()
        let found = Set(members.lazy.filter { $0.key.lowercased() == wanted }.map(\.value))
        // Two that differ say nothing about either.
        return found.count == 1 ? found.first : nil
    }

    func text(_ key: String) -> String? {
        switch self[key] {
        case .text(let text): text
        case .integer(let number): String(number)
        default: nil
        }
    }

    func integer(_ key: String) -> Int? {
        guard let value = self[key] else { return nil }
        return value.integer.flatMap { Int(exactly: $0) } ?? value.text.flatMap { Int($0) }
    }

    func time(_ key: String) -> Timestamp? { self[key]?.text.flatMap(PowerBITime.parse) }
    func object(_ key: String) -> WireObject? { WireObject(self[key]) }
    /// The objects of a list; `nil` when there is no list.
    func objects(_ key: String) -> [WireObject]? { self[key]?.list?.compactMap { WireObject($0) } }
    func boolean(_ key: String) -> Bool? { self[key]?.boolean ?? self[key]?.text.flatMap { Bool($0.lowercased()) } }
    func texts(_ key: String) -> [String]? { self[key]?.list?.compactMap(\.text) }
}
