import Testing

@testable import FreshetEmulator

@Suite struct RefreshScheduleTests {
    static let path = Fixture.sales + "/refreshSchedule"

    @Test func `E14: a change is wrapped in value, and stays`() {
        let fixture = Fixture()
        let change: JSON = ["enabled": true, "notifyOption": "NoNotification", "times": ["05:00", "11:30"]]
        #expect(fixture.ask("PATCH", RefreshScheduleTests.path, change)?.status == 400)
        #expect(fixture.ask("PATCH", RefreshScheduleTests.path, ["value": change])?.status == 200)
        let schedule = fixture.ask("GET", RefreshScheduleTests.path)?.json
        #expect(schedule?["enabled"] == true && schedule?["times"] == ["05:00", "11:30"])
        #expect(schedule?["localTimeZoneId"] == "UTC" && schedule?["days"]?.elements?.count == 7)
    }

    @Test func `E14: disabling goes alone, and only the owner changes anything`() {
        let fixture = Fixture()
        let both: JSON = ["value": ["enabled": false, "notifyOption": "NoNotification"]]
        #expect(fixture.ask("PATCH", RefreshScheduleTests.path, both)?.status == 400)
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["owned": false])
        let fine: JSON = ["value": ["enabled": true, "notifyOption": "NoNotification"]]
        #expect(fixture.ask("PATCH", RefreshScheduleTests.path, fine)?.status == 403)
    }

    @Test func `E14: disabling alone is enough`() throws {
        let schedule = RefreshSchedule(isEnabled: true)
        #expect(try schedule.patched(by: ["value": ["enabled": false]], slots: 8).isEnabled == false)
    }

    @Test func `E14: a day has as many slots as the capacity gives`() {
        let times = JSON.array((0..<9).map { .string("0\($0):00") })
        let change: JSON = ["value": ["notifyOption": "NoNotification", "times": times]]
        #expect(throws: PowerBIRefusal.self) { try RefreshSchedule().patched(by: change, slots: 8) }
        #expect(throws: Never.self) { try RefreshSchedule().patched(by: change, slots: 48) }
    }
}
