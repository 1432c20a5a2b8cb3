import FreshetCore

extension Evidence {
    /// An object; what is absent, or is as it mostly is, is left out.
    var json: JSONValue {
        let now = VersionColumns(self.now)
        let members: [(String, JSONValue?)] = [
            ("cost", cost?.json),
            ("health", health == .ok ? nil : .text(health.rawValue)),
            ("message", message.map { .text($0) }),
            ("now", .text(now.state)),
            ("observed_at", observedAt.map { .integer($0.milliseconds) }),
            ("query", query.map { .text($0) }),
            ("signal", signal.isEmpty ? nil : .text(signal)),
            ("source", source.map { .text($0) }),
            ("strength", strength == .exact ? nil : .text(strength.rawValue)),
            ("then", then.map { .text($0.fingerprint) }),
            ("values", values.isEmpty ? nil : ObservedValues.json(values)),
            ("version", now.version.map { .text($0) }),
        ]
        return JSONValue(members: input.members + members)
    }

    init(json: JSONValue) throws(CodecError) {
        let type = "evidence"
        let now = VersionColumns(
            state: try json.requiredText("now", of: type),
            version: try json.optionalText("version", of: type)
        )
        self.init(
            input: try Input(json: json),
            then: try json.optionalText("then", of: type).map { DataVersion($0) },
            now: try now.value(),
            health: try Health(word: try json.optionalText("health", of: type) ?? Health.ok.rawValue),
            signal: try json.optionalText("signal", of: type) ?? "",
            strength: try Strength(word: try json.optionalText("strength", of: type) ?? Strength.exact.rawValue),
            observedAt: try json.optionalTimestamp("observed_at", of: type),
            message: try json.optionalText("message", of: type),
            values: try json["values"].map(ObservedValues.read) ?? [:],
            query: try json.optionalText("query", of: type),
            source: try json.optionalText("source", of: type),
            cost: try json["cost"].map(ProbeCost.init(json:))
        )
    }

    static func write(_ evidence: [Evidence]) -> String {
        evidence.isEmpty ? "[]" : JSONText.write(.list(evidence.map(\.json)))
    }

    static func read(_ text: String) throws(CodecError) -> [Evidence] {
        if text == "[]" { return [] }
        var evidence: [Evidence] = []
        for element in try JSONText.parse(text).elements(of: "evidence") {
            evidence.append(try Evidence(json: element))
        }
        return evidence
    }
}
