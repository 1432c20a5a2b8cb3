import FreshetCore
import FreshetKit

extension RunStoreConformance {
    static let slots = [
        Check("how far a schedule has been answered is kept, with the trigger of its slot") { factory in
            let bench = try await Bench(factory)
            let record = ScheduleRecord(name: "a:cron", definition: "UTC 0 6 * * *", answeredThrough: Sample.time(5))
            var trigger = Sample.trigger("t1", key: "schedule:a:5")
            trigger.kind = .schedule
            trigger.slot = Sample.time(5)
            let change = TriggerCommit(triggers: [trigger], schedules: [record])
            _ = try await bench.store.commit(change, by: bench.writer)
            let snapshot = try await bench.store.snapshot()
            try expectEqual(snapshot.schedules, ["a:cron": record], "the schedules")
            try expectEqual(snapshot.pendingTriggers, [trigger], "the pending triggers")
            var later = record
            later.answeredThrough = Sample.time(9)
            _ = try await bench.store.commit(TriggerCommit(schedules: [later]), by: bench.writer)
            try expectEqual(try await bench.store.snapshot().schedules, ["a:cron": later], "the schedules afterwards")
        },
        Check("a slot has one trigger, however often it is asked for") { factory in
            let bench = try await Bench(factory)
            for id in ["t1", "t2"] {
                var trigger = Sample.trigger(id, key: "schedule:a:5")
                trigger.kind = .schedule
                trigger.slot = Sample.time(5)
                let ids = try await bench.store.commit(TriggerCommit(triggers: [trigger]), by: bench.writer)
                try expectEqual(ids, ["t1"], "the ids")
            }
            try expectEqual(try await bench.store.snapshot().pendingTriggers.map(\.id), ["t1"], "pending")
        },
        Check("a run keeps the slots that it answers") { factory in
            let bench = try await Bench(factory)
            var run = Sample.run("r1", ["a", "b"])
            run.scheduled = ["a": Sample.time(5)]
            run.shadowed = ["b": Sample.time(6)]
            try await bench.store.begin(run, answering: [], by: bench.writer)
            let stored = try await bench.store.run("r1")?.run
            try expectEqual(stored?.scheduled, run.scheduled, "what its slots force")
            try expectEqual(stored?.shadowed, run.shadowed, "what its slots prove")
        },
        Check("what moved is logged, oldest first, and found by asset, version and time") { factory in
            let bench = try await Bench(factory)
            for (second, version) in [(1, "v1"), (2, "v1"), (3, "v2"), (4, "v1")] {
                var observation = Observation(.known(DataVersion(version)), observedAt: Sample.time(Int64(second)))
                observation.values = ["n": .integer(Int64(second))]
                let tick = TickRecord(
                    sensor: "a",
                    status: .changed,
                    message: "",
                    startedAt: Sample.time(Int64(second)),
                    endedAt: Sample.time(Int64(second))
                )
                let commit = TickCommit(tick: tick, cursor: nil, observations: ["a": observation], verified: [])
                try await bench.store.commit(commit, by: bench.writer)
            }
            let all = try await bench.store.observations(ObservationQuery())
            try expectEqual(all.map(\.observation.version), ["v1", "v2", "v1"].map { .known($0) }, "the versions")
            try expectEqual(all.map(\.at), [1, 3, 4].map { Sample.time($0) }, "the times")
            let first = try await bench.store.observations(ObservationQuery(asset: "a", version: "v1", limit: 1))
            try expectEqual(first.first?.observation.values, ["n": .integer(1)], "the values of the first v1")
            let late = try await bench.store.observations(ObservationQuery(since: Sample.time(3), after: all[1].sequence))
            try expectEqual(late.map(\.sequence), [all[2].sequence], "those since then, after the second")
            try expect(try await bench.store.observations(ObservationQuery(asset: "b")).isEmpty, "another asset's")
        },
    ]
}
