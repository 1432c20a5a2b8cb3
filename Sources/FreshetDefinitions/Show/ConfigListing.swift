internal import FreshetCore
package import FreshetKit

/// Every effective setting of an asset with its origin, for `freshet config show --origin`.
package struct ConfigListing: Sendable {
    package struct Row: Hashable, Sendable {
        /// Such as `refresh.tables.fct_sales.from`; a name with a dot or a space stands in quotation marks.
        package var path: String
        /// As it would be written; a secret shows as its reference.
        package var value: String
        /// Where it is stated; `nil` for what nobody stated.
        package var origin: Origin?

        /// `asset`, `environment`, `defaults`, `source`, or `built in`; `project` for what a connection itself states.
        package var layer: String
    }

    /// By path within each object, in the order of the layers.
    package private(set) var rows: [Row] = []

    /// The settings of an asset.
    package init(_ asset: AssetDefinition, catalog: Catalog) {
        let table = KindTable(catalog, sourced: [(asset.spec.labels.kind, [])])
        add(asset.settings.value.entries, table[asset.spec.labels.kind]?.fields ?? [], under: "")
    }

    /// The settings of a connection.
    package init(_ connection: ConnectionDefinition) {
        self.init(connection.settings, [ProjectFields.connectionKind] + connection.type.fields)
    }

    /// The settings of a backend of secrets.
    package init(_ backend: SecretBackendDefinition) {
        self.init(backend.settings, ProjectFields.secretBackend + backend.type.fields)
    }

    /// What stands in `freshet.yaml` itself.
    private init(_ settings: Settings, _ fields: [Field]) {
        add(settings.value.entries, fields, under: "")
        for index in rows.indices where rows[index].layer == Origin.Layer.asset.rawValue {
            rows[index].layer = "project"
        }
    }

    private mutating func add(_ entries: [ConfigValue.Entry], _ fields: [Field], under prefix: String) {
        for entry in entries {
            let shape = fields.first { $0.name == entry.key }?.shape
            add(entry.value, shape, at: prefix + Self.quoted(entry.key))
        }
        for field in fields {
            guard let value = field.defaultValue, !entries.contains(where: { $0.key == field.name }) else { continue }
            rows.append(Row(path: prefix + field.name, value: value, origin: nil, layer: "built in"))
        }
    }

    private mutating func add(_ value: ConfigValue, _ shape: Shape?, at path: String) {
        switch value.content {
        case .object(let entries) where !entries.isEmpty:
            add(entries, shape?.fields(of: entries) ?? [], under: path + ".")
        case .list(let items) where items.contains(where: { $0.scalarText == nil }):
            for (index, item) in items.enumerated() { add(item, shape?.item, at: "\(path)[\(index)]") }
        default:
            rows.append(Row(path: path, value: value.line, origin: value.origin, layer: value.origin.layer.rawValue))
        }
    }

    private static func quoted(_ name: String) -> String {
        name.contains { $0 == "." || $0 == " " || $0 == "[" } ? "\"\(name)\"" : name
    }
}

extension Shape {
    /// The declared fields of an object of this shape; those of a map's values where it is one.
    fileprivate func fields(of entries: [ConfigValue.Entry]) -> [Field] {
        switch self {
        case .object(let fields): fields
        case .map(let value): entries.map { Field($0.key, value, "") }
        case .oneOrMore(let item): item.fields(of: entries)
        case .anyOf(let shapes): shapes.lazy.map { $0.fields(of: entries) }.first { !$0.isEmpty } ?? []
        default: []
        }
    }

    fileprivate var item: Shape? {
        switch self {
        case .list(let item), .oneOrMore(let item): item
        case .anyOf(let shapes): shapes.lazy.compactMap(\.item).first
        default: nil
        }
    }
}

extension ConfigValue {
    /// The value in one line.
    fileprivate var line: String {
        switch content {
        case .list(let items): "[" + items.map(\.line).joined(separator: ", ") + "]"
        case .object(let entries): "{" + entries.map { "\($0.key): \($0.value.line)" }.joined(separator: ", ") + "}"
        default: scalarText ?? "null"
        }
    }
}
