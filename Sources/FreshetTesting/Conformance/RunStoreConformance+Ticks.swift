import FreshetCore
import FreshetKit

extension RunStoreConformance {
    static let ticks = [
        Check("a tick keeps its cursor, observations, decisions and triggers") { factory in
            let bench = try await Bench(factory)
            try await bench.store.commit(changingTick, by: bench.writer)
            let snapshot = try await bench.store.snapshot()
            try expectEqual(snapshot.cursors, ["s": "c1"], "cursors")
            try expectEqual(snapshot.observations["in"]?.observation, .known("v2"), "observation")
            try expectEqual(snapshot.pendingTriggers, [Sample.trigger("t2")], "triggers")
            try expectEqual(try await bench.store.decisions(DecisionQuery()).map(\.asset), ["a"], "decisions")
            try expectEqual(try await bench.store.ticks(TickQuery()).map(\.status), [.changed], "ticks")
        },
        Check("a tick of which the last part fails leaves nothing") { factory in
            let bench = try await Bench(factory)
            let before = try await bench.store.snapshot()
            var tick = changingTick
            let end = Disposition(.skipped, reason: "up_to_date", at: Sample.time(1))
            tick.change.dispositions["no such trigger"] = end
            try await expectRefusal("the end of no trigger") { () async throws(StoreError) in
                try await bench.store.commit(tick, by: bench.writer)
            }
            let difference = try await bench.store.snapshot().difference(from: before)
            try expect(difference == nil, "\(difference ?? "") changed")
            try expect(try await bench.store.ticks(TickQuery()).isEmpty, "the tick was written")
            try expect(try await bench.store.decisions(DecisionQuery()).isEmpty, "the decision was written")
        },
        Check("a tick without a cursor leaves the cursor") { factory in
            let bench = try await Bench(factory)
            try await bench.store.commit(changingTick, by: bench.writer)
            let failed = TickCommit(tick: Sample.tick(.failed), cursor: nil, observations: [:], verified: [])
            try await bench.store.commit(failed, by: bench.writer)
            try expectEqual(try await bench.store.snapshot().cursors, ["s": "c1"], "cursors")
        },
        Check("looks in a row that saw nothing new are one tick with a count") { factory in
            let bench = try await Bench(factory)
            let looks: [(TickRecord.Status, String)] = [
                (.changed, "s"), (.unchanged, "s"), (.unchanged, "other"), (.unchanged, "s"), (.unchanged, "s"),
                (.failed, "s"), (.failed, "s"), (.unchanged, "s"),
            ]
            for (index, (status, sensor)) in looks.enumerated() {
                let tick = Sample.tick(status, sensor: sensor, at: Int64(10 * index), message: "look \(index)")
                let commit = TickCommit(tick: tick, cursor: nil, observations: [:], verified: [])
                try await bench.store.commit(commit, by: bench.writer)
            }
            let ticks = try await bench.store.ticks(TickQuery(sensor: "s"))
            try expectEqual(ticks.map(\.status), [.unchanged, .failed, .failed, .unchanged, .changed], "statuses")
            try expectEqual(ticks.map(\.count), [1, 1, 1, 3, 1], "counts")
            try expectEqual(ticks[3].startedAt, Sample.time(10), "start of the collapsed tick")
            try expectEqual(ticks[3].endedAt, Sample.time(41), "end of the collapsed tick")
            try expectEqual(ticks[3].message, "look 4", "message of the collapsed tick")
            try expectEqual(try await bench.store.ticks(TickQuery(sensor: "other")).map(\.count), [1], "other sensor")
        },
        Check("the last look of a sensor is its last that did not fail") { factory in
            let bench = try await Bench(factory)
            let looks: [(TickRecord.Status, Int64)] = [
                (.changed, 10), (.unchanged, 20), (.unchanged, 30), (.failed, 40),
            ]
            for (status, now) in looks {
                let tick = Sample.tick(status, sensor: "s", at: now)
                let commit = TickCommit(tick: tick, cursor: nil, observations: [:], verified: [])
                try await bench.store.commit(commit, by: bench.writer)
            }
            let failed = Sample.tick(.failed, sensor: "never", at: 50)
            let commit = TickCommit(tick: failed, cursor: nil, observations: [:], verified: [])
            try await bench.store.commit(commit, by: bench.writer)
            let snapshot = try await bench.store.snapshot()
            try expectEqual(snapshot.lastLooks, ["s": Sample.time(31)], "last looks")
        },
        Check("an observation knows when it changed and when it was last verified") { factory in
            let bench = try await Bench(factory)
            func look(_ observation: Observation?, at now: Int64) async throws -> [Int64] {
                let commit = TickCommit(
                    tick: Sample.tick(at: now),
                    cursor: nil,
                    observations: observation.map { ["in": $0] } ?? [:],
                    verified: observation == nil ? ["in", "never seen"] : []
                )
                try await bench.store.commit(commit, by: bench.writer)
                let snapshot = try await bench.store.snapshot()
                let record = snapshot.observations["in"]
                return [record?.changedAt, record?.verifiedAt].map { ($0?.milliseconds ?? -1) / 1000 }
            }
            try expectEqual(try await look(.known("v1"), at: 10), [10, 10], "the first look")
            try expectEqual(try await look(nil, at: 20), [10, 20], "the same again")
            try expectEqual(try await look(.known("v1"), at: 30), [10, 30], "the same version with other values")
            try expectEqual(try await look(.known("v2"), at: 40), [40, 40], "another version")
            try expectEqual(try await look(.known("v2", health: .failed), at: 50), [50, 50], "another health")
            try expectEqual(try await look(.unknown, at: 60), [60, 50], "no answer")
            try expectEqual(try await look(nil, at: 70), [60, 50], "no answer again")
            try expect(try await bench.store.snapshot().observations["never seen"] == nil, "verified out of nothing")
        },
    ]
}
