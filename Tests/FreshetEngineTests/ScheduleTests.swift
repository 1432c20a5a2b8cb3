import FreshetCore
import FreshetKit
import FreshetTesting
import Testing

@testable import FreshetEngine

/// The clock of a house starts at 2026-04-24T03:06:40Z, a Friday.
@Suite struct `The engine, by schedules` {
    private func schedule(
        _ text: String = "0 6 * * *",
        catchup: Schedule.Catchup = .latest,
        always: Bool = false
    ) throws -> Schedule {
        Schedule([try CronExpression(parsing: text)], catchup: catchup, refreshesAlways: always)
    }

    /// A house whose model is up to date, and whose schedules are being kept.
    private func house(_ automation: AutomationPolicy, mode: Project.Mode = .act) async throws -> House {
        let house = try await House("orders -> model", policy: AssetPolicy(automation: automation), mode: mode)
        await house.lookAtAll()
        if mode == .act { try await house.ask("model", isForced: true) }
        await house.settle()
        await keepTime(house)
        _ = house.outside.takeRan()
        return house
    }

    /// What the loop does at one moment.
    @discardableResult
    private func keepTime(_ house: House) async -> Timestamp? {
        var next: Timestamp?
        for timetable in Timetable.all(of: house.project) {
            _ = await house.engine.answerSlots(of: timetable)
            next = await house.engine.nextSlot(of: timetable)
        }
        await house.settle()
        return next
    }

    private func pass(to text: String, in house: House) async throws {
        let moment = try #require(Timestamp(iso8601: text))
        house.clock.advance(by: moment - house.clock.now)
    }

    private func slots(_ house: House) -> [TriggerRecord] { house.triggers.filter { $0.kind == .schedule } }

    @Test func `a slot looks first, and skips what has not changed`() async throws {
        let house = try await house(AutomationPolicy(actsOnChange: false, schedule: try schedule()))
        let looks = house.outside.now.looks["orders"]
        try await pass(to: "2026-04-24T06:00:00Z", in: house)
        let next = await keepTime(house)
        #expect(house.outside.takeRan() == [])
        #expect(house.outside.now.looks["orders"] == (looks ?? 0) + 1)
        #expect(slots(house).map(\.disposition?.reason) == ["up_to_date"])
        #expect(try await house.decisions("model").first?.decision == .skip(.upToDate))
        #expect(next == Timestamp(iso8601: "2026-04-25T06:00:00Z"))
    }

    @Test func `with on: schedule a change waits for the slot`() async throws {
        let house = try await house(AutomationPolicy(actsOnChange: false, schedule: try schedule()))
        house.outside.set("orders", "v2")
        await house.look("orders")
        await house.settle()
        #expect(house.outside.takeRan() == [])
        try await pass(to: "2026-04-24T06:00:01Z", in: house)
        await keepTime(house)
        #expect(house.outside.takeRan() == ["model"])
        let run = try await house.lastRun().run
        #expect(run.trigger == .schedule)
        #expect(slots(house).first?.slot == Timestamp(iso8601: "2026-04-24T06:00:00Z"))
    }

    @Test func `a slot with always refreshes whatever the inputs are, once`() async throws {
        let house = try await house(AutomationPolicy(schedule: try schedule(always: true)))
        try await pass(to: "2026-04-24T06:00:00Z", in: house)
        await keepTime(house)
        #expect(house.outside.takeRan() == ["model"])
        let slot = try #require(Timestamp(iso8601: "2026-04-24T06:00:00Z"))
        #expect(try await house.step("model").causes.contains(.scheduled(slot)))
        await keepTime(house)
        try await house.restart()
        await keepTime(house)
        #expect(house.outside.takeRan() == [])
        #expect(slots(house).count == 1)
    }

    @Test func `force_at is a slot that always refreshes`() async throws {
        let house = try await house(AutomationPolicy(forcedAt: try schedule("0 3 * * sun", always: true)))
        try await pass(to: "2026-04-26T03:00:00Z", in: house)
        await keepTime(house)
        #expect(house.outside.takeRan() == ["model"])
    }

