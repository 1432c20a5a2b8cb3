import FreshetCore
import FreshetKit
import FreshetTesting
import Logging
import Synchronization
import Testing

@testable import FreshetEngine

/// A queue that a test fills.
private final class StubQueue: HintSource {
    static let name = "stub.queue"
    static let summary = "Holds what a test puts in."
    static let fields: [Field] = []
    static let examples: [String] = []
    struct Down: Error, CustomStringConvertible { let description = "the queue is down" }
    private struct State {
        var messages: [HintMessage] = []
        var acknowledged: [String] = []
        var failures = 0
        var asked = 0
    }
    private let state = Mutex(State())
    let label = "stub/queue"

    init() {}
    init(from settings: Settings) throws(Diagnostic) {}

    func put(_ messages: HintMessage...) { state.withLock { $0.messages += messages } }
    func fail(_ times: Int) { state.withLock { $0.failures = times } }
    var acknowledged: [String] { state.withLock { $0.acknowledged } }
    var asked: Int { state.withLock { $0.asked } }

    func receive(waiting patience: Duration, in context: ProbeContext) async throws -> [HintMessage] {
        let found = try state.withLock { state -> [HintMessage] in
            state.asked += 1
            if state.failures > 0 {
                state.failures -= 1
                throw Down()
            }
            defer { state.messages = [] }
            return state.messages
        }
        if found.isEmpty, patience > .zero { try await context.surroundings.clock.sleep(for: patience) }
        return found
    }

    func acknowledge(_ messages: [HintMessage], in context: ProbeContext) async throws {
        state.withLock { $0.acknowledged += messages.map(\.receipt) }
    }
}

private func message(_ receipt: String, receives: Int = 1, _ assets: AssetKey...) -> HintMessage {
    HintMessage(receipt: receipt, receives: receives, .hints(assets.map { Hint(.asset($0), source: "stub/queue") }))
}

@Suite(.timeLimit(.minutes(1)))
struct `The engine, following hints` {
    private let queue = StubQueue()

    /// Begins to follow messages; returns when what they are about is hinted at.
    private func follow(_ house: House, _ hinted: AssetKey, _ messages: HintMessage...) async -> Task<Void, Never> {
        let engine = house.engine
        let task = Task { await engine.follow(messages, of: queue) }
        while await !engine.isHinted(hinted) { await Task.yield() }
        return task
    }

