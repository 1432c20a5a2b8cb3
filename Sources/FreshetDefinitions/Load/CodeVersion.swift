internal import FreshetCore
internal import FreshetKit

/// A hash of what alters an asset's work: its kind and the settings whose fields say so.
///
/// Settings count as they are effective, with variables replaced and secrets not. The order of keys, and a value that
/// is stated though it is the default, make no difference; a duration counts by its length.
struct CodeVersion {
    private var hash = Fingerprint()

    static func of(kind: String, _ settings: ConfigValue, fields: [Field], code: String = "") -> String {
        var version = CodeVersion()
        version.hash.add(kind)
        version.add(settings.entries, fields)
        if !code.isEmpty { version.hash.add("code " + code) }
        return version.hash.hexadecimal
    }

    private mutating func add(_ entries: [ConfigValue.Entry], _ fields: [Field]) {
        let counted = entries.compactMap { entry -> (entry: ConfigValue.Entry, shape: Shape)? in
            guard let field = fields.first(where: { $0.name == entry.key }), field.altersWork else { return nil }
            if let text = entry.value.scalarText, text == field.defaultValue { return nil }
            return (entry, field.shape)
        }
        hash.add("object \(counted.count)")
        for (entry, shape) in counted.sorted(by: { $0.entry.key < $1.entry.key }) {
            hash.add(entry.key)
            add(entry.value, shape)
        }
    }

    private mutating func add(_ value: ConfigValue, _ shape: Shape) {
        switch (shape, value.content) {
        case (.anyOf(let shapes), _):
            add(value, shapes.first { $0.couldHold(value) } ?? .text)
        case (.oneOrMore(let item), .list(let items)), (.list(let item), .list(let items)):
            hash.add("list \(items.count)")
            for each in items { add(each, item) }
        case (.oneOrMore(let item), _):
            hash.add("list 1")
            add(value, item)
        case (.object(let fields), .object(let entries)):
            add(entries, fields)
        case (.map(let item), .object(let entries)):
            hash.add("map \(entries.count)")
            for entry in entries.sorted(by: { $0.key < $1.key }) {
                hash.add(entry.key)
                add(entry.value, item)
            }
        case (.duration, .text(let text)):
            hash.add("duration \(Duration(parsing: text)?.inMilliseconds ?? 0)")
        default:
            hash.add("value")
            hash.add(value.scalarText ?? "")
        }
    }
}

extension Shape {
    /// Whether a decoded value can have come from this shape, by its outward form.
    fileprivate func couldHold(_ value: ConfigValue) -> Bool {
        switch (self, value.content) {
        case (.object, .object), (.map, .object), (.list, .list), (.oneOrMore, _): true
        case (.object, _), (.map, _), (.list, _), (_, .object), (_, .list): false
        case (.boolean, .boolean): true
        case (.boolean, _), (_, .boolean): false
        case (.duration, .text(let text)): Duration(parsing: text) != nil
        default: true
        }
    }
}

extension ConfigValue {
    /// A single value as it would be written; `nil` for lists, objects and nothing.
    var scalarText: String? {
        switch content {
        case .boolean(let value): String(value)
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .text(let value): value
        case .null, .list, .object: nil
        }
    }
}
