import Testing

@testable import FreshetEmulator

@Suite struct LedgerTests {
    @Test func `the ledger keeps the newest and counts what it dropped`() {
        let fixture = Fixture { $0.ledgerLimit = 3 }
        for _ in 0..<9 { _ = fixture.ask("GET", "/v1.0/myorg/groups") }
        // The token was the first request.
        #expect(fixture.world.ledger.entries.map(\.sequence) == [8, 9, 10])
        #expect(fixture.world.ledger.entries.allSatisfy { $0.status == 200 })
        #expect(fixture.ask("GET", "/_emulator/ledger?count=true")?.json == ["count": 3, "dropped": 7])
        _ = fixture.ask("DELETE", "/_emulator/ledger")
        #expect(fixture.ask("GET", "/_emulator/ledger?count=true")?.json == ["count": 0, "dropped": 0])
        _ = fixture.ask("GET", "/v1.0/myorg/groups")
        #expect(fixture.world.ledger.entries.map(\.sequence) == [11])
    }

    @Test(arguments: [
        ("kind=refresh", 3), ("kind=refresh_get", 2), ("model=Sales", 3), ("status=503", 1), ("status=2xx", 4),
        ("status=none", 1), ("kind=refresh&status=2XX&model=Sales", 2), ("since=4", 2), ("", 6),
    ])
    func `the ledger is asked by kind, model, time and status`(query: String, count: Int) {
        let fixture = Fixture()
        _ = fixture.start()
        _ = fixture.history()
        fixture.script(["status": 503], kind: "refresh_get")
        _ = fixture.ask("GET", Fixture.sales + "/refreshes")
        fixture.script(["drop": "after"], kind: "groups")
        _ = fixture.ask("GET", "/v1.0/myorg/groups")
        _ = fixture.ask("GET", "/v1.0/myorg/groups")
        #expect(fixture.ask("GET", "/_emulator/ledger?\(query)")?.json?.elements?.count == count)
        #expect(fixture.ask("GET", "/_emulator/ledger?count=true&\(query)")?.json?["count"] == .int(count))
    }
}
