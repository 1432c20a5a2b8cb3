import FreshetCore

extension StepFailure {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "code": .text(code.rawValue), "details": details, "message": .text(message), "retry": .text(retry.rawValue),
        ]
        members["not_before"] = notBefore.map { .integer($0.milliseconds) }
        return .object(members)
    }

    init(json: JSONValue) throws(CodecError) {
        self.init(
            try FailureCode(word: try json.requiredText("code", of: "failure")),
            try RetryClass(word: try json.requiredText("retry", of: "failure")),
            message: try json.requiredText("message", of: "failure"),
            details: json["details"] ?? .null,
            notBefore: json["not_before"]?.integer.map { Timestamp(milliseconds: $0) }
        )
    }
}

extension Extent {
    /// The parts as a JSON list in order; `nil` for the whole.
    var column: String? {
        switch self {
        case .whole: nil
        case .parts(let parts): NameList.write(parts.sorted())
        }
    }

    init(column: String?) throws(CodecError) {
        guard let column else {
            self = .whole
            return
        }
        self = .parts(Set(try NameList.read(column)))
    }
}

/// A document beside the columns, such as the details of a step.
enum Details {
    static let none = JSONValue.object([:])

    static func write(_ details: JSONValue) -> String { details == none ? "{}" : JSONText.write(details) }

    static func read(_ text: String) throws(CodecError) -> JSONValue {
        text == "{}" ? none : try JSONText.parse(text)
    }
}
