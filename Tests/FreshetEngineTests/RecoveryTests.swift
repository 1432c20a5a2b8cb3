import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEngine

@Suite struct `The engine, after a crash` {
    /// One model whose first attempt goes like this, in a run that a person asked for.
    private func house(
        _ work: Outside.Work,
        _ next: Outside.Work = .succeed(nil),
        drawing: String = "orders -> model",
        retry: RetryPolicy = RetryPolicy()
    ) async throws -> House {
        let house = try await House(drawing, policy: AssetPolicy(retry: retry))
        house.outside.plan("model", work, next)
        try await house.ask("model")
        await house.settle()
        return house
    }

    @Test func `an attempt without an operation is made again under the same number`() async throws {
        let house = try await house(.hold)
        try await house.restart()
        await house.settle()
        #expect(house.outside.attempts.map(\.number) == [1, 1])
        #expect(house.outside.attempts.last?.resuming == nil)
        #expect(try await house.lastRun().run.status == .succeeded)
        #expect(try await house.runs().count == 1)
    }

    @Test(arguments: [RemoteOperation.State.prepared, .accepted])
    func `an attempt with an operation is taken up, not made again`(state: RemoteOperation.State) async throws {
        let house = try await house(.operate(state))
        try await house.restart()
        await house.settle()
        #expect(house.outside.attempts.map(\.resuming?.state) == [nil, state])
        #expect(house.outside.attempts.map(\.number) == [1, 1])
        #expect(try await house.lastRun().run.status == .succeeded)
    }

    @Test func `an asset that is no longer in the project fails its run, and gives up what it had under way`()
        async throws
    {
        let house = try await house(.operate(.accepted), drawing: "orders -> model\nother -> side")
        let run = try #require(try await house.runs().first { $0.selected.contains("model") })
        await house.crash()
        house.specs["model"] = nil
        try await house.start()
        await house.settle()
        let detail = try #require(try await house.store.run(run.id))
        #expect(detail.run.status == .failed)
        #expect(detail.steps.first { $0.asset == "model" }?.failure?.code == .configuration)
        #expect(detail.operations.map(\.operation.state) == [.lost], "its target is free for others")
    }

    @Test func `two crashes in a row still take it up`() async throws {
        let house = try await house(.operate(.accepted), .hold)
        try await house.restart()
        await house.settle()
        try await house.restart()
        await house.settle()
        #expect(house.outside.attempts.map(\.resuming?.state) == [nil, .accepted, .accepted])
    }

    @Test func `a wait between two attempts goes on, and the next gets no old operation`() async throws {
        let retry = RetryPolicy(count: 1, delay: .seconds(60), jitter: 0)
        let house = try await house(.operate(.accepted), retry: retry)
        await house.finish("model", .failed(StepFailure(.remoteFailed, .later, message: "no")))
        #expect(try await house.step("model").status == .retrying)
        house.clock.advance(by: .seconds(20))
        try await house.restart()
        await house.pass(.seconds(39))
        #expect(house.outside.attempts.count == 1)
        await house.pass(.seconds(1))
        #expect(house.outside.attempts.map(\.number) == [1, 2])
        #expect(house.outside.attempts.last?.resuming == nil)
        #expect(try await house.lastRun().run.status == .succeeded)
    }

    @Test func `a deadline counts on`() async throws {
        let house = try await House("orders -> model", policy: AssetPolicy(timeout: .seconds(100)))
        house.outside.plan("model", .operate(.accepted), .hold)
        try await house.ask("model")
        await house.settle()
        let deadline = house.clock.now + .seconds(100)
        house.clock.advance(by: .seconds(60))
        try await house.restart()
        await house.settle()
        #expect(house.outside.attempts.map(\.deadline) == [deadline, deadline])
        await house.pass(.seconds(40))
        await house.outside.wait { $0.stopped["model"] != nil }
        await house.settle()
        #expect(house.outside.now.stopped["model"] == .deadline)
    }