    @Test func `after a downtime the latest slot stands for all`() async throws {
        let house = try await house(AutomationPolicy(schedule: try schedule(always: true)))
        await house.crash()
        try await pass(to: "2026-04-27T09:00:00Z", in: house)
        try await house.start()
        await keepTime(house)
        #expect(house.outside.takeRan() == ["model"])
        #expect(slots(house).map(\.slot) == [Timestamp(iso8601: "2026-04-27T06:00:00Z")])
    }

    @Test func `with catchup: none a slot that was missed is over`() async throws {
        let house = try await house(AutomationPolicy(schedule: try schedule(catchup: .none, always: true)))
        await house.crash()
        try await pass(to: "2026-04-24T09:00:00Z", in: house)
        try await house.start()
        await keepTime(house)
        #expect(house.outside.takeRan() == [])
    }

    @Test func `an expression that is edited to an earlier time fires nothing back`() async throws {
        let house = try await house(AutomationPolicy(schedule: try schedule("0 18 * * *", always: true)))
        await house.crash()
        try await pass(to: "2026-04-24T12:00:00Z", in: house)
        let earlier = try schedule("0 9 * * *", always: true)
        try await house.start { $0.policy.automation?.schedule = earlier }
        let next = await keepTime(house)
        #expect(house.outside.takeRan() == [])
        #expect(next == Timestamp(iso8601: "2026-04-25T09:00:00Z"))
    }

    @Test func `a wall clock that is set back answers no slot again`() async throws {
        let house = try await house(AutomationPolicy(schedule: try schedule("0 * * * *", always: true)))
        try await pass(to: "2026-04-24T06:00:00Z", in: house)
        await keepTime(house)
        #expect(house.outside.takeRan() == ["model"])
        house.clock.advance(by: .seconds(-7200))
        await keepTime(house)
        house.clock.advance(by: .seconds(3600))
        await keepTime(house)
        #expect(house.outside.takeRan() == [])
    }

    @Test func `a slot whose look fails takes the version as unknown, and refreshes`() async throws {
        let house = try await house(AutomationPolicy(actsOnChange: false, schedule: try schedule()))
        house.outside.update { $0.broken = ["orders"] }
        try await pass(to: "2026-04-24T06:00:00Z", in: house)
        await keepTime(house)
        #expect(house.outside.takeRan() == ["model"])
        #expect(try await house.step("model").causes == [.inputUnverifiable("orders")])
    }

    @Test func `shadow refreshes what is up to date, and keeps its version`() async throws {
        let house = try await house(AutomationPolicy(schedule: try schedule(), isShadowed: true))
        let version = try await house.store.snapshot().materializations["model"]?.materialization.version
        try await pass(to: "2026-04-24T06:00:00Z", in: house)
        await keepTime(house)
        let slot = try #require(Timestamp(iso8601: "2026-04-24T06:00:00Z"))
        #expect(house.outside.takeRan() == ["model"])
        #expect(try await house.step("model").causes == [.shadowed(slot)])
        let last = try await house.store.snapshot().materializations["model"]
        #expect(last?.materialization.version == version)
        #expect(last?.details["shadow"]?["same"] == .null)
    }

    @Test func `mode: observe decides at a slot, and begins nothing`() async throws {
        let house = try await house(AutomationPolicy(schedule: try schedule()), mode: .observe)
        try await pass(to: "2026-04-24T06:00:00Z", in: house)
        await keepTime(house)
        #expect(house.outside.takeRan() == [])
        #expect(slots(house).map(\.disposition?.reason) == ["observe_mode"])
        #expect(try await house.decisions("model").first?.decision == .run([.neverMaterialized]))
    }

    @Test func `a slot that the store refuses is answered when it takes writes again`() async throws {
        let house = try await house(AutomationPolicy(schedule: try schedule(always: true)))
        try await pass(to: "2026-04-24T06:00:00Z", in: house)
        house.store.refuse(.failed("scripted"))
        let timetable = try #require(Timetable.all(of: house.project).first)
        #expect(await house.engine.answerSlots(of: timetable) == false)
        house.store.consent()
        await keepTime(house)
        #expect(house.outside.takeRan() == ["model"])
    }
}
