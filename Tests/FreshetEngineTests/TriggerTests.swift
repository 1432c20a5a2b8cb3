import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEngine

@Suite struct `The engine, answering` {
    private func change(_ asset: AssetKey, _ version: DataVersion, in house: House) async {
        house.outside.set(asset, version)
        await house.look(asset.path)
        await house.settle()
    }

    @Test func `models that have nothing to do with each other run apart, a chain runs as one`() async throws {
        let house = try await House("orders -> model -> report\norders -> other")
        await house.lookAtAll()
        await house.settle()
        let runs = try await house.runs().map { Set($0.selected) }
        #expect(Set(runs) == [["model", "report"], ["other"]])
        #expect(runs.count == 2)
    }

    @Test func `a change that lands during a run causes the next one`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        house.outside.plan("model", .hold)
        await change("orders", "v2", in: house)
        await change("orders", "v3", in: house)
        #expect(house.outside.attempts.count == 1)
        await house.finish("model")
        #expect(house.outside.attempts.count == 2)
        #expect(try await house.runs().count == 3)
        let consumed = try await house.store.materializations(of: "model", limit: 3).map {
            $0.materialization.provenance.inputs["orders"]
        }
        #expect(consumed == ["v3", "v2", "v1"])
    }

    @Test func `a retry does not consume what changed since the run began, and the next run does`() async throws {
        let retry = RetryPolicy(count: 1, delay: .seconds(60), jitter: 0)
        let policy = AssetPolicy(automation: AutomationPolicy(), retry: retry)
        let house = try await House("orders -> model", policy: policy)
        await house.moveIn()
        house.outside.plan("model", .fail(.later))
        await change("orders", "v2", in: house)
        await change("orders", "v3", in: house)
        await house.pass(.seconds(60))
        #expect(house.outside.attempts.map(\.number) == [1, 2, 1])
        let consumed = try await house.store.materializations(of: "model", limit: 3).map {
            $0.materialization.provenance.inputs["orders"]
        }
        #expect(consumed == ["v3", "v2", "v1"])
    }

    @Test func `what is asked for during a run comes to one run after it, and each trigger has one end`() async throws {
        let policy = AssetPolicy(automation: AutomationPolicy(quietPeriod: .seconds(60)))
        let house = try await House("orders -> model", policy: policy)
        await house.moveIn()
        await house.pass(.seconds(60))
        house.outside.plan("model", .hold)
        for version in ["v2", "v3"] { await change("orders", DataVersion(version), in: house) }
        await house.pass(.seconds(60))
        for version in ["v4", "v5"] { await change("orders", DataVersion(version), in: house) }
        await house.finish("model")
        await house.pass(.seconds(60))
        #expect(house.outside.takeRan() == ["model", "model", "model"])
        #expect(house.triggers.allSatisfy { $0.disposition?.kind == .run })
        #expect(house.triggers.compactMap(\.disposition?.into).count == house.triggers.count)
        #expect(await house.engine.world.pending.targets.isEmpty)
    }

    @Test func `a change that is taken back during the quiet period ends as up to date`() async throws {
        let policy = AssetPolicy(automation: AutomationPolicy(quietPeriod: .seconds(60)))
        let house = try await House("orders -> model", policy: policy)
        await house.moveIn()
        await house.pass(.seconds(60))
        _ = house.outside.takeRan()
        await change("orders", "v2", in: house)
        await change("orders", "v1", in: house)
        await house.pass(.seconds(60))
        #expect(house.outside.takeRan() == [])
        #expect(house.triggers.last?.disposition?.reason == "up_to_date")
    }

    @Test func `pause holds a model until it is resumed`() async throws {
        let house = try await House("orders -> model\norders -> other")
        await house.moveIn()
        try await house.pause(true, "model")
        await change("orders", "v2", in: house)
        #expect(house.outside.takeRan() == ["other"])
        try await house.pause(false, "model")
        await house.settle()
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `pause of everything holds everything, also over a restart`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        try await house.pause(true)
        await change("orders", "v2", in: house)
        try await house.restart()
        await house.engine.evaluateAll()
        await house.settle()
        #expect(house.outside.takeRan() == [])
        try await house.pause(false)
        await house.settle()
        #expect(house.outside.takeRan() == ["model"])
        #expect(house.triggers.allSatisfy { $0.disposition != nil })
    }

    @Test func `a paused ancestor is not run along, and its dependents follow when it is resumed`() async throws {
        let house = try await House("orders -> stage -> model\nother -> model") { spec in
            if spec.key == "stage" { spec.policy.automation = nil }
        }
        await house.moveIn()
        try await house.pause(true, "stage")
        await change("orders", "v2", in: house)
        #expect(house.outside.takeRan() == [])
        await change("other", "v2", in: house)
        #expect(house.outside.takeRan() == ["model"])
        try await house.pause(false, "stage")
        await house.settle()
        #expect(house.outside.takeRan() == ["stage", "model"])
    }

    @Test func `a pause also holds the next steps and attempts of a run in progress`() async throws {
        let house = try await House("orders -> model -> report")
        await house.moveIn()
        house.outside.plan("model", .hold)
        await change("orders", "v2", in: house)
        try await house.pause(true)
        await house.finish("model")
        #expect(house.outside.takeRan() == ["model"])
        #expect(try await house.step("report").status == .queued)
        try await house.pause(false)
        await house.settle()
        #expect(house.outside.takeRan() == ["report"])
        #expect(try await house.lastRun().run.status == .succeeded)
    }

    @Test func `observe mode decides and posts nothing, not even what was pending before`() async throws {
        let policy = AssetPolicy(automation: AutomationPolicy(quietPeriod: .seconds(60)))
        let house = try await House("orders -> model", policy: policy)
        await house.lookAtAll()
        await house.crash()
        try await house.start(mode: .observe)
        await house.pass(.seconds(3600))
        await change("orders", "v2", in: house)
        let manual = try await house.ask("model")
        await house.settle()
        #expect(house.outside.takeRan() == [])
        #expect(try await house.runs().isEmpty)
        #expect(try await house.decisions("model").first?.decision == .run([.neverMaterialized]))
        #expect(house.triggers.filter(\.isAutomatic).allSatisfy { $0.disposition?.reason == "observe_mode" })
        #expect(try await house.disposition(manual)?.kind == .rejected)
    }

    @Test func `a manual run runs exactly what is selected, after it has looked`() async throws {
        let house = try await House("orders -> stage -> model -> report", policy: AssetPolicy())
        house.outside.set("orders", "v9")
        let trigger = try await house.ask("model", isForced: true)
        await house.settle()
        #expect(house.outside.takeRan() == [])
        #expect(house.outside.looks(at: "orders") == 1)
        #expect(try await house.step("model").skipReason == .upstreamMissing("stage"))
        #expect(try await house.disposition(trigger)?.kind == .run)
        try await house.ask("stage", "model")
        await house.settle()
        #expect(house.outside.takeRan() == ["stage", "model"])
        try await house.ask("model")
        await house.settle()
        #expect(house.outside.takeRan() == [])
        #expect(try await house.step("model").skipReason == .upToDate)
        try await house.ask("model", isForced: true)
        await house.settle()
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `one failed look of a manual run makes the version unknown`() async throws {
        let house = try await House("orders -> model", policy: AssetPolicy())
        try await house.ask("model")
        await house.settle()
        house.outside.breakProbe("orders")
        try await house.ask("model")
        await house.settle()
        #expect(house.outside.attempts.map(\.causes) == [[.neverMaterialized], [.inputUnverifiable("orders")]])
    }

    @Test func `force overrides a branch but not a failed input`() async throws {
        let drawing = "node -> gate\nother -> gate -changed(other)-> model\ngate -else-> nothing"
        let house = try await House(drawing)
        await house.moveIn()
        try await house.ask("model", isForced: true)
        await house.settle()
        #expect(house.outside.takeRan() == ["model"])
        house.outside.set("node", "v1", health: .failed)
        try await house.ask("model", isForced: true)
        await house.settle()
        #expect(house.outside.takeRan() == [])
        #expect(try await house.step("model").skipReason == .upstreamFailed("node"))
    }

    @Test func `a request for what is not there is refused with a reason`() async throws {
        let house = try await House("orders -> model")
        let unknown = try await house.ask("modle")
        let observed = try await house.ask("orders")
        try await house.pause(true, "model")
        let paused = try await house.ask("model")
        let empty = try await house.ask()
        await house.settle()
        for (trigger, reason) in [
            (unknown, "'modle' is not in the project as the daemon loaded it"),
            (observed, "'orders' is not an asset that Freshet works on"),
            (paused, "'model' is paused; resume it first"), (empty, "it names no asset"),
        ] {
            let end = try #require(try await house.disposition(trigger))
            #expect(end.kind == .rejected)
            #expect(end.reason == reason)
        }
    }

    @Test func `a manual run waits for a run of the same asset, and looks again when that has ended`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        house.outside.plan("model", .hold)
        await change("orders", "v2", in: house)
        let trigger = try await house.ask("model")
        await house.settle()
        #expect(try await house.disposition(trigger) == nil)
        house.outside.set("orders", "v3")
        await house.finish("model")
        #expect(house.outside.takeRan() == ["model", "model"])
        #expect(try await house.lastRun().run.trigger == .manual)
    }

    @Test func `a sensor that hangs does not keep other triggers waiting for a manual run`() async throws {
        let house = try await House("a -> m\nb -> n")
        await house.moveIn()
        house.outside.hang("a")
        try await house.ask("m")
        _ = await house.engine.answerTriggers()
        await house.outside.wait { $0.looks["a"] == 2 }
        house.outside.set("b", "v2")
        await house.look("b")
        _ = await house.engine.answerTriggers()
        await house.outside.wait { $0.attempts.map(\.asset) == ["n"] }
        await house.clock.sleepers(atLeast: 1)
        house.clock.advance(by: .seconds(60))
        await house.settle()
        #expect(house.outside.attempts.map(\.asset) == ["n", "m"])
        #expect(house.outside.attempts.last?.causes == [.inputUnverifiable("a")])
        house.outside.release("a")
    }

    @Test func `a trigger for an asset that is gone is refused, whatever else is pending`() async throws {
        let policy = AssetPolicy(automation: AutomationPolicy(quietPeriod: .seconds(60)))
        let house = try await House("orders -> model\norders -> other", policy: policy)
        await house.lookAtAll()
        await house.crash()
        try await house.start { spec in if spec.key == "model" { spec.policy.automation = nil } }
        await house.pass(.seconds(60))
        #expect(house.outside.takeRan() == ["other"])
        #expect(house.triggers.first { $0.targets == ["model"] }?.disposition?.kind == .rejected)
    }

    @Test func `a trigger with a target that has to wait stays until that is answered too`() async throws {
        let house = try await House("orders -> stage -> a\nstage -> b") { spec in
            if spec.key == "stage" { spec.policy.automation = nil }
            if spec.key == "b" { spec.policy.automation?.minInterval = .seconds(3600) }
        }
        await house.moveIn()
        await change("orders", "v2", in: house)
        #expect(house.outside.takeRan() == ["stage", "a"])
        #expect(await house.engine.world.pending.isTarget("b"))
        await house.pass(.seconds(3600))
        #expect(house.outside.takeRan() == ["b"])
        #expect(house.triggers.allSatisfy { $0.disposition != nil })
    }

    @Test func `what was asked for while the store was full begins when it has space`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        try await house.ask("model", isForced: true)
        await change("orders", "v2", in: house)
        _ = house.outside.takeRan()
        try await house.ask("model", isForced: true)
        house.store.refuse(.full("no space"))
        await house.settle()
        #expect(house.outside.takeRan() == [])
        house.store.consent()
        for _ in 1...6 { await house.pass(.seconds(30)) }
        #expect(house.outside.takeRan() == ["model"])
        #expect(house.triggers.allSatisfy { $0.disposition != nil })
    }

    @Test func `a trigger that is noticed during a tick is not lost`() async throws {
        let house = try await House("orders -> model\nother -> side", policy: AssetPolicy())
        await house.lookAtAll()
        let engine = house.engine
        let sensor = try #require(engine.sensors.all.first { $0.name == "orders" })
        for number in 1...20 {
            house.outside.set("orders", DataVersion("w\(number)"))
            let trigger = try await house.post(["side"], isForced: true)
            async let look = engine.look(sensor, failuresBefore: 0)
            async let notice: Void = engine.notice(trigger: trigger)
            _ = await (look, notice)
        }
        await house.settle()
        #expect(house.triggers.count { $0.disposition != nil } == house.triggers.count)
        #expect(house.triggers.count { $0.kind == .manual } == 20)
        #expect(!house.outside.takeRan().isEmpty)
    }

    @Test func `what is asked for again while it waits becomes one run`() async throws {
        let house = try await House("orders -> model", policy: AssetPolicy())
        await house.lookAtAll()
        house.outside.plan("model", .hold)
        let first = try await house.ask("model", isForced: true)
        await house.settle()
        let later = [
            try await house.ask("model", isForced: true), try await house.ask("model", isForced: true),
            try await house.ask("model"),
        ]
        await house.settle()
        await house.finish("model")
        await house.settle()
        #expect(house.outside.takeRan() == ["model", "model"])
        let runs = try await house.runs()
        #expect(try await house.disposition(first)?.into == runs.last?.id)
        for trigger in later { #expect(try await house.disposition(trigger)?.into == runs.first?.id) }
    }
}
