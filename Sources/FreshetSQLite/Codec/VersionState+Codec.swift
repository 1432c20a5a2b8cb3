import FreshetCore

/// The state of a version as two columns: a word, and the version where it is known.
struct VersionColumns: Hashable {
    var state: String
    var version: String?

    init(state: String, version: String?) {
        self.state = state
        self.version = version
    }

    init(_ value: VersionState) {
        switch value {
        case .missing: self.init(state: "missing", version: nil)
        case .absent: self.init(state: "absent", version: nil)
        case .unknown: self.init(state: "unknown", version: nil)
        case .known(let version): self.init(state: "known", version: version.fingerprint)
        case .undecided: self.init(state: "undecided", version: nil)
        }
    }

    func value() throws(CodecError) -> VersionState {
        switch (state, version) {
        case ("missing", _): return .missing
        case ("absent", _): return .absent
        case ("unknown", _): return .unknown
        case ("known", let version?): return .known(DataVersion(version))
        case ("known", nil): throw .malformed(state, of: "version")
        case ("undecided", _): return .undecided
        default: throw .unknownWord(state, of: "version")
        }
    }
}

/// The values of an observation, by name, as a JSON object.
enum ObservedValues {
    static func write(_ values: [String: ObservedValue]) -> String {
        values.isEmpty ? "{}" : JSONText.write(json(values))
    }

    static func json(_ values: [String: ObservedValue]) -> JSONValue {
        let members = values.mapValues { value -> JSONValue in
            switch value {
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .text(let value): .text(value)
            }
        }
        return .object(members)
    }

    static func read(_ text: String) throws(CodecError) -> [String: ObservedValue] {
        if text == "{}" { return [:] }
        return try read(JSONText.parse(text))
    }

    static func read(_ json: JSONValue) throws(CodecError) -> [String: ObservedValue] {
        guard let members = json.object else { throw json.malformed("values") }
        var values: [String: ObservedValue] = [:]
        for (name, value) in members {
            switch value {
            case .integer(let value): values[name] = .integer(value)
            case .number(let value): values[name] = .number(value)
            case .text(let value): values[name] = .text(value)
            case .null: values[name] = .number(.nan)
            case .boolean, .list, .object: throw json.malformed("values")
            }
        }
        return values
    }
}
