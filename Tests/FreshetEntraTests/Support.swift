import Foundation
import FreshetCore
import FreshetKit
import FreshetTesting
import Synchronization

@testable import FreshetEntra

/// A clock on which every sleep is over at once, and moves the time to its end.
final class LeapingClock: EngineClock {
    static let start = Timestamp(milliseconds: 1_767_225_600_000)  // 2026-01-01T00:00:00Z
    private let moment = Mutex(LeapingClock.start)

    var now: Timestamp { moment.withLock { $0 } }
    var elapsed: Duration { now - Self.start }
    func sleep(until moment: Timestamp) async throws { self.moment.withLock { $0 = max($0, moment) } }
    func advance(_ duration: Duration) { moment.withLock { $0 = $0 + duration } }
}

/// References are looked up in a table; what was forgotten is written down.
final class TableSecrets: Secrets {
    private struct State {
        var values: [String: String]
        var forgotten: [String] = []
        /// What a reference stands for once it was forgotten.
        var later: [String: String] = [:]
    }
    private let state: Mutex<State>
    private let variables: [String: String]

    init(_ values: [String: String] = [:], later: [String: String] = [:], variables: [String: String] = [:]) {
        state = Mutex(State(values: values, later: later))
        self.variables = variables
    }

    var forgotten: [String] { state.withLock { $0.forgotten } }

    func resolve(_ text: String) async throws(SecretError) -> String {
        if text.hasPrefix("${env:") { return variables[String(text.dropFirst(6).dropLast())] ?? "" }
        return state.withLock { $0.values[text] } ?? text
    }

    func forget(_ text: String) async {
        state.withLock { state in
            state.forgotten.append(text)
            if let value = state.later[text] { state.values[text] = value }
        }
    }

    func variable(_ name: String) -> String? { variables[name] }
}

/// Somebody who signs in, and the other side.
struct Scene {
    let transport = ScriptedTransport()
    let clock = LeapingClock()
    let redactor = Redactor()
    var secrets = TableSecrets()
    var root = "/nowhere"

    var surroundings: Surroundings {
        Surroundings(
            transport: transport,
            secrets: secrets,
            redactor: redactor,
            clock: clock,
            chance: { Double.random(in: 0..<1) },
            root: root
        )
    }

    func tokens(
        _ fields: KeyValuePairs<String, Stated>,
        scope: String = "https://resource.test/api/.default"
    ) throws -> TokenCache {
        try EntraAccess(from: settings(fields), in: surroundings).tokens(scope: scope)
    }

    func grant(_ body: String = #"{"access_token":"granted-token","expires_in":3600}"#) {
        transport.append(.expect("POST", "/token", status: 200, body: body))
    }

    func refuse(_ status: Int, _ body: String, headers: HTTPHeaders = [:]) {
        transport.append(.expect("POST", "/token", status: status, headers: headers, body: body))
    }

    /// The form of each request, decoded.
    var forms: [[String: String]] {
        transport.requests.map { request in
            var form: [String: String] = [:]
            for pair in String(decoding: request.body ?? [], as: UTF8.self).split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                form[String(parts[0])] = parts[1].removingPercentEncoding
            }
            return form
        }
    }
}

/// Each field on a line of its own, from the second on.
func settings(_ fields: KeyValuePairs<String, Stated>) -> Settings {
    let entries = fields.enumerated().map { index, field in
        let origin = Origin(file: "freshet.yaml", line: index + 2, column: 5)
        return ConfigValue.Entry(key: field.key, keyOrigin: origin, value: ConfigValue(field.value.content, at: origin))
    }
    return Settings(ConfigValue(.object(entries), at: Origin(file: "freshet.yaml", line: 1, column: 3)))
}

/// What may stand in a field.
enum Stated: ExpressibleByStringLiteral {
    case text(String)
    case object(KeyValuePairs<String, String>)

    init(stringLiteral value: String) { self = .text(value) }

    var content: ConfigValue.Content {
        switch self {
        case .text(let text): .text(text)
        case .object(let fields): .object(fields.enumerated().map { entry($1.key, $1.value, line: $0 + 20) })
        }
    }
}

func entry(_ key: String, _ text: String, line: Int = 2) -> ConfigValue.Entry {
    let origin = Origin(file: "freshet.yaml", line: line, column: 5)
    return ConfigValue.Entry(key: key, keyOrigin: origin, value: ConfigValue(.text(text), at: origin))
}

func temporaryFolder() throws -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fr-\(UUID().uuidString.prefix(8))").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
}
