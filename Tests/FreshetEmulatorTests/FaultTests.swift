import Testing

@testable import FreshetEmulator

@Suite struct FaultTests {
    @Test func `a fault skips, happens and is over`() {
        let fixture = Fixture()
        let fault: JSON = [
            "action": ["body": ["message": "slow down"], "headers": ["Retry-After": "7"], "status": 429],
            "match": ["kind": "refresh", "model": "Sales"], "skip": 1, "times": 2,
        ]
        #expect(fixture.ask("POST", "/_emulator/faults", fault)?.status == 201)
        let statuses = (0..<4).map { _ in fixture.ask("GET", Fixture.sales + "/refreshes")?.status }
        #expect(statuses == [200, 429, 429, 200])
        #expect(fixture.ask("GET", "/_emulator/faults")?.json == [])
    }

    @Test func `a fault for one model leaves the other alone`() {
        let fixture = Fixture()
        _ = fixture.ask(
            "POST",
            "/_emulator/faults",
            ["action": ["status": 500], "match": ["model": .string(Fixture.salesID)], "times": -1]
        )
        let inventory = Fixture.sales.replacing(Fixture.salesID, with: "5b218778-e7a5-4d73-8187-f10824047715")
        #expect(fixture.ask("GET", inventory)?.status == 200)
        #expect(fixture.ask("GET", Fixture.sales)?.status == 500)
    }

    @Test func `a drop before has no effect, a drop after has`() {
        let fixture = Fixture()
        fixture.script(["drop": "before"])
        fixture.script(["drop": "after"])
        #expect(fixture.ask("POST", Fixture.sales + "/refreshes", [:]) == nil)
        #expect(fixture.history().isEmpty)
        #expect(fixture.ask("POST", Fixture.sales + "/refreshes", [:]) == nil)
        #expect(fixture.history().count == 1)
        let posts = fixture.world.ledger.matching(kind: "refresh_post", since: nil, model: "Sales")
        #expect(posts.map(\.drop) == [.before, .after] && posts.allSatisfy { $0.status == nil })
    }

    @Test func `an error with effect starts the refresh all the same`() {
        let fixture = Fixture()
        fixture.script(["status": 503, "effect": true])
        #expect(fixture.ask("POST", Fixture.sales + "/refreshes", [:])?.status == 503)
        #expect(fixture.history().count == 1)
    }

    @Test func `E2, E13: history may lag, or never show what was accepted`() {
        let fixture = Fixture()
        fixture.script(["hide_from_history": 5])
        let id = fixture.start()
        #expect(fixture.history().isEmpty && fixture.details(id)?.status == 404)
        fixture.wait(5)
        #expect(fixture.history().count == 1 && fixture.details(id)?.status == 202)
        fixture.wait(10)
        fixture.script(["lose": true])
        let lost = fixture.start()
        fixture.wait(600)
        #expect(!lost.isEmpty && fixture.details(lost)?.status == 404 && fixture.history().count == 1)
    }

