import FreshetCore
import FreshetKit
import FreshetTesting
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import FreshetTelemetry

@Suite struct `Sending traces` {
    private static let address = "http://collector:4318/v1/traces"
    private let clock = ManualClock(at: Timestamp(seconds: 1_700_000_000))
    private let meters = Meters()
    private let lines = Lines()
    private let transport = ScriptedTransport()
    private let queue: TraceQueue
    private let sender: TraceSender

    init() throws {
        queue = TraceQueue(meters)
        let settings = try #require(
            TraceSettings(
                [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
                    "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20canary-of-the-collector,x-tenant=retail",
                ],
                version: "1.2.3"
            )
        )
        let surroundings = Surroundings(
            transport: transport,
            secrets: ProcessSecrets(root: "/", redactor: Redactor()),
            redactor: Redactor(),
            clock: clock,
            chance: { 0.5 },
            root: "/"
        )
        sender = TraceSender(
            settings,
            queue: queue,
            version: "1.2.3",
            surroundings: surroundings,
            meters: meters,
            log: lines.logger
        )
    }

    private func spans(_ count: Int = 1) -> [Span] {
        (0..<count).map { number in
            Span(
                trace: String(repeating: "a", count: 32),
                id: SpanID.span(String(number), in: "t"),
                name: "span \(number)",
                start: clock.now,
                end: clock.now
            )
        }
    }

    private func outcomes() -> [[String]: Int] { meters.now.counters[.tracesSent] ?? [:] }

    private func expect(_ status: Int, headers: HTTPHeaders = [:], body: String = "") {
        transport.append(.expect("POST", Self.address, status: status, headers: headers, body: body))
    }

    @Test func `posts JSON with the headers that were asked for`() async throws {
        expect(200, body: "{}")
        await sender.deliver(spans())
        let request = try #require(transport.requests.first)
        #expect(request.url == Self.address)
        #expect(request.headers["content-type"] == "application/json")
        #expect(request.headers["authorization"] == "Bearer canary-of-the-collector")
        #expect(request.headers["x-tenant"] == "retail")
        let body = try JSONValue(parsing: request.body ?? [])
        #expect(body["resourceSpans"]?.list?.count == 1)
        #expect(outcomes() == [["sent"]: 1])
    }

    @Test(arguments: [429, 502, 503, 504])
    func `tries again after the time that the collector names`(status: Int) async {
        expect(status, headers: ["Retry-After": "7"])
        expect(200)
        async let done: Void = sender.deliver(spans())
        await clock.sleepers(atLeast: 1)
        #expect(clock.nextWake == clock.now + .seconds(7))
        clock.advance(by: .seconds(7))
        await done
        #expect(outcomes() == [["sent"]: 1])
    }

    @Test(arguments: [400, 401, 404, 413, 500])
    func `does not try again what the collector will not take`(status: Int) async {
        expect(status)
        await sender.deliver(spans())
        #expect(transport.requests.count == 1)
        #expect(outcomes() == [["refused"]: 1])
    }

    @Test func `gives up on a collector that is away, after longer and longer waits`() async {
        let failure = HTTPError(.cannotConnect, mayHaveArrived: false, message: "connection refused")
        transport.append(.expect("POST", Self.address, answer: .failure(failure), isRepeated: true))
        async let done: Void = sender.deliver(spans())
        var waits: [Double] = []
        for _ in 1...7 {
            await clock.sleepers(atLeast: 1)
            let wake = clock.nextWake ?? clock.now
            waits.append((wake - clock.now).inSeconds)
            clock.set(to: wake)
        }
        await done
        #expect(waits == [0.75, 1.5, 3, 6, 12, 24, 45])
        #expect(outcomes() == [["dropped"]: 1])
    }

    @Test func `says once that a collector is away, and once that it is there again`() async {
        for _ in 1...3 { expect(400) }
        for _ in 1...2 { expect(200) }
        for _ in 1...5 { await sender.deliver(spans()) }
        #expect(lines.all.count == 2)
        #expect(lines.all.first?.contains("http://collector:4318: it answers 400") == true)
        #expect(lines.all.last == "traces go to http://collector:4318 again")
    }

    @Test func `shows no secret of a header, though the collector says it`() async {
        let message = "no spans of canary-of-the-collector"
        expect(200, body: #"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"\#(message)"}}"#)
        let failure = HTTPError(.tls, mayHaveArrived: false, message: "Bearer canary-of-the-collector is not trusted")
        transport.append(.expect("POST", Self.address, answer: .failure(failure)))
        expect(400)
        await sender.deliver(spans())
        async let done: Void = sender.deliver(spans())
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(60))
        await done
        #expect(lines.all.count == 2)
        #expect(lines.all.allSatisfy { $0.contains("[redacted]") && !$0.contains("canary") })
    }

    @Test func `sends what waits when the daemon stops`() async throws {
        transport.append(.expect("POST", Self.address, status: 200, isRepeated: true))
        for _ in 1...3 { queue.offer(spans()) }
        let group = ServiceGroup(services: [sender], logger: lines.logger)
        async let done: Void = group.run()
        await group.triggerGracefulShutdown()
        try await done
        #expect(outcomes() == [["sent"]: 3])
    }

    @Test func `lets the oldest give way when too many wait`() {
        for _ in 1...(TraceQueue.most + 5) { queue.offer(spans()) }
        #expect(outcomes() == [["dropped"]: 5])
    }

    @Test func `splits a trace that is too long for one request`() async {
        queue.offer(spans(2500))
        queue.finish()
        var counts: [Int] = []
        for await batch in queue.batches { counts.append(batch.count) }
        #expect(counts == [1000, 1000, 500])
    }
}

