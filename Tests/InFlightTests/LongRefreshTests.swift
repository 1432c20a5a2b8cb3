import Foundation
import FoundationNetworking
import FreshetCore
import FreshetCurl
import FreshetEmulator
import FreshetKit
import Synchronization
import Testing

@testable import FreshetPowerBI

/// Ninety minutes over there, in six seconds here: both sides' clocks run fast, and everything goes through sockets.
@Suite(.serialized) struct `A refresh of 90 minutes under a token of 60` {
    @Test func `is polled to its end, and no poll fails`() async throws {
        try await Place.open { place in
            let outcome = try await place.refresh()
            guard case .succeeded = outcome else { Issue.record("\(outcome)"); return }
            #expect(place.clock.elapsed >= .seconds(5400))
            let calls = try await place.ledger()
            #expect(calls.filter { $0.kind == "refresh_post" }.map(\.status) == [202])
            #expect(calls.filter { $0.kind == "token" }.count >= 2)
            let polls = calls.filter { $0.kind == "refresh_details" }
            #expect(polls.count > 20)
            #expect(polls.allSatisfy { $0.status == 200 || $0.status == 202 }, "\(polls)")
        }
    }

    @Test func `survives a token that the service no longer takes, with one poll said again`() async throws {
        try await Place.open { place in
            let reports = place.reports
            async let outcome = place.refresh()
            await reports.wait(for: "in progress")
            try await place.control("tenant", #"{"tokens": "expire"}"#)
            guard case .succeeded = try await outcome else { Issue.record("\(try await outcome)"); return }
            let calls = try await place.ledger()
            #expect(calls.filter { $0.kind == "refresh_post" }.map(\.status) == [202])
            #expect(calls.filter { $0.kind == "refresh_details" && $0.status == 403 }.count == 1)
            // Nobody who watches hears of it.
            #expect(reports.all.allSatisfy { !$0.contains("403") && !$0.contains("oken") }, "\(reports.all)")
        }
    }
}

/// A clock that runs many times faster than the machine's.
final class FastClock: EngineClock {
    static let speed = 900.0
    private let start = SystemClock().now

    var elapsed: Duration { .seconds((SystemClock().now - start).inSeconds * Self.speed) }
    var now: Timestamp { start + elapsed }

    func sleep(until moment: Timestamp) async throws {
        try await Task.sleep(for: .seconds((moment - now).inSeconds / Self.speed))
    }
}

/// What the person who watches was told.
final class Reports: Sendable {
    private let texts = Mutex<[String]>([])
    private let (stream, report) = AsyncStream.makeStream(of: String.self)

    var all: [String] { texts.withLock { $0 } }

    func append(_ text: String) {
        texts.withLock { $0.append(text) }
        report.yield(text)
    }

    /// Returns when something with this word has been told; to be asked by one task alone.
    func wait(for word: String) async {
        for await text in stream where text.contains(word) { return }
    }
}

/// An emulator in this process, and one semantic model to refresh through sockets.
struct Place {
    struct Call: Decodable {
        var kind: String
        var status: Int?
    }

    let clock: FastClock
    let ready: EmulatorReadiness
    let transport: CurlTransport
    let reports = Reports()

    static func open(_ body: @escaping @Sendable (Place) async throws -> Void) async throws {
        var options = EmulatorOptions()
        options.refreshDuration = 90 * 60
        options.tokenLifetime = 60 * 60
        options.speed = FastClock.speed
        let (readiness, report) = AsyncStream.makeStream(of: EmulatorReadiness.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [options] in try await Emulator.run(options) { report.yield($0) } }
            for await ready in readiness {
                try await body(Place(clock: FastClock(), ready: ready, transport: try CurlTransport()))
                break
            }
            group.cancelAll()
        }
    }

    func refresh() async throws -> StepOutcome {
        let surroundings = Surroundings(
            transport: transport,
            secrets: PlainSecrets(),
            redactor: Redactor(),
            clock: clock,
            chance: { 0.5 },
            root: "/"
        )
        let connection = try PowerBIConnection(
            from: settings([
                ("tenant_id", ready.tenantID), ("client_id", ready.clientID), ("client_secret", ready.clientSecret),
                ("authority_url", ready.authorityURL), ("api_url", ready.powerbiURL),
            ]),
            in: surroundings
        )
        let kind = try SemanticModelRefresh(
            from: settings([("connection", "powerbi"), ("workspace", "Retail"), ("model", "Sales")])
        )
        let step = StepContext(
            asset: "powerbi/retail/sales",
            run: "run1",
            attempt: 1,
            causes: [.forced],
            extent: .whole,
            plannedAt: nil,
            deadline: clock.now + .seconds(3 * 3600),
            resuming: nil,
            connections: Connections(["powerbi": connection]),
            surroundings: surroundings,
            operations: ForgetfulLog(),
            stop: StopSignal(),
            report: { reports.append($0) }
        )
        return await kind.materialize(step)
    }

    func ledger() async throws -> [Call] {
        let (data, _) = try await URLSession.shared.data(from: try #require(URL(string: ready.controlURL + "/ledger")))
        return try JSONDecoder().decode([Call].self, from: data)
    }

    func control(_ route: String, _ body: String) async throws {
        var request = URLRequest(url: try #require(URL(string: "\(ready.controlURL)/\(route)")))
        request.httpMethod = "POST"
        request.httpBody = Data(body.utf8)
        let (_, response) = try await URLSession.shared.data(for: request)
        #expect((response as? HTTPURLResponse)?.statusCode == 200)
    }

    private func settings(_ fields: [(String, String)]) -> Settings {
        let origin = Origin(file: "assets.yaml")
        let entries = fields.map {
            ConfigValue.Entry(key: $0.0, keyOrigin: origin, value: ConfigValue(.text($0.1), at: origin))
        }
        return Settings(ConfigValue(.object(entries), at: origin))
    }
}

struct PlainSecrets: Secrets {
    func resolve(_ text: String) async throws(SecretError) -> String { text }
}

/// Takes everything and keeps nothing: one attempt of one process needs no more.
struct ForgetfulLog: OperationLog {
    func commit(_ operation: RemoteOperation, _ event: RemoteEvent) async throws(StoreError) {}
    func operations(on target: String, limit: Int) async throws(StoreError) -> [RemoteOperation] { [] }
}
