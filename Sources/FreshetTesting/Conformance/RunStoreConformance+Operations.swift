import FreshetCore
import FreshetKit

extension RunStoreConformance {
    static let operations = [
        Check("one operation is in flight for each target") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1")
            func commit(_ operation: RemoteOperation) async throws(StoreError) {
                try await bench.store.commit(operation, Sample.event("e"), by: bench.writer)
            }
            for state in [RemoteOperation.State.prepared, .ambiguous, .accepted] {
                try await commit(Sample.operation("o1", state))
                let isInFlight: (StoreError) -> Bool = { $0 == .operationInFlight(target: "model") }
                try await expectRefusal("a second one while \(state)", isInFlight) { () async throws(StoreError) in
                    try await commit(Sample.operation("o2"))
                }
                try expectEqual(try await bench.store.operations(on: "model", limit: 9).count, 1, "operations")
            }
            try await commit(Sample.operation("elsewhere", on: "another model"))
            try await commit(Sample.operation("o1", .completed))
            try await commit(Sample.operation("o2"))
            try await commit(Sample.operation("o2", .unresolved))
            try await commit(Sample.operation("o3"))
            let found = try await bench.store.operations(on: "model", limit: 2)
            try expectEqual(found, [Sample.operation("o3"), Sample.operation("o2", .unresolved)], "newest first")
        },
        Check("an operation that has ended does not change") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1")
            for state in RemoteOperation.State.allCases where state.isFinal {
                let id = "operation \(state)"
                let end = Sample.operation(id, on: id, state)
                try await bench.store.commit(Sample.operation(id, on: id), Sample.event("prepared"), by: bench.writer)
                try await bench.store.commit(end, Sample.event("ended"), by: bench.writer)
                try await bench.store.commit(end, Sample.event("ended"), by: bench.writer)
                for next in RemoteOperation.State.allCases where next != state {
                    try await expectRefusal("\(next) after \(state)") { () async throws(StoreError) in
                        try await bench.store.commit(
                            Sample.operation(id, on: id, next),
                            Sample.event("late"),
                            by: bench.writer
                        )
                    }
                }
                try expectEqual(try await bench.store.operations(on: id, limit: 9), [end], "the operation")
            }
            let events = try await bench.store.run("r1")?.operations.map { $0.events.map(\.name) }
            try expect(events?.allSatisfy { $0 == ["prepared", "ended"] } == true, "events: \(events ?? [])")
        },
        Check("an operation that may have been sent is not prepared again") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1")
            try await bench.store.commit(Sample.operation("o1", .ambiguous), Sample.event("e"), by: bench.writer)
            try await expectRefusal("prepared after ambiguous") { () async throws(StoreError) in
                try await bench.store.commit(Sample.operation("o1"), Sample.event("e"), by: bench.writer)
            }
        },
        Check("an operation needs its run") { factory in
            let bench = try await Bench(factory)
            try await expectRefusal("an operation without a run") { () async throws(StoreError) in
                try await bench.store.commit(Sample.operation("o1"), Sample.event("e"), by: bench.writer)
            }
        },
        Check("the events of an operation are kept in their order") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1")
            for name in ["prepared", "answered", "polled"] {
                let state: RemoteOperation.State = name == "prepared" ? .prepared : .accepted
                try await bench.store.commit(Sample.operation("o1", state), Sample.event(name), by: bench.writer)
            }
            let detail = try await bench.store.snapshot().unfinishedRuns.first?.operations.first
            try expectEqual(detail?.operation, Sample.operation("o1", .accepted), "operation")
            try expectEqual(detail?.events, ["prepared", "answered", "polled"].map(Sample.event), "events")
        },
    ]
}
