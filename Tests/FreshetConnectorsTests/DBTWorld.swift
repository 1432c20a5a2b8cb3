import Foundation
import FreshetCore
import FreshetKit
import Synchronization
import Testing

@testable import FreshetConnectors

/// A dbt project, the place where its files are put, and the engine that looks there.
final class DBTWorld: Sendable {
    static let manifestKey = "prod/manifest.json"
    static let resultsKey = "prod/run_results.json"

    let artifacts = DBTArtifacts()
    let source: DBTSource
    private let cursor = Mutex<String?>(nil)
    private let redactor = Redactor()

    private let connections: [String: any Connection]
    private let isHinted = Mutex(false)
    private let time: Mutex<Timestamp>

    init(
        source: DBTSource? = nil,
        connections: [String: any Connection] = [:],
        now: Timestamp = Timestamp(milliseconds: 0)
    ) throws {
        time = Mutex(now)
        self.source = try source ?? Self.source()
        self.connections = connections
    }

    /// A source that is stated as the project's file states it.
    static func source(stating yaml: [(String, ConfigValue)]) throws -> DBTSource {
        let origin = Origin(file: "freshet.yaml")
        let stated: [(String, ConfigValue)] = [
            ("connection", .init(.text("artifacts"), at: origin)), ("project", .init(.text("retail"), at: origin)),
            ("manifest", .init(.text(manifestKey), at: origin)),
        ]
        let own =
            yaml.contains { $0.0 == "run_results" } ? [] : [("run_results", ConfigValue(.text(resultsKey), at: origin))]
        let entries = (stated + own + yaml).map { ConfigValue.Entry(key: $0, keyOrigin: origin, value: $1) }
        return try DBTSource(from: Settings(ConfigValue(.object(entries), at: origin)))
    }

    /// Ticks as when a person asks.
    @discardableResult func tickForPerson() async throws -> SensorReading {
        isHinted.withLock { $0 = true }
        defer { isHinted.withLock { $0 = false } }
        return try await tick()
    }

    static func source(_ fields: [String: String] = [:]) throws -> DBTSource {
        let stated = [
            "connection": "artifacts", "project": "retail", "manifest": manifestKey, "run_results": resultsKey,
        ]
        let origin = Origin(file: "freshet.yaml")
        let entries = stated.merging(fields) { $1 }.map { key, value in
            ConfigValue.Entry(key: key, keyOrigin: origin, value: ConfigValue(.text(value), at: origin))
        }
        return try DBTSource(from: Settings(ConfigValue(.object(entries), at: origin)))
    }

    var cursorText: String? {
        get { cursor.withLock { $0 } }
        set { cursor.withLock { $0 = newValue } }
    }

    var now: Timestamp {
        get { time.withLock { $0 } }
        set { time.withLock { $0 = newValue } }
    }

    private var context: ProbeContext {
        let surroundings = Surroundings(
            transport: NoTransport(),
            secrets: NoSecrets(),
            redactor: redactor,
            clock: DBTClock(now: now),
            chance: { 0.5 },
            root: "/nowhere"
        )
        return ProbeContext(
            connections: Connections(connections.merging(["artifacts": artifacts]) { $1 }),
            surroundings: surroundings,
            deadline: now + .seconds(60),
            isHinted: isHinted.withLock { $0 }
        )
    }

    func learn(secret: String) { redactor.learn(secret) }

    /// Ticks, and commits the cursor as the engine does: only after success.
    @discardableResult func tick() async throws -> SensorReading {
        let reading = try await source.tick(SensorContext(cursor: cursorText, probe: context))
        cursorText = reading.cursor
        return reading
    }

    func discover() async throws -> [AssetSpec] { try await source.discover(context) }

    /// Puts the results of a run of dbt there.
    func run(_ invocation: String, which: String? = "build", version: String = "1.8.2", _ results: DBTRow...) {
        put(results, invocation, which, version, at: "2026-11-20T05:00:00.123456Z", in: Self.resultsKey)
    }

    /// Puts the results of a run in a file of its own.
    func run(_ invocation: String, in key: String, at time: String, which: String? = "build", _ results: DBTRow...) {
        put(results, invocation, which, "1.8.2", at: time, in: key)
    }

    private func put(
        _ results: [DBTRow],
        _ invocation: String,
        _ which: String?,
        _ version: String,
        at time: String,
        in key: String
    ) {
        let arguments = which.map { #"{"which": "\#($0)"}"# } ?? "{}"
        put(
            key,
            """
            {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
              "dbt_version": "\(version)", "generated_at": "\(time)", "invocation_id": "\(invocation)"},
             "args": \(arguments), "elapsed_time": 1.5, "results": [\(results.map(\.json).joined(separator: ","))]}
            """
        )
    }

    func manifest(
        adapter: String = "postgres",
        groups: String = "{}",
        sources: [String: String] = [:],
        exposures: [String: String] = [:],
        sections: [String: [String: String]] = [:],
        invocation: String? = nil,
        _ nodes: [String: String]
    ) {
        func object(_ members: [String: String]) -> String {
            "{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ",") + "}"
        }
        put(
            Self.manifestKey,
            """
            {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
              "invocation_id": \(invocation.map { "\"\($0)\"" } ?? "null"), "adapter_type": "\(adapter)"},
             "nodes": \(object(nodes)), "sources": \(object(sources)), "exposures": \(object(exposures)),
             \(sections.map { "\"\($0)\": \(object($1))," }.joined())
             "groups": \(groups), "macros": {}}
            """
        )
    }

