internal import FreshetCore
private import FreshetKit

/// Everything that a guest has said, in its order; and what it may not say.
///
/// A value that messages are put into one by one: no file, clock or process is touched here.
///
/// - SeeAlso: the library dagster-pipes, protocol version 0.1.
struct PipesReport: Equatable {
    /// What a guest says of an asset that it made or looked at.
    struct AssetReport: Equatable {
        var version: String?
        var metadata: PipesMetadata
        /// What else an observation may hold, such as its health and a message.
        var extension_: JSONValue = .object([:])
    }

    struct Check: Equatable {
        var asset: String
        var result: CheckResult
    }

    /// What has to be told at once, as far as the message asks for that.
    enum Effect: Equatable {
        case log(LogLine.Level, String)
        case progress(name: String, status: SubStepStatus, message: String?, details: JSONValue)
    }

    static let versionKey = "__dagster_pipes_version"
    private static let knownVersion = "0.1"

    private(set) var isOpened = false
    private(set) var isClosed = false
    private(set) var exception: GuestException?
    private(set) var materializations: [String: AssetReport] = [:]
    private(set) var observations: [String: AssetReport] = [:]
    /// Assets that a sensor says there are, with what it says of each.
    private(set) var assets: [String: JSONValue] = [:]
    private(set) var checks: [Check] = []
    /// Why nothing had to be done, by asset.
    private(set) var skips: [String: String] = [:]
    private(set) var cursor: String?
    private(set) var customMessages: [JSONValue] = []
    /// What makes the whole report worthless, such as an asset that was reported twice.
    private(set) var faults: [String] = []

    /// Takes one line of the messages.
    mutating func take(line: String) -> [Effect] {
        guard !line.isEmpty else { return [] }
        guard let message = PipesJSON.parse(line), let version = message[Self.versionKey] else {
            return [.log(.warning, "a line among the messages is no message: \(line.prefix(200))")]
        }
        var effects = take(message)
        if version.text != Self.knownVersion, !isVersionTold {
            isVersionTold = true
            effects.insert(
                .log(.warning, "the program speaks version \(version.serialized()) of the protocol, not 0.1"),
                at: 0
            )
        }
        return effects
    }
    private var isVersionTold = false

    /// Takes a message.
    mutating func take(_ message: JSONValue) -> [Effect] {
        let parameters = message["params"] ?? .null
        let method = message["method"]?.text ?? ""
        var effects: [Effect] = []
        if isClosed, method != "log_external_stream" {
            effects.append(.log(.warning, "the message '\(method)' came after the last"))
        }
        switch method {
        case "opened": isOpened = true
        case "closed":
            isClosed = true
            if let exception = parameters["exception"], exception != .null {
                self.exception = GuestException(exception)
            }
        case "log":
            effects.append(.log(Self.level(parameters["level"]?.text), parameters["message"]?.text ?? ""))
        case "report_asset_materialization": effects += materialized(parameters)
        case "report_asset_check": effects += checked(parameters)
        case "report_custom_message": effects += custom(parameters["payload"] ?? .null)
        case "log_external_stream":
            let level: LogLine.Level = parameters["stream"]?.text == "stderr" ? .warning : .info
            let text = parameters["text"]?.text ?? ""
            effects += text.split(separator: "\n").map { .log(level, String($0)) }
        default: effects.append(.log(.warning, "the message '\(method)' is not known and was left out"))
        }
        return effects
    }

    private mutating func materialized(_ parameters: JSONValue) -> [Effect] {
        guard let asset = parameters["asset_key"]?.text else { return fault("a materialization names no asset") }
        guard materializations[asset] == nil else { return fault("'\(asset)' was reported as materialized twice") }
        materializations[asset] = AssetReport(
            version: Self.version(parameters["data_version"]),
            metadata: PipesMetadata(parameters["metadata"])
        )
        return []
    }

