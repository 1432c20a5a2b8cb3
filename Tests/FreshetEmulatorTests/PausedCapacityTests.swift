import Testing

@testable import FreshetEmulator

@Suite struct PausedCapacityTests {
    @Test func `E24: a pause holds a refresh up by its length`() {
        let fixture = Fixture()
        let id = fixture.start()
        fixture.wait(4)
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["paused": true])
        fixture.wait(3_000)
        #expect(fixture.details(id)?.json?["extendedStatus"] == "InProgress")
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["paused": false])
        fixture.wait(5)
        #expect(fixture.details(id)?.status == 202)
        fixture.wait(1)
        #expect(fixture.details(id)?.json?["extendedStatus"] == "Completed")
    }

    @Test func `E24: after six hours it has timed out`() {
        let fixture = Fixture { $0.tokenLifetime = 86_400 }
        let id = fixture.start()
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["paused": true])
        fixture.wait(6 * 3_600)
        #expect(fixture.details(id)?.json?["extendedStatus"] == "TimedOut")
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["paused": false])
        #expect(fixture.details(id)?.json?["extendedStatus"] == "TimedOut")
    }
}
