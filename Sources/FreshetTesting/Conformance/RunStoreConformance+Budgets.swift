import FreshetCore
import FreshetKit

extension RunStoreConformance {
    static let budgets = [
        Check("the latest throttling of each budget is in the snapshot, also of the next process") { factory in
            let bench = try await Bench(factory)
            var first = BudgetRecord(
                name: "connection:powerbi",
                blockedUntil: Sample.time(3600),
                limit: 5,
                since: Sample.time(1),
                reason: "Retry in 3392 seconds."
            )
            let other = BudgetRecord(name: "pool:p", blockedUntil: Sample.time(9), since: Sample.time(2), reason: "")
            try await bench.append(.throttled(first), .throttled(other))
            (first.count, first.blockedUntil, first.limit) = (10, Sample.time(3700), nil)
            try await bench.append(.throttled(first))
            let expected = [first.name: first, other.name: other]
            try expectEqual(try await bench.store.snapshot().budgets, expected, "budgets")
            await bench.store.close()
            let next = try await Bench(factory)
            try expectEqual(try await next.store.snapshot().budgets, expected, "budgets after a restart")
        },
        Check("a step remembers how it was put off") { factory in
            let bench = try await Bench(factory)
            try await bench.begin("r1", ["a"])
            let step = Sample.step("r1", "a", .retrying)
            try await bench.append(.step(step))
            try expectEqual(try await bench.store.run("r1")?.steps, [step], "steps")
        },
    ]
}