    private mutating func checked(_ parameters: JSONValue) -> [Effect] {
        guard let asset = parameters["asset_key"]?.text, let name = parameters["check_name"]?.text,
            let isPassed = parameters["passed"]?.boolean
        else { return fault("a check result lacks its asset, its name or whether it passed") }
        let metadata = PipesMetadata(parameters["metadata"])
        let word = parameters["severity"]?.text
        let result = CheckResult(
            name: name,
            severity: word == "WARN" ? .warn : .error,
            isPassed: isPassed,
            message: metadata.line,
            details: metadata.details
        )
        checks.append(Check(asset: asset, result: result))
        if let word, word != "WARN", word != "ERROR" {
            return [.log(.warning, "the check '\(name)' has the unknown severity '\(word)', which is taken for ERROR")]
        }
        return []
    }

    /// What Freshet understands beyond the protocol rides on messages that Dagster only collects.
    private mutating func custom(_ payload: JSONValue) -> [Effect] {
        customMessages.append(payload)
        guard payload["freshet"]?.integer == 1 else { return [] }
        let asset = payload["asset_key"]?.text ?? ""
        switch payload["op"]?.text ?? "" {
        case "skip": skips[asset] = payload["reason"]?.text ?? "nothing had to be done"
        case "observe":
            guard observations[asset] == nil else { return fault("'\(asset)' was reported as observed twice") }
            observations[asset] = AssetReport(
                version: Self.version(payload["data_version"]),
                metadata: PipesMetadata(payload["metadata"]),
                extension_: payload
            )
        case "asset": assets[asset] = payload
        case "cursor": cursor = Self.version(payload["value"])
        case "progress":
            let status = SubStepStatus(rawValue: payload["status"]?.text ?? "running") ?? .running
            var details = payload.object ?? [:]
            for name in ["freshet", "op", "name", "status", "message"] { details[name] = nil }
            let name = payload["name"]?.text ?? "progress"
            return [.progress(name: name, status: status, message: payload["message"]?.text, details: .object(details))]
        case let word: return [.log(.warning, "the custom message of Freshet's with the op '\(word)' is not known")]
        }
        return []
    }

    private mutating func fault(_ text: String) -> [Effect] {
        faults.append(text)
        return [.log(.error, text)]
    }

    /// A version as a text; a number, or anything else that was given for one, as it is written.
    private static func version(_ value: JSONValue?) -> String? {
        switch value {
        case nil, .null: nil
        case .text(let text): text
        case .some(let other): other.serialized()
        }
    }

    private static func level(_ name: String?) -> LogLine.Level {
        switch name {
        case "DEBUG": .debug
        case "WARNING": .warning
        case "ERROR", "CRITICAL": .error
        default: .info
        }
    }
}

/// An exception that escaped from a guest.
struct GuestException: Equatable {
    var name: String?
    var message: String
    /// The innermost frame last; with those of what caused it.
    var details: JSONValue

    init(_ value: JSONValue) {
        name = value["name"]?.text
        let text = value["message"]?.text ?? "an exception without a message"
        message = text.split(separator: "\n").joined(separator: " ")
        details = Self.details(value, depth: 0)
    }

    /// As deep as a person would read.
    private static func details(_ value: JSONValue, depth: Int) -> JSONValue {
        var members: [String: JSONValue] = [:]
        members["name"] = value["name"].flatMap { $0 == .null ? nil : $0 }
        members["message"] = .text((value["message"]?.text ?? "").trimmingEnd)
        let frames = (value["stack"]?.list ?? []).compactMap(\.text)
        if !frames.isEmpty { members["stack"] = .list(frames.suffix(50).map { .text($0.trimmingEnd) }) }
        if depth < 8 {
            for inner in ["cause", "context"] {
                if let cause = value[inner], cause != .null { members[inner] = details(cause, depth: depth + 1) }
            }
        }
        return .object(members)
    }
}

extension String {
    fileprivate var trimmingEnd: String {
        var text = self
        while text.last?.isNewline == true { text.removeLast() }
        return text
    }
}
