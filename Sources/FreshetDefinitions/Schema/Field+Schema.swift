internal import FreshetCore
internal import FreshetKit

extension Field {
    /// The schema of the value, with what editors show beside it.
    var schema: JSONValue {
        var members = shape.schema(inList: false).object ?? [:]
        members["description"] = .text(summary)
        if let defaultValue { members["default"] = .text(defaultValue) }
        return .object(members)
    }
}

extension Shape {
    /// A scalar is taken as its text where a text is expected, so `model: 2024` is right.
    private static let texts: JSONValue = ["string", "number", "boolean"]
    /// What a number or a boolean may be instead.
    private static let variable: JSONValue = ["type": "string", "pattern": "^\\$\\{var:[^}]+\\}$"]

    /// The schema of a value; lists are not merged between layers, so what is required in one has to stand there.
    func schema(inList isInList: Bool) -> JSONValue {
        switch self {
        case .text, .assetKey, .condition, .connection, .pool: ["type": Self.texts]
        case .secret: ["type": "string", "pattern": "\\$\\{(secret|var):"]
        case .boolean: ["anyOf": [["type": "boolean"], Self.variable]]
        case .integer(let range):
            [
                "anyOf": [
                    Self.numeric("integer", .integer(Int64(range.lowerBound)), .integer(Int64(range.upperBound))),
                    Self.variable,
                ]
            ]
        case .number(let range):
            ["anyOf": [Self.numeric("number", .number(range.lowerBound), .number(range.upperBound)), Self.variable]]
        case .duration:
            ["type": "string", "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d) *)+$|\\$\\{var:"]
        case .choice(let words): ["anyOf": [["enum": .list(words.map { .text($0) })], Self.variable]]
        case .list(let item): ["type": "array", "items": item.schema(inList: true)]
        case .oneOrMore(let item):
            ["anyOf": [item.schema(inList: isInList), ["type": "array", "items": item.schema(inList: true)]]]
        case .map(let value): ["type": "object", "additionalProperties": value.schema(inList: isInList)]
        case .object(let fields):
            JSONSchema.object(
                JSONSchema.properties(fields),
                required: isInList ? fields.filter(\.isRequired).map(\.name) : []
            )
        case .anyOf(let shapes): ["anyOf": .list(shapes.map { $0.schema(inList: isInList) })]
        }
    }

    private static func numeric(_ type: String, _ least: JSONValue, _ greatest: JSONValue) -> JSONValue {
        ["type": .text(type), "minimum": least, "maximum": greatest]
    }
}
