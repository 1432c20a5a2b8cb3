import Testing

@testable import FreshetEmulator

@Suite struct RefreshTests {
    @Test func `E1: an enhanced refresh names its id in three headers, a standard one in one`() throws {
        let fixture = Fixture()
        let enhanced = try #require(fixture.ask("POST", Fixture.sales + "/refreshes", ["type": "full"]))
        let id = try #require(enhanced.header("x-ms-request-id"))
        #expect(enhanced.status == 202 && enhanced.body.isEmpty)
        #expect(enhanced.header("RequestId") == id)
        #expect(enhanced.header("Location") == "http://emulator\(Fixture.sales)/refreshes/\(id)")
        fixture.wait(20)
        let standard = try #require(
            fixture.ask("POST", Fixture.sales + "/refreshes", ["notifyOption": "NoNotification"])
        )
        #expect(standard.status == 202 && standard.header("RequestId") != nil)
        #expect(standard.header("x-ms-request-id") == nil && standard.header("Location") == nil)
    }

    @Test func `E3: details are 202 and Unknown while running, 200 and Completed when done`() throws {
        let fixture = Fixture()
        let id = fixture.start()
        let running = try #require(fixture.details(id))
        #expect(running.status == 202)
        #expect(running.json?["status"] == "Unknown" && running.json?["extendedStatus"] == "InProgress")
        #expect(running.json?["endTime"] == nil && running.json?["requestId"] == nil)
        fixture.wait(10)
        let done = try #require(fixture.details(id))
        #expect(done.status == 200)
        #expect(done.json?["status"] == "Completed" && done.json?["extendedStatus"] == "Completed")
        #expect(done.json?["endTime"]?.string?.hasSuffix("Z") == false)
        #expect(done.json?["objects"]?.elements?.count == 4)
    }

    @Test func `E4: a queued refresh is Unknown and has not started`() throws {
        let fixture = Fixture()
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["start_delay": 5])
        let id = fixture.start()
        #expect(fixture.details(id)?.json?["extendedStatus"] == "NotStarted")
        fixture.wait(6)
        #expect(fixture.details(id)?.json?["extendedStatus"] == "InProgress")
    }

    @Test func `E4: history is newest first and only enhanced entries have the fine status`() {
        let fixture = Fixture()
        let first = fixture.start([:])
        fixture.wait(20)
        let second = fixture.start()
        let entries = fixture.history()
        #expect(entries.map { $0["requestId"]?.string } == [second, first])
        #expect(entries.map { $0["status"] } == ["Unknown", "Completed"])
        #expect(entries.map { $0["extendedStatus"] } == ["InProgress", nil])
        #expect(entries.map { $0["refreshType"] } == ["ViaEnhancedApi", "ViaApi"])
        #expect(entries[1]["endTime"]?.string?.hasSuffix("Z") == true && entries[0]["endTime"] == nil)
    }

    @Test(arguments: ["0", "-1", "x", ""])
    func `E20: a senseless $top is refused`(top: String) {
        let fixture = Fixture()
        #expect(fixture.ask("GET", Fixture.sales + "/refreshes?$top=\(top)")?.status == 400)
    }

    @Test func `E20: history holds 60 entries, and $top fewer`() {
        let fixture = Fixture()
        for _ in 0..<65 {
            _ = fixture.start()
            fixture.wait(11)
        }
        #expect(fixture.history().count == 60)
        let top = fixture.ask("GET", Fixture.sales + "/refreshes?$top=3")
        #expect(top?.json?["value"]?.elements?.count == 3)
        fixture.wait(8 * 86_400)
        fixture.renewToken()
        #expect(fixture.history().isEmpty)
    }

    @Test func `E5: a second refresh is refused in the observed words`() throws {
        let fixture = Fixture()
        _ = fixture.start()
        let busy = try #require(fixture.ask("POST", Fixture.sales + "/refreshes", [:]))
        #expect(busy.status == 400)
        #expect(
            busy.json?["error"] == [
                "code": "InvalidRequest",
                "message": "Invalid dataset refresh request. Another refresh request is already executing",
            ]
        )
    }

    @Test func `E8: a cancelled refresh ends at once, and only once`() {
        let fixture = Fixture()
        let id = fixture.start()
        fixture.wait(3)
        #expect(fixture.ask("DELETE", "\(Fixture.sales)/refreshes/\(id)")?.status == 200)
        #expect(fixture.history().first?["status"] == "Cancelled")
        #expect(fixture.details(id)?.json?["extendedStatus"] == "Cancelled")
        #expect(fixture.ask("DELETE", "\(Fixture.sales)/refreshes/\(id)")?.status == 400)
    }

    @Test func `E8: standard and foreign refreshes have no details and cannot be cancelled`() {
        let fixture = Fixture()
        let standard = fixture.start([:])
        #expect(fixture.details(standard)?.status == 400)
        #expect(fixture.ask("DELETE", "\(Fixture.sales)/refreshes/\(standard)")?.status == 400)
        fixture.wait(20)
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["inject": ["refresh_type": "Scheduled", "duration": 60]])
        let foreign = fixture.history().first
        #expect(foreign?["refreshType"] == "Scheduled" && foreign?["status"] == "Unknown")
        #expect(fixture.details(foreign?["requestId"]?.string ?? "")?.status == 400)
        #expect(fixture.ask("POST", Fixture.sales + "/refreshes", [:])?.status == 400)
    }

    @Test func `E9: shared capacity refuses enhanced refreshes and the ninth of a day`() {
        let fixture = Fixture()
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["capacity": "shared", "duration": 1])
        #expect(fixture.ask("POST", Fixture.sales + "/refreshes", ["type": "full"])?.status == 400)
        for _ in 0..<8 {
            #expect(fixture.ask("POST", Fixture.sales + "/refreshes", [:])?.status == 202)
            fixture.wait(2)
        }
        let ninth = fixture.ask("POST", Fixture.sales + "/refreshes", [:])
        #expect(ninth?.json?["error"]?["message"]?.string?.hasSuffix("last 24 hours exceeded limit") == true)
    }

    @Test func `E23: what is not a model answers 415`() {
        let fixture = Fixture()
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["model_based": false])
        #expect(fixture.ask("GET", Fixture.sales + "/refreshes")?.status == 415)
        #expect(fixture.ask("POST", Fixture.sales + "/refreshes", [:])?.errorCode == "InvalidRequest")
    }

    @Test func `E21: a home cluster redirects, and a strict tenant minds the notify option`() {
        let fixture = Fixture()
        let both: JSON = ["notifyOption": "NoNotification", "retryCount": 1]
        #expect(fixture.ask("POST", Fixture.sales + "/refreshes", both)?.status == 202)
        fixture.wait(10)
        _ = fixture.ask(
            "POST",
            "/_emulator/tenant",
            ["home_cluster": "http://home", "strict_notify_option": true]
        )
        #expect(fixture.ask("POST", Fixture.sales + "/refreshes", both)?.status == 400)
        let mail: JSON = ["notifyOption": "MailOnFailure"]
        #expect(fixture.ask("POST", Fixture.sales + "/refreshes", mail)?.status == 400)
        let redirect = fixture.ask("GET", Fixture.sales + "?preferClientRouting=true")
        #expect(redirect?.status == 307)
        #expect(redirect?.header("Location") == "http://home\(Fixture.sales)?preferClientRouting=true")
    }
}
