import FreshetCore
import FreshetCurl
import FreshetEmulator
import FreshetKit
import Synchronization
import Testing

@testable import FreshetConnectors

/// An emulated workspace on a port of its own, and a client of it; the clocks are real, the waits a few milliseconds.
final class Workspace: Sendable {
    static let job = "Nightly load"

    let ready: EmulatorReadiness
    let transport: CurlTransport
    let log = MemoryLog()
    let stop = StopSignal()
    let secrets = ChangingSecrets()
    let redactor = Redactor()
    let parts = Mutex<[SubStep]>([])

    private init(_ ready: EmulatorReadiness) throws {
        self.ready = ready
        transport = try CurlTransport()
    }

    /// Runs an emulator for as long as `body` takes.
    static func run<Value: Sendable>(_ body: (Workspace) async throws -> Value) async throws -> Value {
        let (stream, announce) = AsyncStream.makeStream(of: EmulatorReadiness.self)
        let running = Task { try await Emulator.run(EmulatorOptions()) { announce.yield($0) } }
        defer { running.cancel() }
        var iterator = stream.makeAsyncIterator()
        let workspace = try Workspace(#require(await iterator.next()))
        try await workspace.control("databricks/jobs/582764910384756", ["duration": .number(0.05)])
        return try await body(workspace)
    }

    var surroundings: Surroundings {
        Surroundings(
            transport: transport,
            secrets: secrets,
            redactor: redactor,
            clock: SystemClock(),
            chance: { 0.5 },
            root: "/"
        )
    }

    func connection(_ fields: [String: JSONValue] = [:]) throws -> DatabricksConnection {
        var usual: [String: JSONValue] = [
            "host": .text(ready.url), "warehouse_id": .text(ready.databricks.warehouseID), "poll_interval": "20ms",
            "poll_max_interval": "40ms", "missing_grace": "200ms", "cancel_grace": "2s",
        ]
        if fields["client_id"] == nil, fields["token"] == nil { usual["token"] = .text(ready.databricks.token) }
        return try DatabricksConnection(
            from: settings(.object(usual.merging(fields) { _, given in given })),
            in: surroundings
        )
    }

    func principal() throws -> DatabricksConnection {
        try connection(["client_id": .text(ready.clientID), "client_secret": .text(ready.clientSecret)])
    }

    func step(
        _ connection: DatabricksConnection,
        attempt: Int = 1,
        timeout: Duration = .seconds(20),
        resuming: RemoteOperation? = nil,
        stop: StopSignal? = nil
    ) -> StepContext {
        StepContext(
            asset: "databricks/nightly",
            run: "run1",
            attempt: attempt,
            causes: [.forced],
            extent: .whole,
            deadline: SystemClock().now + timeout,
            resuming: resuming,
            connections: Connections(["lakehouse": connection]),
            surroundings: surroundings,
            operations: log,
            stop: stop ?? self.stop,
            report: { _ in },
            progress: { [self] part in parts.withLock { $0.append(part) } }
        )
    }

    func job(_ fields: [String: JSONValue] = [:]) throws -> DatabricksJob {
        let usual: [String: JSONValue] = ["connection": "lakehouse", "job": .text(Self.job)]
        return try DatabricksJob(from: settings(.object(usual.merging(fields) { _, given in given })))
    }

    /// One run of the job.
    func runJob(_ fields: [String: JSONValue] = [:], timeout: Duration = .seconds(20)) async throws -> StepOutcome {
        try await job(fields).materialize(step(connection(), timeout: timeout))
    }

    func context(
        _ connection: DatabricksConnection,
        after previous: Observation? = nil,
        within limit: Duration = .seconds(20)
    ) -> ProbeContext {
        ProbeContext(
            connections: Connections(["lakehouse": connection]),
            surroundings: surroundings,
            deadline: SystemClock().now + limit,
            previous: previous
        )
    }

    /// Lets the next request of a kind meet a fault.
    func fault(_ kind: String, _ action: JSONValue, skip: Int = 0, times: Int = 1) async throws {
        try await control(
            "faults",
            [
                "match": ["kind": .text(kind)], "action": action, "skip": .integer(Int64(skip)),
                "times": .integer(Int64(times)),
            ]
        )
    }

    @discardableResult
    func control(_ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let request = HTTPRequest(
            body == nil ? "GET" : "POST",
            "\(ready.controlURL)/\(path)",
            headers: ["Content-Type": "application/json"],
            body: body.map { Array($0.serialized().utf8) }
        )
        let response = try await transport.send(request)
        let text = String(decoding: response.body, as: UTF8.self)
        try #require((200..<300).contains(response.status), "\(path): \(text)")
        return text.isEmpty ? .null : try JSONValue(parsing: text)
    }

    /// How many requests of a kind reached the emulator.
    func count(_ kind: String) async throws -> Int { try await control("ledger?kind=\(kind)").list?.count ?? -1 }

    /// How many runs the job really has.
    func runs() async throws -> Int {
        try await control("databricks/jobs/582764910384756")["runs"]?.list?.count ?? -1
    }
}

/// Remembers what was committed.
final class MemoryLog: OperationLog {
    let entries = Mutex<[RemoteOperation]>([])

    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {
        entries.withLock { $0.append(operation) }
    }

    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] { [] }

    /// Such as `prepared accepted completed`.
    var course: String { entries.withLock { $0.map(\.state.rawValue).joined(separator: " ") } }
}

/// Texts as they are, but for `${secret:x}`, whose value changes when it is forgotten.
final class ChangingSecrets: Secrets {
    let values = Mutex<[String]>([])
    let forgotten = Mutex(0)

    func resolve(_ text: String) async throws(SecretError) -> String {
        text == "${secret:x}" ? values.withLock { $0.first ?? "" } : text
    }

    func forget(_ text: String) async {
        guard text == "${secret:x}" else { return }
        forgotten.withLock { $0 += 1 }
        values.withLock { if $0.count > 1 { $0.removeFirst() } }
    }
}

func settings(_ value: JSONValue) -> Settings { Settings(config(value)) }

private func config(_ value: JSONValue) -> ConfigValue {
    let origin = Origin(file: "assets.yaml")
    let content: ConfigValue.Content =
        switch value {
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .text(let text): .text(text)
        case .list(let values): .list(values.map(config))
        case .object(let members):
            .object(
                members.sorted { $0.key < $1.key }.map {
                    ConfigValue.Entry(key: $0.key, keyOrigin: origin, value: config($0.value))
                }
            )
        }
    return ConfigValue(content, at: origin)
}

extension StepOutcome {
    /// Such as `succeeded`, `failed remote_failed later`.
    var word: String {
        switch self {
        case .succeeded: "succeeded"
        case .failed(let failure): "failed \(failure.code.rawValue) \(failure.retry.rawValue)"
        case .cancelled(let end): end.isRemoteStopped ? "cancelled" : "cancelled here only"
        case .held(let reason): "held \(reason.code)"
        case .left: "left"
        }
    }
    var success: StepSuccess? { if case .succeeded(let success) = self { success } else { nil } }
    var failure: StepFailure? { if case .failed(let failure) = self { failure } else { nil } }
}
