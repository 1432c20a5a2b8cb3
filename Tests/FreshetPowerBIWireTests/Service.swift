import Foundation
import FreshetCore
import FreshetCurl
import FreshetEmulator
import FreshetKit
import Synchronization
import Testing

@testable import FreshetPowerBI

/// An emulator on a port of its own, and a client of it; the clocks are real, the waits a few milliseconds.
final class Service: Sendable {
    let ready: EmulatorReadiness
    let transport: CurlTransport
    let log = MemoryLog()
    let stop = StopSignal()
    let redactor = Redactor()
    let hooks = Mutex<[(word: String, action: @Sendable () async throws -> Void)]>([])

    private init(_ ready: EmulatorReadiness) throws {
        self.ready = ready
        transport = try CurlTransport()
    }

    /// Runs an emulator for as long as `body` takes.
    static func run<Value: Sendable>(
        _ change: (inout EmulatorOptions) -> Void = { _ in },
        _ body: (Service) async throws -> Value
    ) async throws -> Value {
        var options = EmulatorOptions()
        options.refreshDuration = 0.05
        change(&options)
        let (stream, announce) = AsyncStream.makeStream(of: EmulatorReadiness.self)
        let running = Task { [options] in try await Emulator.run(options) { announce.yield($0) } }
        defer { running.cancel() }
        var iterator = stream.makeAsyncIterator()
        return try await body(Service(#require(await iterator.next())))
    }

    var surroundings: Surroundings {
        Surroundings(
            transport: transport,
            secrets: PlainSecrets(),
            redactor: redactor,
            clock: SystemClock(),
            chance: { 0.5 },
            root: "/"
        )
    }

    func connection(_ fields: [String: String] = [:]) throws -> PowerBIConnection {
        let usual = [
            "tenant_id": ready.tenantID, "client_id": ready.clientID, "client_secret": ready.clientSecret,
            "authority_url": ready.authorityURL, "api_url": ready.powerbiURL, "poll_interval": "20ms",
            "poll_max_interval": "40ms", "missing_grace": "300ms", "cancel_grace": "300ms",
        ]
        var all = usual.merging(fields) { _, given in given }.mapValues { JSONValue.text($0) }
        all["reconcile_after"] = ["50ms", "100ms"]
        return try PowerBIConnection(from: settings(.object(all)), in: surroundings)
    }

    /// Runs something once, when the step reports a text with this word in it.
    func when(_ word: String, _ action: @escaping @Sendable () async throws -> Void) {
        hooks.withLock { $0.append((word, action)) }
    }

    private func reported(_ text: String) async {
        let due = hooks.withLock { hooks in
            let due = hooks.filter { text.contains($0.word) }
            hooks.removeAll { text.contains($0.word) }
            return due
        }
        for hook in due {
            do { try await hook.action() } catch { Issue.record(error) }
        }
    }

    func step(
        _ connection: PowerBIConnection,
        extent: Extent = .whole,
        causes: [Cause] = [.forced],
        attempt: Int = 1,
        timeout: Duration = .seconds(20),
        inputs: [AssetKey: Observation] = [:],
        changedAt: Timestamp? = nil
    ) -> StepContext {
        let now = SystemClock().now
        return StepContext(
            asset: "powerbi/retail/sales",
            run: "run1",
            attempt: attempt,
            causes: causes,
            extent: extent,
            plannedAt: now,
            inputs: inputs,
            inputsChangedAt: changedAt,
            deadline: now + timeout,
            resuming: nil,
            connections: Connections(["powerbi": connection]),
            surroundings: surroundings,
            operations: log,
            stop: stop,
            report: { [self] text in await reported(text) }
        )
    }

    func sales(_ fields: [String: JSONValue] = [:]) throws -> SemanticModelRefresh {
        let usual: [String: JSONValue] = ["connection": "powerbi", "workspace": "Retail", "model": "Sales"]
        return try SemanticModelRefresh(from: settings(.object(usual.merging(fields) { _, given in given })))
    }

    /// One refresh of the model Sales.
    func refresh(_ fields: [String: JSONValue] = [:], timeout: Duration = .seconds(20)) async throws -> StepOutcome {
        try await sales(fields).materialize(step(connection(), timeout: timeout))
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
}

/// Remembers what was committed.
final class MemoryLog: OperationLog {
    let entries = Mutex<[(operation: RemoteOperation, event: RemoteEvent)]>([])

    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {
        entries.withLock { $0.append((operation, event)) }
    }

    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] {
        entries.withLock { entries in
            var newest: [String: RemoteOperation] = [:]
            for entry in entries where entry.operation.target == target { newest[entry.operation.id] = entry.operation }
            return Array(newest.values)
        }
    }

    /// Such as `prepared accepted completed`.
    var course: String {
        entries.withLock { $0.map { $0.operation.state.rawValue }.joined(separator: " ") }
    }
}

struct PlainSecrets: Secrets {
    func resolve(_ text: String) async throws(SecretError) -> String { text }
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
    /// Such as `succeeded`, `failed remote_failed later`, `held quota_exhausted`.
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