@Suite struct `Following runs` {
    private let store = MemoryStore()
    private let meters = Meters()
    private let start = Timestamp(seconds: 1_700_000_000)

    private func follower(_ queue: TraceQueue?) -> EndedRuns {
        EndedRuns(
            store,
            after: nil,
            clock: ManualClock(),
            meters: meters,
            queue: queue,
            kind: { _ in "kind" },
            log: Lines().logger
        )
    }

    private func play(_ id: RunID, _ writer: Writer, endsWith status: RunStatus?) async throws {
        let run = RunRecord(
            id: id,
            trigger: .manual,
            actor: .engine,
            selected: ["a"],
            inputs: [:],
            configVersion: "c",
            graphHash: "g",
            createdAt: start
        )
        try await store.begin(run, answering: [], by: writer)
        var step = StepRecord(run: id, asset: "a", status: .running, attempt: 1, startedAt: start + .seconds(2))
        try await store.append([.step(step)], by: writer)
        step.status = .succeeded
        step.endedAt = start + .seconds(5)
        try await store.append([.step(step)], by: writer)
        if let status { try await store.append([.ended(id, status, at: start + .seconds(6))], by: writer) }
    }

    @Test func `times the phases of a run that has ended, and hands its trace on, once`() async throws {
        let writer = Writer(epoch: try await store.claim(owner: "test", at: start), actor: .engine)
        let queue = TraceQueue(meters)
        let follower = follower(queue)
        var place = await follower.look(after: nil)
        try await play("ended", writer, endsWith: .succeeded)
        try await play("open", writer, endsWith: nil)
        place = await follower.look(after: place)
        place = await follower.look(after: place)
        queue.finish()
        var names: [[String]] = []
        for await batch in queue.batches { names.append(batch.map(\.name)) }
        #expect(names == [["run", "step a", "queued", "attempt 1", "working"]])
        let durations = meters.now.histograms[.stepDuration] ?? [:]
        #expect(durations[["kind", "queued"]]?.sum == 2)
        #expect(durations[["kind", "working"]]?.sum == 3)
    }

    @Test func `times phases where nobody wants traces`() async throws {
        let writer = Writer(epoch: try await store.claim(owner: "test", at: start), actor: .engine)
        let follower = follower(nil)
        let place = await follower.look(after: nil)
        try await play("ended", writer, endsWith: .failed)
        _ = await follower.look(after: place)
        #expect(meters.now.histograms[.stepDuration]?[["kind", "working"]]?.count == 1)
    }
}

/// Keeps what is logged.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let text = event.message.description
            // What the group of services says of itself.
            guard event.level >= .warning || text.contains("traces") else { return }
            lines.lines.withLock { $0.append(text) }
        }
    }
}