    @Test func `a pool counts what runs before it gives a slot to what waits`() async throws {
        let retry = RetryPolicy(count: 1, delay: .seconds(10), jitter: 0)
        let policy = AssetPolicy(automation: AutomationPolicy(), retry: retry, pool: "p")
        let house = try await House("orders -> a\norders -> b", policy: policy, pools: ["p": 1])
        house.outside.plan("a", .fail(.later))
        house.outside.plan("b", .operate(.accepted), .hold)
        await house.lookAtAll()
        await house.settle()
        // The older run now waits for the slot that the younger holds.
        await house.pass(.seconds(10))
        #expect(try await house.step("a").status == .queued)
        try await house.restart()
        await house.settle()
        #expect(house.outside.takeRan() == ["a", "b", "b"])
        #expect(try await house.step("a").status == .queued)
        await house.finish("b")
        #expect(house.outside.takeRan() == ["a"])
    }

    @Test func `what is out there is followed even if nobody would begin it any more`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        await house.crash()
        house.outside.plan("model", .operate(.accepted))
        try await house.start { spec in if spec.key == "model" { spec.codeVersion = "2" } }
        await house.engine.evaluateAll()
        await house.settle()
        await house.crash()
        _ = house.outside.takeRan()
        try await house.start { spec in if spec.key == "model" { spec.codeVersion = "1" } }
        _ = await house.engine.serveRunTimers()
        await house.settle()
        #expect(house.outside.attempts.first?.resuming?.state == .accepted)
        #expect(try await house.runs().allSatisfy { $0.status == .succeeded })
    }

    @Test func `a cancel that came with the crash ends what runs, what waits and what rests`() async throws {
        let retry = RetryPolicy(count: 1, delay: .seconds(60), jitter: 0)
        let policy = AssetPolicy(retry: retry, pool: "p")
        let drawing = "orders -> taken -> later\norders -> resting\norders -> waiting\norders -> fresh"
        let house = try await House(drawing, policy: policy, pools: ["p": 2]) { spec in
            if spec.key == "waiting" { spec.policy.pool = "q" }
        }
        house.outside.plan("taken", .operate(.accepted), .hold)
        house.outside.plan("resting", .fail(.later))
        house.outside.plan("fresh", .hold)
        let wish = try await house.ask("taken", "later", "resting", "fresh")
        await house.settle()
        let run = try #require(try await house.disposition(wish)?.into)
        let epoch = await house.engine.epoch
        await house.crash()
        let store = try await house.disk.open()
        _ = try await store.requestCancel(of: run, at: house.clock.now, by: Writer(epoch: epoch, actor: house.anna))
        await store.close()
        _ = house.outside.takeRan()
        try await house.start()
        await house.outside.wait { $0.stopped["taken"] == .cancelled }
        await house.pass(.seconds(3600))
        #expect(house.outside.takeRan() == ["taken"])
        let end = try await house.lastRun()
        #expect(end.run.status == .cancelled)
        let states = Dictionary(uniqueKeysWithValues: end.steps.map { ($0.asset, $0.status) })
        #expect(states["taken"] == .cancelled)
        #expect(states["resting"] == .cancelled)
        #expect(states["fresh"] == .cancelled)
        #expect(states["later"] == .skipped)
    }

    @Test func `a run whose steps have all ended is ended`() async throws {
        let house = try await House("orders -> a -> b")
        await house.lookAtAll()
        let engine = house.engine
        let run = RunRecord(
            id: "left",
            trigger: .sensor,
            actor: .engine,
            selected: ["a", "b"],
            inputs: ["orders": .known("v1")],
            configVersion: house.project.configVersion,
            graphHash: house.project.configVersion,
            createdAt: house.clock.now
        )
        try await house.store.begin(run, answering: [], by: await engine.writer)
        var step = StepRecord(run: "left", asset: "a", status: .succeeded, attempt: 1, causes: [.neverMaterialized])
        step.endedAt = house.clock.now
        let success = MaterializationRecord(
            materialization: Materialization(
                asset: "a",
                version: "made",
                provenance: Provenance(codeVersion: "1", inputs: ["orders": "v1"])
            ),
            run: "left",
            startedAt: house.clock.now,
            at: house.clock.now,
            extent: .whole
        )
        try await house.store.append([.step(step), .materialized(success)], by: await engine.writer)
        try await house.restart()
        await house.settle()
        #expect(house.outside.takeRan() == ["b"])
        #expect(try await house.store.run("left")?.run.status == .succeeded)
        let consumed = try await house.store.materializations(of: "b", limit: 1).first?.materialization.provenance
            .inputs
        #expect(consumed == ["a": "made"])
    }

    @Test func `a failed step stays failed, and what is behind it stays held`() async throws {
        let house = try await House("orders -> a -> b\norders -> c", policy: AssetPolicy())
        house.outside.plan("a", .fail(.never))
        house.outside.plan("c", .hold)
        try await house.ask("a", "b", "c")
        await house.settle()
        try await house.restart()
        await house.settle()
        #expect(house.outside.takeRan().sorted() == ["a", "c", "c"])
        let end = try await house.lastRun()
        #expect(end.run.status == .failed)
        #expect(try await house.step("b").skipReason == .upstreamFailed("a"))
        #expect(await house.engine.world.lastSteps["a"]?.failuresInARow == 1)
    }

    @Test func `a branch does not choose another arm because the first has succeeded meanwhile`() async throws {
        let drawing = """
            orders -> gate
            gate -changed(orders)-> first
            gate -else-> second
            slow_source -> slow -> second
            """
        let house = try await House(drawing, policy: AssetPolicy())
        try await house.ask("first", "slow", "second")
        await house.settle()
        house.outside.set("orders", "v2")
        house.outside.set("slow_source", "v2")
        house.outside.plan("slow", .hold)
        _ = house.outside.takeRan()
        try await house.ask("first", "slow", "second")
        await house.settle()
        #expect(house.outside.takeRan().sorted() == ["first", "slow"])
        try await house.restart()
        await house.settle()
        #expect(house.outside.takeRan() == ["slow"])
        let end = try await house.lastRun()
        #expect(end.run.status == .succeeded)
        #expect(end.steps.first { $0.asset == "second" }?.skipReason == .notSelected(byBranch: "gate"))
    }

    @Test func `a success says what went in when the attempt began, not what is there after the crash`() async throws {
        let house = try await House("orders -> stage -> model", policy: AssetPolicy())
        try await house.ask("stage", "model")
        await house.settle()
        house.outside.plan("model", .operate(.accepted))
        try await house.ask("model", isForced: true)
        await house.settle()
        let before = try await house.store.materializations(of: "stage", limit: 1).first?.materialization.version
        house.clock.advance(by: .seconds(10))
        house.outside.set("orders", "v2")
        try await house.ask("stage")
        await house.settle()
        try await house.restart()
        await house.settle()
        let success = try #require(try await house.store.materializations(of: "model", limit: 1).first)
        #expect(success.materialization.provenance.inputs["stage"] == before)
    }

    @Test func `what went out under another definition does not count for the new one`() async throws {
        let house = try await House("orders -> model")
        await house.lookAtAll()
        house.outside.plan("model", .operate(.accepted))
        await house.settle()
        await house.crash()
        try await house.start { spec in if spec.key == "model" { spec.codeVersion = "2" } }
        await house.settle()
        #expect(house.outside.attempts.map(\.number) == [1, 1, 1])
        #expect(house.outside.attempts.last?.causes == [.codeChanged(from: "", to: "2")])
    }

    @Test func `observe mode follows what is out there, and begins nothing`() async throws {
        let house = try await House("orders -> model -> report\norders -> other", policy: AssetPolicy())
        house.outside.plan("model", .operate(.accepted), .hold)
        house.outside.plan("other", .hold)
        try await house.ask("model", "report", "other")
        await house.settle()
        await house.crash()
        _ = house.outside.takeRan()
        try await house.start(mode: .observe)
        await house.settle()
        await house.finish("model")
        #expect(house.outside.takeRan() == ["model"])
        #expect(house.outside.now.stopped["model"] == nil)
        #expect(try await house.lastRun().run.status == .cancelled)
        #expect(try await house.step("model").status == .succeeded)
    }

    @Test func `a change before the crash, whose table was not looked at any more, is seen at the start`() async throws
    {
        let house = try await House("node -> [table] -> model")
        await house.moveIn()
        house.outside.set("node", "v2")
        house.outside.set("table", "v2")
        await house.look("dbt")
        try await house.restart()
        let engine = house.engine
        let loop = Task { do { try await SensorLoop(engine).run() } catch {} }
        await house.outside.wait { $0.looks["table"] == 2 }
        while await house.engine.world.observations["table"]?.observation.version != .known("v2") { await Task.yield() }
        await house.settle()
        loop.cancel()
        await loop.value
        #expect(house.outside.takeRan() == ["model"])
    }
}
