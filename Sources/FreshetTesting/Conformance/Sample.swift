import FreshetCore
import FreshetKit

/// Short ways to say what is put into a store.
enum Sample {
    static func trigger(_ id: String, key: String? = nil, kind: TriggerRecord.Kind = .sensor) -> TriggerRecord {
        TriggerRecord(
            id: id,
            key: key ?? "key of \(id)",
            kind: kind,
            actor: kind == .manual ? Actor("user:ana") : .engine,
            targets: ["b", "a"],
            isForced: kind == .manual,
            createdAt: time(1),
            dueAt: time(2),
            delay: "quiet_period"
        )
    }

    static func decision(_ asset: AssetKey, _ decision: Decision = .skip(.upToDate), at now: Int64 = 1)
        -> DecisionRecord
    {
        let evidence = Evidence(
            input: Input("in", part: "t"),
            then: "v1",
            now: .known("v2"),
            health: .failed,
            signal: "etag",
            strength: .probable,
            observedAt: time(3),
            message: "a \"word\"\n",
            values: ["row_count": .integer(7)],
            query: "SELECT count(*)",
            source: "warehouse",
            cost: ProbeCost(took: .milliseconds(12), requests: 1)
        )
        return DecisionRecord(
            asset: asset,
            decision: decision,
            evidence: [evidence],
            at: time(now),
            configVersion: "c1",
            graphHash: "g1"
        )
    }

    static func run(_ id: RunID, _ selected: [AssetKey] = ["a", "b"]) -> RunRecord {
        let input = Observation(
            .known("v1"),
            health: .unknown,
            signal: "row_count",
            strength: .heuristic,
            values: ["rows": .integer(7), "share": .number(1), "word": .text("é")],
            dataTime: time(4),
            observedAt: time(5),
            message: "m",
            query: "SELECT count(*) FROM t",
            source: "warehouse",
            cost: ProbeCost(took: .milliseconds(12), requests: 1, bytes: 99, rows: 7)
        )
        return RunRecord(
            id: id,
            trigger: .manual,
            actor: Actor("user:ana"),
            priority: 3,
            tags: ["team": "sales"],
            parent: "parent",
            backfill: "backfill",
            selected: selected,
            forced: Array(selected.prefix(1)),
            overdue: Array(selected.suffix(1)),
            dayChanged: Array(selected.prefix(1)),
            inputs: ["in": input, "other": .unknown],
            configVersion: "c1",
            graphHash: "g1",
            createdAt: time(6)
        )
    }

    static func step(_ run: RunID, _ asset: AssetKey, _ status: StepStatus, attempt: Int = 1) -> StepRecord {
        StepRecord(
            run: run,
            asset: asset,
            status: status,
            attempt: attempt,
            causes: [
                .codeChanged(from: "1", to: "2"), .dayChanged(from: "2026-11-20", to: "2026-11-21"),
                .inputChanged(Input("in", part: "t")),
            ],
            skipReason: status == .skipped ? .upstreamFailed("x") : nil,
            failure: status == .failed ? StepFailure(.throttled, .later, message: "429", details: ["n": 1]) : nil,
            startedAt: time(7),
            endedAt: status.isFinished ? time(8) : nil,
            deadline: time(9),
            retryAt: status == .retrying ? time(10) : nil,
            parking: status == .retrying ? Parking(since: time(9), count: 2) : nil,
            details: ["list": [1, .number(2.5), "x", .null, true]]
        )
    }

    static func materialization(_ run: RunID, _ asset: AssetKey, version: DataVersion = "v9")
        -> MaterializationRecord
    {
        let inputs: [Input: DataVersion] = ["in": "v1", Input("in", part: "t"): "v2", Input("z", part: "t"): "v3"]
        return MaterializationRecord(
            materialization: Materialization(
                asset: asset,
                version: version,
                provenance: Provenance(codeVersion: "2", inputs: inputs)
            ),
            run: run,
            startedAt: time(7),
            at: time(8),
            dataTime: time(4),
            extent: .parts(["t", "u"]),
            details: ["request": "r-1"]
        )
    }

    static func operation(
        _ id: String,
        run: RunID = "r1",
        on target: String = "model",
        _ state: RemoteOperation.State = .prepared
    ) -> RemoteOperation {
        RemoteOperation(
            id: id,
            run: run,
            asset: "a",
            attempt: 1,
            target: target,
            state: state,
            requestID: state == .prepared ? nil : "request of \(id)",
            isAdopted: state == .accepted,
            bodyHash: "00ff",
            objects: ["t", "t/p"],
            knownIDs: ["k1", "k2"],
            preparedAt: time(7),
            deadline: time(70),
            cancelRequestedAt: nil
        )
    }

    static func event(_ name: String) -> RemoteEvent {
        RemoteEvent(at: time(7), name: name, evidence: ["status": 202])
    }

    static func tick(
        _ status: TickRecord.Status = .changed,
        sensor: String = "s",
        at now: Int64 = 1,
        message: String = "m"
    ) -> TickRecord {
        TickRecord(sensor: sensor, status: status, message: message, startedAt: time(now), endedAt: time(now + 1))
    }

    static func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }
}

/// An open store and the right to write it.
struct Bench {
    let store: any RunStore
    let writer: Writer

    init(_ factory: any RunStoreFactory, actor: Actor = .engine) async throws(StoreError) {
        store = try await factory.open()
        writer = Writer(epoch: try await store.claim(owner: "test", at: Sample.time(0)), actor: actor)
    }

    func begin(_ id: RunID, _ selected: [AssetKey] = ["a", "b"]) async throws(StoreError) {
        try await store.begin(Sample.run(id, selected), answering: [], by: writer)
    }

    func append(_ events: RunEvent...) async throws(StoreError) { try await store.append(events, by: writer) }

    func end(_ id: RunID, _ status: RunStatus = .succeeded, at now: Int64 = 20) async throws(StoreError) {
        try await append(.ended(id, status, at: Sample.time(now)))
    }

    /// A run of one step that ends like this.
    func work(_ id: RunID, _ asset: AssetKey, _ status: StepStatus) async throws(StoreError) {
        try await begin(id, [asset])
        try await append(.step(Sample.step(id, asset, status)))
        try await end(id)
    }
}
