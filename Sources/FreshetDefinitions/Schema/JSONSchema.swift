package import FreshetCore
package import FreshetKit

/// The JSON Schema of the files of a project, for editors and for checks outside of Freshet.
///
/// It is made from the declarations that the decoder uses. It says what one file can look like: what turns on other
/// files (whether a name exists) or on layers (a required field may stand in the defaults) is for `freshet check`.
///
/// - SeeAlso: JSON Schema, draft 2020-12.
package enum JSONSchema {
    /// The schema of either file; `#/$defs/project` and `#/$defs/assetFile` are those of one.
    package static func document(catalog: Catalog) -> JSONValue {
        let table = KindTable(catalog)
        var definitions = definitions(of: table)
        definitions["project"] = project(catalog, table)
        definitions["assetFile"] = object(
            ["assets": ["type": ["array", "null"], "items": reference("asset")]],
            required: ["assets"]
        )
        for connection in catalog.connections {
            definitions["connection." + connection.name] = system(connection, common: [])
        }
        for backend in catalog.secretBackends {
            definitions["secrets." + backend.name] = system(backend, common: ProjectFields.secretBackend)
        }
        for source in catalog.sources { definitions["source." + source.name] = listed(source.fields, source.summary) }
        for source in catalog.hintSources { definitions["hint." + source.name] = listed(source) }
        return [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Freshet project files",
            "if": ["type": "object", "required": ["assets"]],
            "then": reference("assetFile"),
            "else": reference("project"),
            "$defs": .object(definitions),
        ]
    }

    // MARK: freshet.yaml

    private static func project(_ catalog: Catalog, _ table: KindTable) -> JSONValue {
        var members = properties(ProjectFields.all)
        for (name, system) in systems(catalog, isWhole: true) {
            members[name] = described(system, ProjectFields.all, name)
        }
        members["defaults"] = described(defaults(table), ProjectFields.all, "defaults")
        let sources = list(of: catalog.sources.map { $0.name }, "source.")
        members["sources"] = described(sources, ProjectFields.all, "sources")
        let hints = list(of: catalog.hintSources.map { $0.name }, "hint.")
        members["hints"] = described(hints, ProjectFields.all, "hints")

        var environment = properties(ProjectFields.environment)
        for (name, system) in systems(catalog, isWhole: false) {
            environment[name] = described(system, ProjectFields.environment, name)
        }
        environment["defaults"] = described(defaults(table), ProjectFields.environment, "defaults")
        let environments: JSONValue = [
            "type": "object",
            "additionalProperties": ["anyOf": [object(environment), ["type": "null"]]],
        ]
        members["environments"] = described(environments, ProjectFields.all, "environments")
        return object(members, required: ["project"])
    }

    /// Connections and backends of secrets, by the name of their section.
    private static func systems(_ catalog: Catalog, isWhole: Bool) -> [String: JSONValue] {
        let connections = choice(catalog.connections.map { $0.name }, "connection.", isWhole: isWhole)
        let backends = choice(catalog.secretBackends.map { $0.name }, "secrets.", isWhole: isWhole)
        return [
            "connections": ["type": "object", "additionalProperties": connections],
            "secrets": ["type": "object", "additionalProperties": backends],
        ]
    }

    private static func system(_ type: any Configurable.Type, common: [Field]) -> JSONValue {
        let kind: JSONValue = ["const": .text(type.name), "description": .text(type.summary)]
        return object(
            properties(common + type.fields).merging(["kind": kind]) { _, new in new },
            description: type.summary
        )
    }

    /// A mapping of one of these kinds; what an environment changes of one is not whole, and need not repeat the kind.
    private static func choice(_ kinds: [String], _ prefix: String, isWhole: Bool) -> JSONValue {
        let kinds = kinds.sorted()
        // An empty list of words, or of branches, is no schema.
        guard !kinds.isEmpty else { return false }
        let required: [JSONValue] = isWhole ? ["kind"] : []
        return [
            "type": "object",
            "properties": ["kind": ["enum": .list(kinds.map { .text($0) })]],
            "required": .list(required),
            "allOf": .list(kinds.map { branch(on: $0, to: prefix + $0) }),
        ]
    }

    private static func listed(_ type: any Configurable.Type) -> JSONValue { listed(type.fields, type.summary) }

    private static func listed(_ fields: [Field], _ summary: String) -> JSONValue {
        object(properties(fields), required: fields.filter(\.isRequired).map(\.name), description: summary)
    }

    /// A list of mappings with one key each, one of these kinds.
    private static func list(of kinds: [String], _ prefix: String) -> JSONValue {
        let members = kinds.map { kind in (kind, reference(prefix + kind)) }
        let item = object(Dictionary(members) { first, _ in first })
        return [
            "type": "array",
            "items": .object((item.object ?? [:]).merging(["maxProperties": 1, "minProperties": 1]) { $1 }),
        ]
    }

    private static func defaults(_ table: KindTable) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for name in table.names { members[name] = reference("asset." + name) }
        members[ProjectFields.allKinds] = reference("anyAsset")
        // A source's kinds of assets are known only once it is stated.
        return ["type": "object", "properties": .object(members), "additionalProperties": reference("anyAsset")]
    }

    // MARK: Assets

    private static func definitions(of table: KindTable) -> [String: JSONValue] {
        var definitions: [String: JSONValue] = [:]
        var common: [String: JSONValue] = [:]
        for role in CommonFields.Role.allCases {
            common.merge(properties(CommonFields.fields(for: role))) { first, _ in first }
        }
        definitions["anyAsset"] = ["type": "object", "properties": .object(common)]
        for name in table.names {
            guard let form = table[name] else { continue }
            definitions["asset." + name] = object(properties(form.fields), description: form.summary)
        }
        definitions["asset"] = [
            "type": "object",
            "properties": .object(common),
            "required": ["key"],
            "allOf": .list(table.names.map { branch(on: $0, to: "asset." + $0) }),
        ]
        return definitions
    }

    private static func branch(on kind: String, to definition: String) -> JSONValue {
        [
            "if": ["properties": ["kind": ["const": .text(kind)]], "required": ["kind"]],
            "then": reference(definition),
        ]
    }

    // MARK: Pieces

    static func reference(_ definition: String) -> JSONValue { ["$ref": .text("#/$defs/" + definition)] }

    static func properties(_ fields: [Field]) -> [String: JSONValue] {
        Dictionary(fields.map { ($0.name, $0.schema) }) { first, _ in first }
    }

    static func object(
        _ properties: [String: JSONValue],
        required: [String] = [],
        description: String? = nil
    ) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": "object", "properties": .object(properties), "additionalProperties": false,
        ]
        if !required.isEmpty { members["required"] = .list(required.sorted().map { .text($0) }) }
        if let description { members["description"] = .text(description) }
        return .object(members)
    }

    private static func described(_ schema: JSONValue, _ fields: [Field], _ name: String) -> JSONValue {
        let summary = fields.first { $0.name == name }?.summary ?? ""
        return .object((schema.object ?? [:]).merging(["description": .text(summary)]) { _, new in new })
    }
}

extension KindTable.Form {
    fileprivate var summary: String? {
        switch maker {
        case .kind(let recipe): recipe.summary
        case .probe(let recipe): recipe.summary
        case .source: nil
        case .branch: "Chooses which of the assets behind it are refreshed."
        }
    }
}
