internal import FreshetCore
internal import FreshetKit

/// A word of a plugin's command: text with `{field}` in it.
struct CommandWord {
    let text: String

    init(_ text: String) { self.text = text }

    /// The fields that it names.
    var fields: [String] { text.matches(of: /\{([a-z][a-z0-9_]*)\}/).map { String($0.output.1) } }

    /// The arguments that it stands for: none for a field that is not stated, several for a list.
    func arguments(_ values: [String: JSONValue], folder: String, isProgram: Bool) -> [String] {
        if let match = text.wholeMatch(of: /\{([a-z][a-z0-9_]*)\}/) {
            switch values[String(match.output.1)] {
            case nil, .null: return []
            case .list(let items): return items.map(Self.text)
            case .some(let value): return [Self.text(value)]
            }
        }
        let filled = text.replacing(/\{([a-z][a-z0-9_]*)\}/) { match in
            values[String(match.output.1)].map(Self.text) ?? ""
        }
        if filled.hasPrefix("./") { return [folder + filled.dropFirst(1)] }
        let isOwn = isProgram && filled.contains("/") && !filled.hasPrefix("/")
        return [isOwn ? "\(folder)/\(filled)" : filled]
    }

    private static func text(_ value: JSONValue) -> String { value.text ?? value.serialized() }
}

extension PluginEntry {
    /// What an asset of this kind states, with defaults and with paths made absolute, as the program is told it.
    func values(_ settings: Settings, root: String) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for each in fields {
            guard let value = settings.value[each.field.name] ?? each.defaultValue else { continue }
            values[each.field.name] = value.json { text in
                each.isPath && !text.hasPrefix("/") ? "\(root)/\(text)" : text
            }
        }
        return values
    }

    /// The paths that these fields state, absolute.
    func paths(of fields: [PluginField], _ settings: Settings, root: String) -> [String] {
        let values = values(settings, root: root)
        return fields.filter(\.isPath).flatMap { each in
            switch values[each.field.name] {
            case .text(let text): [text]
            case .list(let items): items.compactMap(\.text)
            case .object(let members): members.sorted { $0.key < $1.key }.compactMap(\.value.text)
            default: [] as [String]
            }
        }
    }

    /// A hash of the files that an asset names as code; empty where it names none.
    func code(_ settings: Settings, root: String) -> String {
        let paths = paths(of: fields.filter(\.isCode), settings, root: root)
        guard !paths.isEmpty else { return "" }
        var hash = Fingerprint()
        for path in paths { hash.add(PluginFolder.version(of: path)) }
        return hash.hexadecimal
    }
}

extension ConfigValue {
    /// The value as JSON, each text in it changed by `change`.
    func json(_ change: (String) -> String = { $0 }) -> JSONValue {
        switch content {
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .text(let text): .text(change(text))
        case .list(let items): .list(items.map { $0.json(change) })
        case .object(let entries):
            .object(Dictionary(entries.map { ($0.key, $0.value.json(change)) }) { first, _ in first })
        }
    }
}
