import FreshetCore
import FreshetKit

extension RunStoreConformance {
    static let reading = [
        Check("runs are listed newest first, page by page") { factory in
            let bench = try await Bench(factory)
            // The order is that of the making: neither the ids nor the times say so.
            for (index, id) in ["r5", "r1", "r4", "r2", "r3"].enumerated() {
                try await bench.begin(id, [index % 2 == 0 ? "even" : "odd"])
            }
            try await bench.end("r4", .failed)
            func ids(_ query: RunQuery) async throws -> [RunID] { try await bench.store.runs(query).map(\.id) }
            try expectEqual(try await ids(RunQuery(limit: 2)), ["r3", "r2"], "the first page")
            try expectEqual(try await ids(RunQuery(before: "r2", limit: 2)), ["r4", "r1"], "the second")
            try expectEqual(try await ids(RunQuery(before: "r1", limit: 2)), ["r5"], "the last")
            try expectEqual(try await ids(RunQuery(before: "no such run")), [], "before no run")
            try expectEqual(try await ids(RunQuery(asset: "even")), ["r3", "r4", "r5"], "of an asset")
            try expectEqual(try await ids(RunQuery(status: .failed)), ["r4"], "of a status")
            try expectEqual(try await ids(RunQuery(asset: "odd", status: .failed)), [], "of both")
            try expectEqual(try await ids(RunQuery(limit: 0)), [], "none")
            let whole = try await bench.store.runs(RunQuery(before: "r1")).first
            try expectEqual(whole, Sample.run("r5", ["even"]), "a listed run")
        },
        Check("decisions are listed newest first, page by page") { factory in
            let bench = try await Bench(factory)
            let decisions = (1...6).map { Sample.decision($0 % 2 == 0 ? "even" : "odd", at: $0) }
            _ = try await bench.store.commit(TriggerCommit(decisions: decisions), by: bench.writer)
            func times(_ query: DecisionQuery) async throws -> [Int64] {
                try await bench.store.decisions(query).map { $0.at.milliseconds / 1000 }
            }
            try expectEqual(try await times(DecisionQuery(limit: 2)), [6, 5], "the first page")
            let last = try await bench.store.decisions(DecisionQuery(limit: 2)).last
            try expectEqual(try await times(DecisionQuery(before: last?.sequence, limit: 2)), [4, 3], "the second")
            try expectEqual(try await times(DecisionQuery(asset: "even")), [6, 4, 2], "of an asset")
            try expectEqual(try await times(DecisionQuery(asset: "even", at: Sample.time(5))), [4, 2], "until then")
        },
        Check("ticks are listed newest first, page by page") { factory in
            let bench = try await Bench(factory)
            for index in 1...5 {
                let tick = Sample.tick(.changed, sensor: index % 2 == 0 ? "even" : "odd", at: Int64(index))
                let commit = TickCommit(tick: tick, cursor: nil, observations: [:], verified: [])
                try await bench.store.commit(commit, by: bench.writer)
            }
            func times(_ query: TickQuery) async throws -> [Int64] {
                try await bench.store.ticks(query).map { $0.startedAt.milliseconds / 1000 }
            }
            try expectEqual(try await times(TickQuery(limit: 2)), [5, 4], "the first page")
            let last = try await bench.store.ticks(TickQuery(limit: 2)).last
            try expectEqual(try await times(TickQuery(before: last?.sequence, limit: 9)), [3, 2, 1], "the second")
            try expectEqual(try await times(TickQuery(sensor: "even")), [4, 2], "of a sensor")
        },
        Check("what is not there is nil or empty") { factory in
            let bench = try await Bench(factory)
            try expect(try await bench.store.run("no") == nil, "a run")
            try expect(try await bench.store.trigger("no") == nil, "a trigger")
            try expect(try await bench.store.materializations(of: "no", limit: 9).isEmpty, "materializations")
            try expect(try await bench.store.operations(on: "no", limit: 9).isEmpty, "operations")
            let difference = try await bench.store.snapshot().difference(from: StoreSnapshot())
            try expect(difference == nil, "a new store has \(difference ?? "")")
        },
        Check("a run's id is only found in full") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("0192-abcd")
            try expect(try await bench.store.run("0192") == nil, "found by its beginning")
            try expect(try await bench.store.run("0192-abcd") != nil, "not found")
        },
    ]
}
