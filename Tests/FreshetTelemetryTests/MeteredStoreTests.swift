import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetTelemetry

@Suite struct `A store that is metered` {
    private let meters = Meters()
    private let clock = ManualClock()
    private let base = MemoryStore()
    private let metered: MeteredStore
    private let start = Timestamp(seconds: 1_700_000_000)

    init() { metered = MeteredStore(base, meters: meters, clock: clock) }

    private func counter(_ family: Family, _ labels: String...) -> Int? { meters.now.counters[family]?[labels] }

    private func writer() async throws -> Writer {
        Writer(epoch: try await metered.claim(owner: "test", at: start), actor: .engine)
    }

    private func trigger(_ key: String, slot: Timestamp? = nil) -> TriggerRecord {
        TriggerRecord(
            id: "id of \(key)",
            key: key,
            kind: slot == nil ? .sensor : .schedule,
            slot: slot,
            actor: .engine,
            targets: ["a"],
            createdAt: start,
            dueAt: start
        )
    }

    private func run(_ id: RunID) -> RunRecord {
        RunRecord(
            id: id,
            trigger: .sensor,
            actor: .engine,
            selected: ["a"],
            inputs: [:],
            configVersion: "c",
            graphHash: "g",
            createdAt: start
        )
    }

    private func operation(_ id: String, in state: RemoteOperation.State = .prepared) -> RemoteOperation {
        RemoteOperation(
            id: id,
            run: "run",
            asset: "a",
            attempt: 1,
            target: "t",
            state: state,
            bodyHash: "hash",
            preparedAt: start
        )
    }

    @Test func `knows whether the store takes what it is given`() async throws {
        let writer = try await writer()
        try await metered.begin(run("r"), answering: [], by: writer)
        #expect(metered.trouble == nil)
        await #expect(throws: StoreError.self) { try await metered.begin(run("r"), answering: [], by: writer) }
        #expect(metered.trouble == .failed("there is a run r already"))
        try await metered.setPaused(true, nil, at: start, by: writer)
        #expect(metered.trouble == nil)
    }

    @Test func `counts a look with what came of it, and how long it took`() async throws {
        let tick = TickRecord(
            sensor: "s",
            status: .changed,
            message: "",
            startedAt: start,
            endedAt: start + .seconds(2)
        )
        let decision = DecisionRecord(
            asset: "a",
            decision: .skip(.upToDate),
            evidence: [],
            at: start,
            configVersion: "c",
            graphHash: "g"
        )
        let change = TriggerCommit(decisions: [decision])
        let commit = TickCommit(tick: tick, cursor: nil, observations: [:], verified: [], change: change)
        try await metered.commit(commit, by: writer())
        #expect(counter(.ticks, "s", "changed") == 1)
        #expect(counter(.decisions, "skip", "up_to_date") == 1)
        #expect(meters.now.histograms[.tickDuration]?[[]]?.sum == 2)
        #expect(meters.now.histograms[.storeCommitDuration]?[[]]?.count == 1)
    }

    @Test func `counts nothing that the store refused`() async throws {
        let writer = try await writer()
        _ = try await base.claim(owner: "another", at: start)
        await #expect(throws: StoreError.superseded) {
            _ = try await metered.commit(TriggerCommit(triggers: [trigger("k", slot: start)]), by: writer)
        }
        #expect(meters.now.histograms[.scheduleDelay]?[[]]?.count == 0)
    }

    @Test func `counts a trigger once, when it is answered, by what asked`() async throws {
        let writer = try await writer()
        for _ in 1...2 { _ = try await metered.commit(TriggerCommit(triggers: [trigger("k")]), by: writer) }
        #expect(meters.now.counters[.triggers] == nil)
        try await metered.begin(run("run"), answering: ["id of k"], by: writer)
        #expect(meters.now.counters[.triggers] == [["sensor", "run"]: 1])
    }

    @Test func `times a slot from when it meant`() async throws {
        let slot = start - .seconds(7)
        _ = try await metered.commit(TriggerCommit(triggers: [trigger("k", slot: slot)]), by: writer())
        #expect(meters.now.histograms[.scheduleDelay]?[[]]?.sum == 7)
    }

    @Test func `counts a run when it ends, by what began it, though another daemon did`() async throws {
        let writer = try await writer()
        try await base.begin(run("run"), answering: [], by: writer)
        _ = try await metered.snapshot()
        try await metered.append([.ended("run", .failed, at: start)], by: writer)
        #expect(meters.now.counters[.runs] == [["failed", "sensor"]: 1])
    }

    @Test func `counts what is known right after a request, and no later news of it`() async throws {
        let writer = try await writer()
        try await metered.begin(run("run"), answering: [], by: writer)
        var operation = operation("o")
        for (state, name) in [(.prepared, "prepared"), (.ambiguous, "no_answer"), (.accepted, "reconciled")]
            as [(RemoteOperation.State, String)]
        {
            operation.state = state
            operation.isAdopted = state == .accepted
            try await metered.commit(operation, RemoteEvent(at: start, name: name), by: writer)
        }
        #expect(meters.now.counters[.refreshPosts] == [["ambiguous"]: 1])
        #expect(meters.now.counters[.refreshAdopted] == [["own"]: 1])
    }

    @Test func `does not count a request that was not sent`() async throws {
        let writer = try await writer()
        try await metered.begin(run("run"), answering: [], by: writer)
        try await metered.commit(operation("o"), RemoteEvent(at: start, name: "prepared"), by: writer)
        let ended = operation("o", in: .cancelled)
        try await metered.commit(ended, RemoteEvent(at: start, name: "not_sent"), by: writer)
        #expect(meters.now.counters[.refreshPosts] == nil)
    }
}

@Suite struct `A metered store` {
    /// A store in memory, behind one that counts.
    private struct Factory: RunStoreFactory {
        let disk = MemoryDisk()

        func open() async throws(StoreError) -> any RunStore { metered(try await disk.open()) }

        func openReader() async throws(StoreError) -> any RunStore { metered(try await disk.openReader()) }

        private func metered(_ store: any RunStore) -> any RunStore {
            MeteredStore(store, meters: Meters(), clock: ManualClock())
        }
    }

    @Test(arguments: RunStoreConformance.checks)
    func `keeps each promise of the store behind it`(_ check: RunStoreConformance.Check) async throws {
        try await check.run(Factory())
    }
}
