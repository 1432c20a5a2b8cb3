import FreshetCore

// Reading the members of an object that stands for a value of Core.
extension JSONValue {
    /// An object of those members that have a value.
    init(members: [(String, JSONValue?)]) {
        var object: [String: JSONValue] = [:]
        for (name, value) in members { object[name] = value }
        self = .object(object)
    }

    func malformed(_ type: String) -> CodecError { .malformed(String(JSONText.write(self).prefix(80)), of: type) }

    func requiredText(_ name: String, of type: String) throws(CodecError) -> String {
        guard let text = self[name]?.text else { throw malformed(type) }
        return text
    }

    /// The text of a member, or `nil` when there is none.
    func optionalText(_ name: String, of type: String) throws(CodecError) -> String? {
        guard let member = self[name] else { return nil }
        guard let text = member.text else { throw malformed(type) }
        return text
    }

    func optionalTimestamp(_ name: String, of type: String) throws(CodecError) -> Timestamp? {
        guard let member = self[name] else { return nil }
        guard case .integer(let milliseconds) = member else { throw malformed(type) }
        return Timestamp(milliseconds: milliseconds)
    }

    func elements(of type: String) throws(CodecError) -> [JSONValue] {
        guard let list else { throw malformed(type) }
        return list
    }
}

/// Lists of names, such as the targets of a trigger.
enum NameList {
    static func write(_ names: some Sequence<String>) -> String { JSONText.write(.list(names.map { .text($0) })) }

    static func read(_ text: String) throws(CodecError) -> [String] {
        var names: [String] = []
        let json = try JSONText.parse(text)
        for element in try json.elements(of: "names") {
            guard let name = element.text else { throw json.malformed("names") }
            names.append(name)
        }
        return names
    }

    static func readKeys(_ text: String) throws(CodecError) -> [AssetKey] { try read(text).map { AssetKey($0) } }
}

/// Texts by name, such as the tags of a run.
enum TagList {
    static func write(_ tags: [String: String]) -> String { JSONText.write(.object(tags.mapValues { .text($0) })) }

    static func read(_ text: String) throws(CodecError) -> [String: String] {
        let json = try JSONText.parse(text)
        guard let members = json.object else { throw json.malformed("tags") }
        var tags: [String: String] = [:]
        for (name, value) in members {
            guard let value = value.text else { throw json.malformed("tags") }
            tags[name] = value
        }
        return tags
    }
}
