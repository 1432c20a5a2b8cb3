import FreshetCore
import FreshetKit

extension RunStoreConformance {
    static let opening = [
        Check("everything is there after reopening") { factory in
            let bench = try await Bench(factory)
            try await fill(bench)
            let before = try await bench.store.snapshot()
            let detail = try await bench.store.run("r1")
            await bench.store.close()
            let store = try await factory.open()
            let difference = try await store.snapshot().difference(from: before)
            try expect(difference == nil, "\(difference ?? "") differ after reopening")
            try expectEqual(try await store.run("r1")?.steps, detail?.steps, "steps of the run that ended")
            try expectEqual(try await store.decisions(DecisionQuery()).count, 2, "decisions")
            try expectEqual(try await store.ticks(TickQuery()).count, 1, "ticks")
            await store.close()
        },
        Check("a store is closed once, and refuses calls after that") { factory in
            let bench = try await Bench(factory)
            await bench.store.close()
            await bench.store.close()
            try await expectRefusal("a read") { () async throws(StoreError) in try await bench.store.snapshot() }
            try await expectRefusal("a write") { () async throws(StoreError) in try await bench.begin("r1") }
            let again = try await Bench(factory)
            try expect(try await again.store.runs(RunQuery()).isEmpty, "the refused run is there")
        },
        Check("closing waits for the writes that are pending") { factory in
            let bench = try await Bench(factory)
            let kept = await withTaskGroup(of: RunID?.self) { group in
                for index in 0..<50 {
                    group.addTask {
                        let id = "r\(index)"
                        do throws(StoreError) { try await bench.begin(id) } catch { return nil }
                        return id
                    }
                }
                group.addTask {
                    await bench.store.close()
                    return nil
                }
                return await group.reduce(into: Set<RunID>()) { if let id = $1 { $0.insert(id) } }
            }
            let found = try await Bench(factory).store.runs(RunQuery(limit: 99)).map(\.id)
            try expectEqual(Set(found), kept, "runs that were said to be kept")
        },
        Check("one process writes at a time") { factory in
            let bench = try await Bench(factory)
            let isHeld: (StoreError) -> Bool = { if case .held = $0 { true } else { false } }
            try await expectRefusal("a second writer", isHeld) { () async throws(StoreError) in
                try await factory.open()
            }
            try await bench.begin("r1")
            await bench.store.close()
            let next = try await Bench(factory)
            try await next.begin("r2")
        },
        Check("a reader sees each commit, and writes nothing") { factory in
            let bench = try await Bench(factory)
            let reader = try await factory.openReader()
            for id in ["r1", "r2", "r3"] {
                try await bench.begin(id)
                try expectEqual(try await reader.runs(RunQuery(limit: 1)).map(\.id), [id], "the newest run")
            }
            _ = try await bench.store.commit(TriggerCommit(triggers: [Sample.trigger("t1")]), by: bench.writer)
            let before = try await bench.store.snapshot()
            let same = Bench(store: reader, writer: bench.writer)
            for (name, write) in writes {
                try await expectRefusal(name) { () async throws(StoreError) in try await write(same) }
            }
            try await expectRefusal("a claim") { () async throws(StoreError) in
                try await reader.claim(owner: "reader", at: Sample.time(1))
            }
            await reader.close()
            let difference = try await bench.store.snapshot().difference(from: before)
            try expect(difference == nil, "\(difference ?? "") changed")
            try await bench.begin("r4")
        },
    ]

    /// Something of everything.
    private static func fill(_ bench: Bench) async throws(StoreError) {
        var tick = changingTick
        tick.observations["all"] = Sample.run("").inputs["in"]
        tick.observations["absent"] = Observation(.absent)
        tick.observations["unknown"] = .unknown
        try await bench.store.commit(tick, by: bench.writer)
        try await bench.work("r1", "a", .failed)
        try await bench.begin("r2")
        try await bench.append(
            .step(Sample.step("r2", "a", .succeeded)),
            .materialized(Sample.materialization("r2", "a")),
            .step(Sample.step("r2", "b", .running)),
            .decided(Sample.decision("b", .run([.neverMaterialized])))
        )
        try await bench.store.commit(Sample.operation("o1", run: "r2"), Sample.event("prepared"), by: bench.writer)
        try await bench.store.setPaused(true, "a", at: Sample.time(1), by: bench.writer)
        try await bench.store.setPaused(true, nil, at: Sample.time(1), by: bench.writer)
    }
}

extension Bench {
    /// The same right to write, through another store.
    fileprivate init(store: any RunStore, writer: Writer) {
        self.store = store
        self.writer = writer
    }
}
