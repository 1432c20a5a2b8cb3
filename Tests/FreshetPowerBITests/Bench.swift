import Foundation
import FreshetCore
import FreshetKit
import Synchronization

@testable import FreshetPowerBI

/// A clock on which every sleep is over at once, and moves the time to its end.
final class LeapingClock: EngineClock {
    static let start = Timestamp(milliseconds: 1_767_225_600_000)  // 2026-01-01T00:00:00Z
    private let moment = Mutex(LeapingClock.start)
    private let actions = Mutex<[(Timestamp, @Sendable () -> Void)]>([])

    var now: Timestamp { moment.withLock { $0 } }
    var elapsed: Duration { now - Self.start }

    /// Runs something when the time comes to pass.
    func at(_ elapsed: Duration, _ action: @escaping @Sendable () -> Void) {
        actions.withLock { $0.append((Self.start + elapsed, action)) }
    }

    func sleep(until moment: Timestamp) async throws {
        try Task.checkCancellation()
        let due = actions.withLock { actions in
            let due = actions.filter { $0.0 <= moment }
            actions.removeAll { $0.0 <= moment }
            return due
        }
        self.moment.withLock { $0 = max($0, due.first.map { min($0.0, moment) } ?? moment) }
        due.forEach { $0.1() }
        try Task.checkCancellation()
    }
}

/// Remembers what was committed; can be told to fail.
final class MemoryLog: OperationLog {
    struct Entry: Sendable {
        var operation: RemoteOperation
        var event: RemoteEvent
    }
    let entries = Mutex<[Entry]>([])
    let failures = Mutex<[StoreError]>([])
    let others = Mutex<[RemoteOperation]>([])

    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {
        if let failure = failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw failure }
        entries.withLock { $0.append(Entry(operation: operation, event: event)) }
    }

    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] {
        others.withLock { $0 }
    }

    /// Such as `prepared:prepared accepted:answered`.
    var course: String {
        entries.withLock { $0.map { "\($0.operation.state.rawValue):\($0.event.name)" }.joined(separator: " ") }
    }
    var last: RemoteOperation? { entries.withLock { $0.last?.operation } }
}

struct PlainSecrets: Secrets {
    func resolve(_ text: String) async throws(SecretError) -> String { text }
}

/// One attempt of one model against a script.
final class Bench: Sendable {
    static let workspace = "11111111-1111-1111-1111-111111111111"
    static let model = "22222222-2222-2222-2222-222222222222"
    static let secret = "s3cr3t&value"

    let transport: ScriptedTransport
    let clock = LeapingClock()
    let log = MemoryLog()
    let stop = StopSignal()
    let redactor = Redactor()
    let reports = Mutex<[String]>([])

    init(_ script: String) { transport = ScriptedTransport(script) }

    var surroundings: Surroundings {
        Surroundings(
            transport: transport,
            secrets: PlainSecrets(),
            redactor: redactor,
            clock: clock,
            chance: { 0.5 },
            root: "/"
        )
    }

    func connection(_ fields: [(String, ConfigValue.Content)] = []) throws -> PowerBIConnection {
        let base: [(String, ConfigValue.Content)] = [
            ("tenant_id", .text("tenant")), ("client_id", .text("client")), ("client_secret", .text(Self.secret)),
            ("api_url", .text("https://api.test")), ("authority_url", .text("https://login.test/")),
        ]
        return try PowerBIConnection(from: settings(base + fields), in: surroundings)
    }

    func refresh(
        workspace: String = Bench.workspace,
        model: String = Bench.model,
        _ refresh: [(String, ConfigValue.Content)] = [],
        and fields: [(String, ConfigValue.Content)] = [],
        extent: Extent = .whole,
        attempt: Int = 1,
        timeout: Duration? = .seconds(7200),
        resuming: RemoteOperation? = nil,
        plannedAt: Timestamp? = nil,
        rows: [AssetKey: Int64] = [:],
        connection: [(String, ConfigValue.Content)] = []
    ) async throws -> StepOutcome {
        let base: [(String, ConfigValue.Content)] = [
            ("connection", .text("powerbi")), ("workspace", .text(workspace)), ("model", .text(model)),
            ("refresh", object(refresh)),
        ]
        let kind = try SemanticModelRefresh(from: settings(base + fields))
        let step = StepContext(
            asset: "powerbi/retail/sales",
            run: "run1",
            attempt: attempt,
            causes: [.forced],
            extent: extent,
            plannedAt: plannedAt,
            inputs: rows.mapValues { Observation(.known("v"), values: ["row_count": .integer($0)]) },
            deadline: timeout.map { LeapingClock.start + $0 },
            resuming: resuming,
            connections: Connections(["powerbi": try self.connection(connection)]),
            surroundings: surroundings,
            operations: log,
            stop: stop,
            report: { [self] text in reports.withLock { $0.append(text) } }
        )
        return await kind.materialize(step)
    }

    func operation(_ state: RemoteOperation.State, requestID: String? = nil, objects: [String] = []) -> RemoteOperation
    {
        RemoteOperation(
            id: "run1/powerbi/retail/sales/1",
            run: "run1",
            asset: "powerbi/retail/sales",
            attempt: 1,
            target: "powerbi/\(Self.workspace)/\(Self.model)",
            state: state,
            requestID: requestID,
            bodyHash: "feed",
            objects: objects,
            preparedAt: LeapingClock.start,
            deadline: LeapingClock.start + .seconds(7200)
        )
    }
}

func object(_ fields: [(String, ConfigValue.Content)]) -> ConfigValue.Content {
    let origin = Origin(file: "assets.yaml")
    return .object(
        fields.enumerated().map { index, field in
            ConfigValue.Entry(
                key: field.0,
                keyOrigin: origin,
                value: ConfigValue(field.1, at: Origin(file: "assets.yaml", line: index + 1))
            )
        }
    )
}

func settings(_ fields: [(String, ConfigValue.Content)]) -> Settings {
    Settings(ConfigValue(object(fields), at: Origin(file: "assets.yaml")))
}

extension StepOutcome {
    var success: StepSuccess? { if case .succeeded(let success) = self { success } else { nil } }
    var failure: StepFailure? { if case .failed(let failure) = self { failure } else { nil } }
    var cancellation: StepCancellation? { if case .cancelled(let cancellation) = self { cancellation } else { nil } }
}

/// Bodies that the service answers with.
enum Answers {
    static let completed = #"{"status":"Completed","extendedStatus":"Completed","type":"Full"}"#
    static let running = #"{"status":"Unknown","extendedStatus":"InProgress","type":"Full"}"#
    static let expired = #"{"error":{"code":"TokenExpired","message":"Access token has expired"}}"#
}
