internal import FreshetCore
private import FreshetKit

/// What a guest wants people to know, by name: values with a type.
struct PipesMetadata: Equatable {
    struct Value: Equatable {
        /// As the guest stated it; `__infer__` is replaced by what it means.
        var type: String
        var raw: JSONValue
    }

    private(set) var values: [String: Value] = [:]

    init(_ value: JSONValue?) {
        for (name, member) in value?.object ?? [:] {
            guard let object = member.object, let type = object["type"]?.text, object["raw_value"] != nil else {
                values[name] = Value(type: Self.inferred(member), raw: member)
                continue
            }
            let raw = object["raw_value"] ?? .null
            values[name] = Value(type: type == "__infer__" ? Self.inferred(raw) : type, raw: raw)
        }
    }

    private static func inferred(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .boolean: "bool"
        case .integer: "int"
        case .number: "float"
        case .text: "text"
        case .list, .object: "json"
        }
    }

    /// The values by name, and under `metadata_types` the types of those that their values do not tell.
    var details: JSONValue {
        var members = values.mapValues(\.raw)
        let types = values.filter { $0.value.type != Self.inferred($0.value.raw) }
        if !types.isEmpty { members["metadata_types"] = .object(types.mapValues { .text($0.type) }) }
        return .object(members)
    }

    /// The short ones, in one line.
    var line: String {
        values.sorted { $0.key < $1.key }.compactMap { name, value -> String? in
            switch value.raw {
            case .boolean, .integer, .number: "\(name) \(value.raw.serialized())"
            case .text(let text) where text.count <= 200: "\(name) \(text)"
            default: nil
            }
        }.joined(separator: ", ")
    }

    /// Numbers and short texts, as evidence and for conditions; `dagster/row_count` is called `row_count`.
    var observed: [String: ObservedValue] {
        var found: [String: ObservedValue] = [:]
        for (name, value) in values {
            let name = name.hasPrefix("dagster/") ? String(name.dropFirst("dagster/".count)) : name
            switch value.raw {
            case .integer(let number): found[name] = .integer(number)
            case .number(let number): found[name] = .number(number)
            case .text(let text) where text.utf8.count <= 500: found[name] = .text(text)
            default: break
            }
        }
        return found
    }

    /// When the data was last updated, where the guest says it by the usual name.
    var lastUpdated: Timestamp? {
        guard let seconds = values["dagster/last_updated_timestamp"]?.raw.number, abs(seconds) < 1e12 else {
            return nil
        }
        return Timestamp(milliseconds: Int64(seconds * 1000))
    }
}