    func put(_ key: String, _ text: String) { artifacts.put(key, Array(text.utf8)) }
}

/// One result of a run.
struct DBTRow {
    var id: String
    var status = "success"
    var message: String? = nil
    var response = "{}"
    /// The SQL that it was built from.
    var code: String? = nil

    var json: String {
        let message = self.message.map { $0.replacingOccurrences(of: "\n", with: "\\n") }.map { "\"\($0)\"" } ?? "null"
        let code = self.code.map { "\"compiled_code\": \"\($0)\", " } ?? ""
        return """
            {\(code)"unique_id": "\(id)", "status": "\(status)", "message": \(message), "adapter_response": \(response),
             "execution_time": 1.5, "timing": [
               {"name": "compile", "started_at": "2026-11-20T04:59:00Z", "completed_at": "2026-11-20T04:59:01Z"},
               {"name": "execute", "started_at": "2026-11-20T04:59:01Z", "completed_at": "2026-11-20T04:59:58.123456789Z"}]}
            """
    }

    static func built(_ id: String) -> DBTRow { DBTRow(id: id, message: "SELECT 10") }
    static func failed(_ id: String) -> DBTRow { DBTRow(id: id, status: "error", message: "Database Error") }
    static func noOp(_ id: String) -> DBTRow { DBTRow(id: id, message: "NO-OP") }
    static func skipped(_ id: String) -> DBTRow { DBTRow(id: id, status: "skipped") }

    static func rows(_ count: String, code: String = "MERGE", _ id: String) -> DBTRow {
        DBTRow(id: id, message: "\(code) \(count)", response: #"{"code": "\#(code)", "rows_affected": \#(count)}"#)
    }
}

/// A bucket in memory that counts what it sends.
final class DBTArtifacts: ArtifactStore {
    static let name = "s3"
    static let summary = "A bucket in memory."
    static let fields: [Field] = []
    static let examples: [String] = []
    static let etagStrength = Strength.exact

    private struct State {
        var documents: [String: (etag: String, bytes: [UInt8])] = [:]
        var puts = 0
        var sent: [String] = []
    }

    private let state = Mutex(State())

    init() {}
    init(from settings: Settings, in surroundings: Surroundings) throws(Diagnostic) {}

    /// The keys of the documents that were sent, in order.
    var sent: [String] { state.withLock { $0.sent } }

    func put(_ key: String, _ bytes: [UInt8]) {
        state.withLock {
            $0.puts += 1
            $0.documents[key] = ("\"\($0.puts)\"", bytes)
        }
    }

    func list(_ query: ArtifactQuery) async throws -> ArtifactListing {
        state.withLock { state in
            let fitting = state.documents.filter { $0.key.hasPrefix(query.prefix) }.sorted { $0.key < $1.key }
            let entries = fitting.map { key, document in
                ArtifactEntry(
                    key: key,
                    etag: document.etag,
                    size: Int64(document.bytes.count),
                    // As long as each other, so that they are in order as texts.
                    lastModified: String("0000000\(document.etag.filter(\.isNumber))".suffix(8))
                )
            }
            return ArtifactListing(entries, requests: 1)
        }
    }

    func remove(_ key: String) { state.withLock { _ = $0.documents.removeValue(forKey: key) } }

    func head(_ key: String) async throws -> ArtifactHead? {
        state.withLock { state in
            state.documents[key].map { ArtifactHead(etag: $0.etag, size: Int64($0.bytes.count)) }
        }
    }

    func get(_ key: String, ifNoneMatch etag: String?) async throws -> ArtifactAnswer {
        state.withLock { state in
            guard let document = state.documents[key] else { return .missing }
            guard document.etag != etag else { return .unchanged }
            state.sent.append(key)
            return .found(ArtifactHead(etag: document.etag, size: Int64(document.bytes.count)), document.bytes)
        }
    }
}

private struct NoTransport: HTTPTransport {
    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        preconditionFailure("nothing is sent in these tests")
    }
}

private struct NoSecrets: Secrets {
    func resolve(_ text: String) async throws(SecretError) -> String { text }
}

private struct DBTClock: EngineClock {
    let now: Timestamp
    func sleep(until moment: Timestamp) async throws {}
}

extension SensorReading {
    /// The observation of a node of the project `retail`.
    subscript(node: String) -> Observation? { observations[AssetKey("dbt/retail/\(node)")] }
}
