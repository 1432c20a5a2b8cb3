import FreshetCore
import FreshetKit

extension RunStoreConformance {
    static let epochs = [
        Check("each claim begins a newer epoch, also after reopening") { factory in
            let first = try await Bench(factory)
            let second = try await first.store.claim(owner: "another", at: Sample.time(1))
            try expect(second > first.writer.epoch, "the second claim is not newer")
            await first.store.close()
            let third = try await Bench(factory).writer.epoch
            try expect(third > second, "the claim after reopening is not newer")
        },
        Check("a superseded writer changes nothing") { factory in
            let old = try await Bench(factory)
            try await old.begin("r1")
            _ = try await old.store.commit(TriggerCommit(triggers: [Sample.trigger("t1")]), by: old.writer)
            let before = try await old.store.snapshot()
            _ = try await old.store.claim(owner: "another", at: Sample.time(1))
            for (name, write) in writes {
                let isSuperseded: (StoreError) -> Bool = { $0 == .superseded }
                try await expectRefusal(name, isSuperseded) { () async throws(StoreError) in try await write(old) }
            }
            let difference = try await old.store.snapshot().difference(from: before)
            try expect(difference == nil, "\(difference ?? "") changed")
            try expect(try await old.store.decisions(DecisionQuery()).isEmpty, "a decision was written")
            try expect(try await old.store.ticks(TickQuery()).isEmpty, "a tick was written")
            try expectEqual(try await old.store.runs(RunQuery()).count, 1, "runs")
        },
    ]

    /// Each way to write, by name, on a store that has run `r1` and trigger `t1`.
    static let writes: [(name: String, write: @Sendable (Bench) async throws(StoreError) -> Void)] = [
        ("a tick", { bench async throws(StoreError) in try await bench.store.commit(changingTick, by: bench.writer) }),
        (
            "a trigger",
            { bench async throws(StoreError) in
                _ = try await bench.store.commit(TriggerCommit(triggers: [Sample.trigger("t9")]), by: bench.writer)
            }
        ),
        ("a run", { bench async throws(StoreError) in try await bench.begin("r9") }),
        (
            "a step",
            { bench async throws(StoreError) in try await bench.append(.step(Sample.step("r1", "a", .running))) }
        ),
        (
            "a pause",
            { bench async throws(StoreError) in
                try await bench.store.setPaused(true, "a", at: Sample.time(1), by: bench.writer)
            }
        ),
        (
            "a cancellation",
            { bench async throws(StoreError) in
                _ = try await bench.store.requestCancel(of: "r1", at: Sample.time(1), by: bench.writer)
            }
        ),
        (
            "an operation",
            { bench async throws(StoreError) in
                try await bench.store.commit(Sample.operation("o9"), Sample.event("prepared"), by: bench.writer)
            }
        ),
    ]

    /// A tick with something in each of its parts.
    static var changingTick: TickCommit {
        TickCommit(
            tick: Sample.tick(),
            cursor: "c1",
            observations: ["in": .known("v2")],
            verified: [],
            change: TriggerCommit(decisions: [Sample.decision("a")], triggers: [Sample.trigger("t2")])
        )
    }
}