    @Test func `E2: a model's history lags as long as it is told to`() {
        let fixture = Fixture()
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["history_lag": 30])
        let id = fixture.start()
        fixture.wait(29)
        #expect(fixture.history().isEmpty && fixture.details(id)?.status == 404)
        fixture.wait(1)
        #expect(fixture.history().map { $0["status"] } == ["Completed"])
    }

    @Test func `E11: throttling may last an hour, and its body is bare`() {
        let fixture = Fixture()
        fixture.script(["throttle": 3_392])
        let reply = fixture.ask("POST", Fixture.sales + "/refreshes", [:])
        #expect(reply?.status == 429 && reply?.header("Retry-After") == "3392")
        let text =
            "You have exceeded the amount of requests allowed in the current time frame and further requests "
            + "will fail. Retry in 3392 seconds."
        #expect(reply?.json == ["message": .string(text)])
        #expect(fixture.history().isEmpty)
    }

    @Test func `a token may expire at the very request`() {
        let fixture = Fixture()
        fixture.script(["tokens": "expire"])
        #expect(fixture.ask("POST", Fixture.sales + "/refreshes", [:])?.errorCode == "TokenExpired")
        fixture.renewToken()
        #expect(fixture.history().isEmpty)
        fixture.script(["tokens": "revoke"], kind: "refresh_get")
        #expect(fixture.ask("GET", Fixture.sales + "/refreshes")?.status == 401)
    }

    @Test(arguments: [false, true])
    func `a restart forgets what was under way, and keeps what was over`(byControl: Bool) {
        let fixture = Fixture()
        let old = fixture.start()
        fixture.wait(10)
        if byControl {
            _ = fixture.start()
            #expect(fixture.ask("POST", "/_emulator/restart")?.status == 204)
        } else {
            fixture.script(["restart": true])
            #expect(fixture.ask("POST", Fixture.sales + "/refreshes", ["type": "full"])?.status == 202)
        }
        #expect(fixture.history().map { $0["requestId"]?.string } == [old])
        #expect(fixture.ask("POST", Fixture.sales + "/refreshes", [:])?.status == 202)
    }

    @Test func `truncation announces more than it sends, and HTML is not JSON`() throws {
        let fixture = Fixture()
        fixture.script(["truncate": true], kind: "refresh_get")
        let half = try #require(fixture.ask("GET", Fixture.sales + "/refreshes"))
        #expect(half.isTruncated && half.body.count < half.announcedLength ?? 0)
        fixture.script(["html": true], kind: "refresh_get")
        let page = try #require(fixture.ask("GET", Fixture.sales + "/refreshes"))
        #expect(page.status == 200 && page.json == nil && page.header("content-type")?.hasPrefix("text/html") == true)
    }

    @Test(arguments: [
        #"{"action":{"statsu":503}}"#, #"{"match":{"kind":"refresh_put"},"action":{}}"#, #"{"match":{}}"#,
        #"{"action":{"drop":"never"}}"#, #"{"action":{"status":"503"}}"#, "[]", #"{"action":{},"times":0}"#,
    ])
    func `a mistake in a script is an error, not a script of nothing`(body: String) {
        let fixture = Fixture()
        #expect(fixture.ask(Call("POST", "/_emulator/faults", body: Array(body.utf8)))?.status == 400)
        #expect(fixture.world.script.faults.isEmpty)
    }

    @Test func `the ledger masks secrets and never holds a token`() {
        let fixture = Fixture()
        _ = fixture.history()
        let text = fixture.ask("GET", "/_emulator/ledger").map { String(decoding: $0.body, as: UTF8.self) } ?? ""
        #expect(text.contains("client_credentials") && text.contains("\"kind\":\"refresh_get\""))
        #expect(!text.contains("Secret.Value") && !text.contains(fixture.token))
    }

    @Test func `time can jump`() {
        let fixture = Fixture()
        _ = fixture.start()
        _ = fixture.ask("POST", "/_emulator/clock", ["advance": 9.5])
        #expect(fixture.history().first?["status"] == "Unknown")
        _ = fixture.ask("POST", "/_emulator/clock", ["speed": 10])
        fixture.wait(0.1)
        #expect(fixture.history().first?["status"] == "Completed")
    }

    @Test func `time can run faster from the start`() {
        let fixture = Fixture { $0.speed = 60 }
        let id = fixture.start()
        fixture.wait(0.125)
        #expect(fixture.details(id)?.status == 202)
        fixture.wait(0.0625)
        #expect(fixture.details(id)?.status == 200)
        fixture.wait(60)
        #expect(fixture.ask("GET", "/v1.0/myorg/groups")?.errorCode == "TokenExpired")
    }

    @Test func `reset forgets everything but the time`() {
        let fixture = Fixture()
        _ = fixture.start()
        _ = fixture.ask("POST", "/_emulator/clock", ["advance": 100])
        #expect(fixture.ask("POST", "/_emulator/reset")?.status == 204)
        #expect(fixture.world.ledger.entries.isEmpty)
        #expect(fixture.world.clock.now(uptime: fixture.moment.uptime) == fixture.moment.wall + 100)
        fixture.renewToken()
        #expect(fixture.history().isEmpty)
    }
}
