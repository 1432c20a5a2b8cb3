import FreshetCore
import FreshetDefinitions
import FreshetKit
import Testing

@Suite struct `The fields of schedules` {
    private static let model = "  - {key: m, kind: test.model, connection: powerbi, workspace: W, model: M"

    private func loaded(_ automation: String) throws -> LoadedProject {
        let assets = "assets:\n\(Self.model), automation: {\(automation)}}\n"
        return try TestProject(assets: assets, more: "timezone: Europe/Berlin\n").load()
    }

    private func automation(_ text: String) throws -> AutomationPolicy {
        try #require(try loaded(text).project.asset("m")?.spec.policy.automation)
    }

    private func problem(_ automation: String) -> String {
        do throws(any Error) {
            _ = try loaded(automation)
            return "nothing"
        } catch {
            return "\(error)"
        }
    }

    @Test func `one expression or several, in the project's zone, are read`() throws {
        let one = try automation("cron: '30 6 * * mon-fri'")
        #expect(one.schedule?.expressions.map(\.text) == ["30 6 * * mon-fri"])
        #expect(one.schedule?.timeZone == "Europe/Berlin")
        #expect(one.schedule?.catchup == .latest)
        #expect(one.schedule?.refreshesAlways == false)
        #expect(one.actsOnChange)
        let two = try automation(
            "on: schedule, cron: ['0 6 * * *', '@hourly'], timezone: America/New_York, catchup: all, always: true"
        )
        #expect(two.schedule?.expressions.count == 2)
        #expect(two.schedule?.timeZone == "America/New_York")
        #expect(two.schedule?.catchup == .all)
        #expect(two.schedule?.refreshesAlways == true)
        #expect(!two.actsOnChange)
    }

    @Test func `zones of their own are loaded with the project`() throws {
        let zones = try loaded("cron: '0 6 * * *', timezone: Asia/Tokyo").project.zones
        #expect(zones["Asia/Tokyo"] != nil)
        #expect(try loaded("force_at: '0 6 * * *', timezone: Asia/Tokyo").project.zones["Asia/Tokyo"] != nil)
    }

    @Test func `force_at always refreshes`() throws {
        let forced = try automation("force_at: '0 3 * * sun'").forcedAt
        #expect(forced?.refreshesAlways == true)
    }

    @Test(arguments: [
        ("cron: '0 0 6 * * *'", "five fields"), ("on: schedule", "needs 'cron'"), ("always: true", "means nothing"),
        ("shadow: refresh", "means nothing"), ("catchup: all", "means nothing"),
        ("cron: '0 6 * * *', always: true, shadow: refresh", "contradict"),
        ("cron: '0 6 * * *', timezone: Europe/Berln", "time zone"), ("cron: '0 6 30 2 *'", "never comes"),
        ("on: never, cron: nonsense", "five fields"),
    ])
    func `what does not fit together is a mistake`(text: String, part: String) {
        #expect(problem(text).contains(part), "\(problem(text))")
    }

    @Test func `days that others read otherwise are warned of`() throws {
        #expect(try loaded("cron: '0 6 */2 * mon'").warnings.map(\.message).joined().contains("match both"))
    }
}
