import FreshetCore

extension Cause {
    /// `{"code":"input_changed","input":"a/b","part":"t"}`; the part only if there is one.
    var json: JSONValue {
        let code = JSONValue.text(code)
        switch self {
        case .forced, .maxSkipPassed, .neverMaterialized:
            return .object(["code": code])
        case .scheduled(let slot), .shadowed(let slot):
            return .object(["code": code, "slot": .integer(slot.milliseconds)])
        case .codeChanged(let from, let to), .dayChanged(let from, let to):
            return .object(["code": code, "from": .text(from), "to": .text(to)])
        case .inputAdded(let input), .inputRemoved(let input), .inputChanged(let input), .inputUnverifiable(let input):
            return JSONValue(members: [("code", code)] + input.members)
        }
    }

    init(json: JSONValue) throws(CodecError) {
        let code = try json.requiredText("code", of: "cause")
        switch code {
        case "forced": self = .forced
        case "max_skip_passed": self = .maxSkipPassed
        case "day_changed":
            self = .dayChanged(
                from: try json.requiredText("from", of: "cause"),
                to: try json.requiredText("to", of: "cause")
            )
        case "scheduled", "shadowed":
            guard let slot = try json.optionalTimestamp("slot", of: "cause") else {
                throw .malformed(code, of: "cause")
            }
            self = code == "scheduled" ? .scheduled(slot) : .shadowed(slot)
        case "never_materialized": self = .neverMaterialized
        case "code_changed":
            self = .codeChanged(
                from: try json.requiredText("from", of: "cause"),
                to: try json.requiredText("to", of: "cause")
            )
        case "input_added": self = .inputAdded(try Input(json: json))
        case "input_removed": self = .inputRemoved(try Input(json: json))
        case "input_changed": self = .inputChanged(try Input(json: json))
        case "input_unverifiable": self = .inputUnverifiable(try Input(json: json))
        default: throw .unknownWord(code, of: "cause")
        }
    }

    static func write(_ causes: [Cause]) -> String {
        causes.isEmpty ? "[]" : JSONText.write(.list(causes.map(\.json)))
    }

    static func read(_ text: String) throws(CodecError) -> [Cause] {
        if text == "[]" { return [] }
        return try read(JSONText.parse(text))
    }

    static func read(_ json: JSONValue) throws(CodecError) -> [Cause] {
        var causes: [Cause] = []
        for element in try json.elements(of: "causes") { causes.append(try Cause(json: element)) }
        return causes
    }
}

extension Input {
    var members: [(String, JSONValue?)] {
        [("input", .text(key.path)), ("part", part.isEmpty ? nil : .text(part))]
    }

    init(json: JSONValue) throws(CodecError) {
        self.init(
            AssetKey(try json.requiredText("input", of: "input")),
            part: try json.optionalText("part", of: "input") ?? ""
        )
    }
}