    @Test func `takes a message out when the look that it led to is committed, and not before`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        house.outside.set("orders", "v2")
        let task = await follow(house, "orders", message("1", "orders"))
        #expect(queue.acknowledged == [])
        await house.look("orders")
        await task.value
        #expect(queue.acknowledged == ["1"])
        await house.settle()
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `leaves a message whose look fails, so that it comes again`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        house.outside.breakProbe("orders")
        let task = await follow(house, "orders", message("1", "orders"))
        await house.look("orders")
        let isOver = Mutex(false)
        let end = Task {
            await task.value
            isOver.withLock { $0 = true }
        }
        while !isOver.withLock({ $0 }) {
            if let next = house.clock.nextWake { house.clock.set(to: next) }
            await Task.yield()
        }
        await end.value
        #expect(queue.acknowledged == [])
    }

    @Test func `leaves a message whose look the store did not take`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        house.outside.set("orders", "v2")
        let task = await follow(house, "orders", message("1", "orders"))
        house.store.refuse(.failed("disk full"))
        await house.look("orders")
        #expect(queue.acknowledged == [])
        house.store.consent()
        await house.look("orders")
        await task.value
        #expect(queue.acknowledged == ["1"])
    }

    @Test func `looks once for many messages, and takes each out with its own looks`() async throws {
        let house = try await House("a -> m\nb -> n")
        await house.moveIn()
        let before = house.outside.looks(at: "a")
        let task = await follow(house, "a", message("1", "a"), message("2", "a"), message("3", "a", "b"))
        await house.look("a")
        await house.look("b")
        await task.value
        #expect(queue.acknowledged.sorted() == ["1", "2", "3"])
        #expect(house.outside.looks(at: "a") == before + 1)
    }

    @Test func `takes a message out though the looks of others go on or fail`() async throws {
        let house = try await House("a -> m\nb -> n")
        await house.moveIn()
        let task = await follow(house, "b", message("1", "a"), message("2", "a", "b"), message("3", "nobody"))
        await house.look("a")
        while queue.acknowledged.count < 2 { await Task.yield() }
        #expect(queue.acknowledged.sorted() == ["1", "3"])
        await house.look("b")
        await task.value
        #expect(queue.acknowledged.sorted() == ["1", "2", "3"])
    }

    @Test func `a look that began before the hint does not answer it`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        house.outside.hang("orders")
        let looks = house.outside.looks(at: "orders")
        let engine = house.engine
        let sensor = try #require(engine.sensors.all.first { $0.name == "orders" })
        let early = Task { await engine.look(sensor, failuresBefore: 0) }
        await house.outside.wait { $0.looks["orders"] == looks + 1 }
        let task = await follow(house, "orders", message("1", "orders"))
        house.outside.release("orders")
        _ = await early.value
        #expect(queue.acknowledged == [])
        await house.look("orders")
        await task.value
        #expect(queue.acknowledged == ["1"])
    }

    @Test func `takes out at once what nothing follows from`() async throws {
        let house = try await House("orders -> model", extras: House.Extras(logLevel: .debug))
        await house.engine.follow([message("1", "nobody"), HintMessage(receipt: "2", .hints([]))], of: queue)
        #expect(queue.acknowledged.sorted() == ["1", "2"])
        #expect(house.outside.now.lines.contains { $0.contains("nobody looks at that") })
    }

    @Test func `leaves what it cannot read for others, and takes it out when it has come three times`() async throws {
        let house = try await House("orders -> model")
        for receives in 1...3 {
            let message = HintMessage(receipt: "m", receives: receives, .malformed("it is not JSON"))
            await house.engine.follow([message], of: queue)
            #expect(queue.acknowledged == (receives < 3 ? [] : ["m"]))
        }
        #expect(house.outside.now.lines.count == 3)
        #expect(house.outside.now.lines.last?.contains("it came 3 times and is deleted") == true)
    }

    @Test func `a hint at a model is one at what it reads, and a pushed one needs no queue`() async throws {
        let house = try await House("orders -> model\nother -> else")
        await house.moveIn()
        #expect(await house.engine.take([Hint(.asset("model"), source: "webhook/x")]) == ["orders"])
        #expect(await house.engine.isHinted("orders"))
        #expect(await house.engine.take([Hint(.thing(connection: "none", name: nil), source: "webhook/x")]) == [])
    }

    @Test func `a hint without a change refreshes nothing`() async throws {
        let house = try await House("orders -> model")
        await house.moveIn()
        await house.engine.take([Hint(.asset("orders"), source: "webhook/x")])
        await house.look("orders")
        await house.settle()
        #expect(house.outside.takeRan() == [])
    }

    @Test func `the loop asks again after failures, and looks before the timer would`() async throws {
        let house = try await House("node -> [table] -> model", extras: House.Extras(hints: [queue]))
        await house.moveIn()
        house.outside.set("table", "v2")
        queue.fail(3)
        queue.put(message("1", "table"))
        let engine = house.engine
        let loops = Task {
            await withDiscardingTaskGroup { group in
                group.addTask { do { try await HintLoop(engine).run() } catch {} }
                group.addTask { do { try await SensorLoop(engine).run() } catch {} }
                group.addTask { do { try await TriggerLoop(engine).run() } catch {} }
                group.addTask { do { try await RunTimerLoop(engine).run() } catch {} }
            }
        }
        while queue.acknowledged.isEmpty || house.outside.attempts.isEmpty {
            if let next = house.clock.nextWake, next < house.clock.now + .seconds(100_000) { house.clock.set(to: next) }
            await Task.yield()
        }
        loops.cancel()
        await loops.value
        await engine.stop()
        #expect(queue.acknowledged == ["1"])
        #expect(house.outside.takeRan() == ["model"])
        #expect(house.outside.now.lines.contains { $0.contains("the queue is down") })
    }
}
