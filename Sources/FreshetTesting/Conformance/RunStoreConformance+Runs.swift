import FreshetCore
import FreshetKit

extension RunStoreConformance {
    static let runs = [
        Check("a run begins with a waiting step for each asset, and answers its triggers") { factory in
            let bench = try await Bench(factory)
            let triggers = ["t1", "t2", "t3"].map { Sample.trigger($0) }
            _ = try await bench.store.commit(TriggerCommit(triggers: triggers), by: bench.writer)
            try await bench.store.begin(Sample.run("r1", ["b", "a"]), answering: ["t1", "t3"], by: bench.writer)
            let detail = try await bench.store.run("r1")
            try expectEqual(detail?.run, Sample.run("r1", ["b", "a"]), "run")
            let waiting = [StepRecord(run: "r1", asset: "b"), StepRecord(run: "r1", asset: "a")]
            try expectEqual(detail?.steps, waiting, "steps")
            try expectEqual(try await bench.store.snapshot().pendingTriggers.map(\.id), ["t2"], "pending triggers")
            let end = try await bench.store.trigger("t3")?.disposition
            try expectEqual(end, Disposition(.run, reason: "run", into: "r1", at: Sample.time(6)), "disposition")
        },
        Check("a run that answers an answered trigger does not begin") { factory in
            let bench = try await Bench(factory)
            let triggers = ["t1", "t2"].map { Sample.trigger($0) }
            _ = try await bench.store.commit(TriggerCommit(triggers: triggers), by: bench.writer)
            try await bench.store.begin(Sample.run("r1"), answering: ["t1"], by: bench.writer)
            try await expectRefusal("the second answer") { () async throws(StoreError) in
                try await bench.store.begin(Sample.run("r2"), answering: ["t2", "t1"], by: bench.writer)
            }
            try expect(try await bench.store.run("r2") == nil, "the run was written")
            try expectEqual(try await bench.store.snapshot().pendingTriggers.map(\.id), ["t2"], "pending triggers")
        },
        Check("a run begins once") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1", ["a"])
            try await expectRefusal("the same id again") { () async throws(StoreError) in
                try await bench.begin("r1", ["b"])
            }
            try expectEqual(try await bench.store.run("r1")?.run.selected, ["a"], "selected")
        },
        Check("a run that has ended does not change") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1")
            try await bench.end("r1", .failed, at: 20)
            try await bench.end("r1", .succeeded, at: 30)
            try await bench.append(.step(Sample.step("r1", "a", .succeeded)))
            let detail = try await bench.store.run("r1")
            try expectEqual(detail?.run.status, .failed, "status")
            try expectEqual(detail?.run.endedAt, Sample.time(20), "end")
            try expectEqual(detail?.steps.map(\.status), [.waiting, .waiting], "steps")
            try expect(try await bench.store.snapshot().unfinishedRuns.isEmpty, "it is unfinished")
            try expect(try await bench.store.snapshot().lastSteps.isEmpty, "a late step counts")
        },
        Check("only a live run can be asked to cancel") { factory in
            let bench = try await Bench(factory, actor: Actor("user:ana"))
            try await bench.begin("r1")
            func cancel(_ run: RunID, by name: String) async throws -> Bool {
                let writer = Writer(epoch: bench.writer.epoch, actor: Actor(name))
                return try await bench.store.requestCancel(of: run, at: Sample.time(9), by: writer)
            }
            try expect(try await cancel("r1", by: "user:ana"), "a live run was not there")
            try expect(try await cancel("r1", by: "user:bo"), "a live run was not there the second time")
            try expect(!(try await cancel("no such run", by: "user:ana")), "there is a run that is not there")
            try expectEqual(try await bench.store.run("r1")?.run.cancelRequestedBy, Actor("user:ana"), "asked by")
            try await bench.end("r1", .cancelled)
            try expect(!(try await cancel("r1", by: "user:cy")), "a run that has ended was asked")
            try expectEqual(try await bench.store.run("r1")?.run.cancelRequestedBy, Actor("user:ana"), "asked by")
        },
        Check("events of a run that is not there are refused, all of them") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1")
            for event in [
                RunEvent.step(Sample.step("no", "a", .running)), .materialized(Sample.materialization("no", "a")),
                .ended("no", .failed, at: Sample.time(1)), .ended("r1", .running, at: Sample.time(1)),
            ] {
                try await expectRefusal("\(event)") { () async throws(StoreError) in
                    try await bench.append(.step(Sample.step("r1", "a", .running)), event)
                }
            }
            let steps = try await bench.store.run("r1")?.steps
            try expectEqual(steps?.map(\.status), [.waiting, .waiting], "steps")
        },
        Check("what is paused stays paused until it is resumed") { factory in
            let bench = try await Bench(factory)
            func pause(_ isPaused: Bool, _ asset: AssetKey?) async throws -> StoreSnapshot {
                try await bench.store.setPaused(isPaused, asset, at: Sample.time(1), by: bench.writer)
                return try await bench.store.snapshot()
            }
            try expectEqual(try await pause(true, "a").pauses, ["a"], "pauses")
            try expectEqual(try await pause(true, "a").pauses, ["a"], "paused twice")
            try expectEqual(try await pause(true, nil).isPaused, true, "everything")
            try expectEqual(try await pause(false, "a").pauses, [], "resumed")
            try expectEqual(try await pause(false, nil).isPaused, false, "everything resumed")
            try expectEqual(try await pause(false, "b").pauses, [], "resumed without a pause")
        },
    ]
}
