import FreshetCore
import FreshetDefinitions
import FreshetKit
import Testing

@Suite struct `The fields of pace` {
    private static let model = "  - {key: m, kind: test.model, connection: powerbi, workspace: W, model: M"

    private func load(_ fields: String, more: String = "") throws -> Project {
        try TestProject(assets: "assets:\n\(Self.model), \(fields)}\n", more: more).load().project
    }

    private func policy(_ fields: String, more: String = "") throws -> AssetPolicy {
        try #require(try load(fields, more: more).asset("m")?.spec.policy)
    }

    @Test func `a critical asset, a span and a new date are read`() throws {
        #expect(try policy("critical: true").isCritical)
        #expect(try !policy("timeout: 1h").isCritical)
        let automation = try policy("automation: {stagger: 10m, refresh_on_day_change: true}").automation
        #expect(automation == AutomationPolicy(stagger: .seconds(600), refreshesOnDayChange: true))
    }

    @Test func `a blackout has days, times and a zone, by default every day and the project's`() throws {
        let fields = """
            automation: {blackout: [
              {on: weekdays, from: "08:00", to: "18:00"},
              {from: "22:30", to: "24:00", timezone: America/New_York}]}
            """
        let project = try load(fields.replacing("\n", with: " "), more: "timezone: Europe/Berlin\n")
        let blackout = try #require(project.asset("m")?.spec.policy.automation?.blackout)
        #expect(
            blackout.windows == [
                Blackout.Window(weekdays: Set(1...5), from: 480, to: 1080, timeZone: "Europe/Berlin"),
                Blackout.Window(from: 1350, to: 1440, timeZone: "America/New_York"),
            ]
        )
        #expect(project.zones.keys.sorted() == ["America/New_York", "Europe/Berlin"])
        let noon = try #require(Timestamp(iso8601: "2026-07-01T12:00:00Z"))
        #expect(project.zone("Europe/Berlin").local(at: noon).hour == 14)
    }

    @Test func `a pool is a number of slots, or slots and starts`() throws {
        let pools = """
            pools:
              a: 4
              b: {slots: 2, starts_per_minute: 10}
              c: {starts_per_minute: 6}

            """
        let expected: [String: Budget.Limits] = [
            "a": 4, "b": Budget.Limits(slots: 2, perMinute: 10), "c": Budget.Limits(perMinute: 6),
        ]
        #expect(try load("pool: b", more: pools).pools == expected)
    }

    @Test func `an asset knows the budgets that it is charged to`() throws {
        let project = try load("pool: b", more: "pools: {b: 1}\n")
        #expect(project.asset("m")?.budgets == ["connection:powerbi", "pool:b"])
    }

    @Test func `pace does not alter the work`() throws {
        let plain = try load("timeout: 1h").asset("m")?.spec.codeVersion
        let paced = try load("critical: true, automation: {stagger: 10m, refresh_on_day_change: true}")
        #expect(paced.asset("m")?.spec.codeVersion == plain)
    }
}
