import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEngine

/// `prep` and `publish` stand around `model`; see `GraphBuilder.attachSteps`, which draws the dependencies.
@Suite struct `Steps before and after an asset` {
    private func house() async throws -> House {
        let house = try await House("orders -> model\norders -> prep\nmodel -> publish") { spec in
            if spec.key == "model" {
                spec.before = ["prep"]
                spec.after = ["publish"]
            }
        }
        await house.lookAtAll()
        await house.settle()
        return house
    }

    @Test func `run in their order when the asset is stale`() async throws {
        let house = try await house()
        #expect(house.outside.takeRan() == ["prep", "model", "publish"])
        house.outside.set("orders", "moved")
        await house.look("orders")
        await house.settle()
        #expect(house.outside.takeRan() == ["prep", "model", "publish"])
    }

    @Test func `do not run when nothing changed`() async throws {
        let house = try await house()
        _ = house.outside.takeRan()
        await house.look("orders")
        await house.settle()
        #expect(house.outside.takeRan() == [])
    }

    @Test func `hold the asset when the step before fails`() async throws {
        let house = try await house()
        _ = house.outside.takeRan()
        house.outside.plan("prep", .hold)
        house.outside.set("orders", "moved")
        await house.look("orders")
        await house.settle()
        await house.finish("prep", .failed(StepFailure(.remoteFailed, .never, message: "no")))
        #expect(house.outside.takeRan() == ["prep"])
        #expect(try await house.step("model").skipReason == .upstreamFailed("prep"))
    }

    @Test func `come along when a person asks for the asset alone`() async throws {
        let house = try await house()
        _ = house.outside.takeRan()
        try await house.ask("model", isForced: true)
        await house.settle()
        #expect(house.outside.takeRan() == ["prep", "model", "publish"])
    }
}

@Suite struct `What an attempt says of its work` {
    private let short = CheckResult(name: "row_count/orders", isPassed: false, message: "3 rows are missing")

    @Test func `a failed check stays with the run, and the asset stays stale`() async throws {
        let house = try await House("orders -> model")
        house.outside.plan("model", .hold)
        await house.lookAtAll()
        await house.settle()
        let failure = StepFailure(.checkFailed, .never, message: "3 rows are missing", checks: [short])
        await house.finish("model", .failed(failure))
        let run = try #require(try await house.runs().first)
        #expect(try await house.store.run(run.id)?.checks.map(\.result) == [short])
        #expect(run.status == .failed)
        #expect(try await house.store.snapshot().materializations["model"] == nil)
    }

    @Test func `more than was asked for is recorded as such`() async throws {
        let house = try await House("orders -> model.fct\ncustomers -> model.dim")
        await house.moveIn()
        house.outside.plan("model", .hold)
        house.outside.set("orders", "moved")
        await house.look("orders")
        await house.settle()
        await house.finish("model", .succeeded(StepSuccess(extent: .whole)))
        #expect(try await house.store.snapshot().materializations["model"]?.extent == .whole)
    }

    @Test func `what may not be done now is a skip that keeps the asset stale, and no failure`() async throws {
        let house = try await House("orders -> model\nmodel -> next")
        house.outside.plan("model", .hold)
        await house.lookAtAll()
        await house.settle()
        await house.finish("model", .held(.quotaExhausted))
        let run = try #require(try await house.runs().first)
        #expect(run.status == .succeeded)
        #expect(try await house.step("model").skipReason == .quotaExhausted)
        #expect(try await house.store.snapshot().materializations["model"] == nil)
        #expect(house.outside.takeRan() == ["model"])
    }
}
