import Foundation
import FreshetCore
import FreshetKit
import Synchronization
import Testing

@testable import FreshetConnectors

/// Surroundings in which nothing but the secrets matters.
enum SQLFixture {
    static func surroundings(root: String = "/", variables: [String: String] = [:]) -> Surroundings {
        let redactor = Redactor()
        return Surroundings(
            transport: NoTransport(),
            secrets: ProcessSecrets(root: root, redactor: redactor) { variables[$0] },
            redactor: redactor,
            clock: SystemClock(),
            chance: { 0.5 },
            root: root
        )
    }

    /// `fields` as a file would state them, one a line, in a file of that name.
    static func settings(_ fields: [(String, ConfigValue.Content)]) -> Settings {
        let entries = fields.enumerated().map { index, field in
            let origin = Origin(file: "assets/a.yaml", line: index + 1, column: 10)
            var content = field.1
            if case .list(let items) = content {
                content = .list(
                    items.enumerated().map { position, item in
                        ConfigValue(item.content, at: Origin(file: "assets/a.yaml", line: index + 1, column: 20 + position))
                    }
                )
            }
            return ConfigValue.Entry(key: field.0, keyOrigin: origin, value: ConfigValue(content, at: origin))
        }
        return Settings(ConfigValue(.object(entries), at: Origin(file: "assets/a.yaml")))
    }

    static func texts(_ texts: [String]) -> ConfigValue.Content {
        .list(texts.map { ConfigValue(.text($0), at: Origin(file: "")) })
    }

    static func probe(
        _ table: String,
        change: [String]? = nil,
        dataTime: String? = nil,
        timeout: String? = nil
    ) throws(Diagnostic) -> SQLTableProbe {
        var fields: [(String, ConfigValue.Content)] = [("connection", .text("warehouse")), ("table", .text(table))]
        if let change { fields.append(("change", texts(change))) }
        if let dataTime { fields.append(("data_time", .text(dataTime))) }
        if let timeout { fields.append(("timeout", .text(timeout))) }
        return try SQLTableProbe(from: settings(fields))
    }

    static func context(
        _ connection: any FreshetKit.Connection,
        _ surroundings: Surroundings = SQLFixture.surroundings()
    ) -> ProbeContext {
        ProbeContext(
            connections: Connections(["warehouse": connection]),
            surroundings: surroundings,
            deadline: surroundings.clock.now + .seconds(60)
        )
    }
}

extension SQLTableProbe {
    func observe(in context: ProbeContext) async throws -> Observation {
        try await observe(AssetKey("warehouse/table"), in: context)
    }
}

extension Observation {
    /// The fingerprint, when there is one.
    var fingerprint: String? { if case .known(let version) = version { version.fingerprint } else { nil } }
}

private struct NoTransport: HTTPTransport {
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        preconditionFailure("no test of a database sends HTTP")
    }
}
