import FreshetCore
import FreshetKit

extension RunStoreConformance {
    static let triggers = [
        Check("a second trigger of a key is the first one") { factory in
            let bench = try await Bench(factory)
            let first = Sample.trigger("t1", key: "k")
            try expectEqual(
                try await bench.store.commit(TriggerCommit(triggers: [first]), by: bench.writer),
                ["t1"],
                "ids of the first commit"
            )
            var decision = Sample.decision("a")
            decision.trigger = "t3"
            let again = TriggerCommit(
                decisions: [decision],
                triggers: [Sample.trigger("t2"), Sample.trigger("t3", key: "k")]
            )
            try expectEqual(try await bench.store.commit(again, by: bench.writer), ["t2", "t1"], "ids of the second")
            try expectEqual(try await bench.store.snapshot().pendingTriggers.map(\.id), ["t1", "t2"], "pending")
            try expect(try await bench.store.trigger("t3") == nil, "the second trigger is there")
            let trigger = try await bench.store.decisions(DecisionQuery()).first?.trigger
            try expectEqual(trigger, "t1", "the trigger of the decision")
        },
        Check("a key stays taken when its trigger has been answered") { factory in
            let bench = try await Bench(factory)
            var trigger = Sample.trigger("t1", key: "k")
            trigger.disposition = Disposition(.skipped, reason: "up_to_date", at: Sample.time(2))
            _ = try await bench.store.commit(TriggerCommit(triggers: [trigger]), by: bench.writer)
            let again = TriggerCommit(triggers: [Sample.trigger("t2", key: "k")])
            try expectEqual(try await bench.store.commit(again, by: bench.writer), ["t1"], "ids")
            try expectEqual(try await bench.store.trigger("t1"), trigger, "the trigger")
            try expect(try await bench.store.snapshot().pendingTriggers.isEmpty, "it is pending again")
        },
        Check("a trigger keeps the span of who asked for it") { factory in
            let bench = try await Bench(factory)
            var trigger = Sample.trigger("t1", kind: .manual)
            trigger.traceParent = TraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
            _ = try await bench.store.commit(TriggerCommit(triggers: [trigger]), by: bench.writer)
            try expectEqual(try await bench.store.trigger("t1"), trigger, "the trigger")
            try await bench.store.begin(Sample.run("r1", ["a"]), answering: ["t1"], by: bench.writer)
            let detail = try await bench.store.run("r1")
            try expectEqual(detail?.triggers.first?.traceParent, trigger.traceParent, "the trigger of the run")
        },
        Check("a trigger is answered once") { factory in
            let bench = try await Bench(factory)
            let first = Disposition(.coalesced, reason: "active_run", into: "t0", at: Sample.time(2))
            let second = Disposition(.rejected, reason: "No.", at: Sample.time(3))
            _ = try await bench.store.commit(TriggerCommit(triggers: [Sample.trigger("t1")]), by: bench.writer)
            _ = try await bench.store.commit(TriggerCommit(dispositions: ["t1": first]), by: bench.writer)
            _ = try await bench.store.commit(TriggerCommit(dispositions: ["t1": second]), by: bench.writer)
            try expectEqual(try await bench.store.trigger("t1")?.disposition, first, "disposition")
        },
        Check("a commit of which one part fails leaves nothing") { factory in
            let bench = try await Bench(factory)
            let end = Disposition(.skipped, reason: "up_to_date", at: Sample.time(1))
            let change = TriggerCommit(
                decisions: [Sample.decision("a")],
                triggers: [Sample.trigger("t1")],
                dispositions: ["no such trigger": end]
            )
            try await expectRefusal("the end of no trigger") { () async throws(StoreError) in
                try await bench.store.commit(change, by: bench.writer)
            }
            try expect(try await bench.store.trigger("t1") == nil, "the trigger was written")
            try expect(try await bench.store.decisions(DecisionQuery()).isEmpty, "the decision was written")
        },
        Check("decisions come back as they were made") { factory in
            let bench = try await Bench(factory)
            let decisions: [Decision] = [
                .run([.forced, .inputAdded("in"), .inputRemoved(Input("in", part: "t"))]),
                .run([.maxSkipPassed, .neverMaterialized, .inputUnverifiable("in")]),
                .skip(.notSelected(byBranch: "gate")), .skip(.nothingSelected), .skip(.upstreamUnknown("in")),
                .skip(.upstreamMissing("in")), .skip(.cancelled), .skip(.upToDate), .wait(on: ["x", "y"]),
            ]
            let records = decisions.map { Sample.decision("a", $0) }
            _ = try await bench.store.commit(TriggerCommit(decisions: records), by: bench.writer)
            var found = try await bench.store.decisions(DecisionQuery()).reversed().map { $0 }
            for index in found.indices {
                try expectEqual(found[index].sequence, Int64(index + 1), "sequence")
                found[index].sequence = 0
            }
            try expectEqual(found, records, "decisions")
        },
    ]
}
