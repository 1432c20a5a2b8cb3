import Foundation
import Testing

@testable import FreshetEmulator

@Suite struct StateTests {
    let file = StateFile(
        path: FileManager.default.temporaryDirectory.appending(path: "freshet-\(UUID().uuidString).state").path()
    )

    /// A world that goes on where another was stopped, so many seconds later.
    func restarted(_ fixture: Fixture, after seconds: Double) throws -> Fixture {
        try file.save(fixture.world.saved(at: fixture.moment))
        defer { unlink(file.path) }
        let next = Fixture()
        // Another boot: the monotonic clock begins anew, the wall clock goes on.
        next.moment = World.Moment(uptime: 5, wall: fixture.moment.wall + seconds)
        next.world.restore(try #require(try file.load()), at: next.moment)
        next.token = fixture.token
        return next
    }

    @Test func `refreshes, tokens and faults outlive a restart, and time goes on`() throws {
        let fixture = Fixture()
        fixture.script(["failing_attempts": 1])
        let id = fixture.start(["type": "full", "retryCount": 1, "objects": [["table": "dim_product"]]])
        fixture.script(["status": 503, "body": ["a": [1, 2.5, .null]], "headers": ["X": "y"]])
        fixture.wait(15)
        let next = try restarted(fixture, after: 4)
        #expect(next.details(id)?.status == 202)
        next.wait(1)
        #expect(next.details(id)?.json?["status"] == "Completed")
        #expect(next.details(id)?.json?["refreshAttempts"]?.elements?.count == 2)
        let scripted = next.ask("POST", Fixture.sales + "/refreshes", [:])
        #expect(scripted?.status == 503 && scripted?.json == ["a": [1, 2.5, .null]] && scripted?.header("X") == "y")
    }

    @Test func `a jumped and quickened clock goes on as it was`() throws {
        let fixture = Fixture()
        _ = fixture.ask("POST", "/_emulator/clock", ["advance": 1_000, "speed": 60])
        fixture.wait(2)
        let before = fixture.world.clock.now(uptime: fixture.moment.uptime)
        let next = try restarted(fixture, after: 10)
        #expect(next.world.clock.now(uptime: next.moment.uptime) - before == 600)
        #expect(next.world.clock.speed == 60)
    }

    @Test func `settings, dataflows, scans and the ledger's numbers outlive a restart`() throws {
        let fixture = Fixture()
        _ = fixture.ask(
            "POST",
            "/_emulator/models/Sales",
            ["capacity": "shared", "tables": ["fct_sales": ["rows": 5]]]
        )
        _ = fixture.ask("POST", "/_emulator/tenant", ["client_secret": "new", "queries_per_minute": 3])
        let group = "/v1.0/myorg/groups/f089354e-8366-4e18-aea3-4cb4a3a50b48"
        let dataflow = fixture.world.powerBI.workspaces[0].dataflows[0].id
        _ = fixture.ask("POST", "\(group)/dataflows/\(dataflow)/refreshes", [:])
        let body: JSON = ["workspaces": ["f089354e-8366-4e18-aea3-4cb4a3a50b48"]]
        let scan = fixture.ask("POST", "/v1.0/myorg/admin/workspaces/getInfo", body)?.json?["id"]?.string ?? ""
        let last = try #require(fixture.world.ledger.entries.last?.sequence)
        let next = try restarted(fixture, after: 20)
        #expect(next.world.powerBI.workspaces[0].models[0].capacity == .shared)
        #expect(next.world.powerBI.workspaces[0].models[0].tables[0].rows == 5)
        #expect(next.world.directory.clientSecret == "new" && next.world.powerBI.queriesPerMinute == 3)
        let transactions = next.ask("GET", "\(group)/dataflows/\(dataflow)/transactions")?.json?["value"]?.elements
        #expect(transactions?.map { $0["status"] } == ["Success"])
        #expect(next.ask("GET", "/v1.0/myorg/admin/workspaces/scanResult/\(scan)")?.status == 200)
        #expect(next.world.ledger.entries.map(\.sequence).suffix(2) == [last + 1, last + 2])
    }

    @Test func `there may be no state yet, or none that can be read`() throws {
        #expect(try file.load() == nil)
        defer { unlink(file.path) }
        try "{}".write(toFile: file.path, atomically: true, encoding: .utf8)
        let error = #expect(throws: EmulatorFileError.self) { try file.load() }
        #expect(error?.description.hasSuffix("remove the file to begin anew") == true)
        let nowhere = StateFile(path: "/nowhere/state")
        let refused = #expect(throws: EmulatorFileError.self) {
            try nowhere.save(Fixture().world.saved(at: Fixture().moment))
        }
        #expect(refused?.message == "the state cannot be opened: No such file or directory")
    }

    @Test func `only the owner may read the state`() throws {
        defer { unlink(file.path) }
        try file.save(Fixture().world.saved(at: Fixture().moment))
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `an emulator that ended goes on with its state, and not with its script`() async throws {
        defer { unlink(file.path) }
        let script = file.path + ".yaml"
        defer { unlink(script) }
        try "tenant: {queries_per_minute: 7}\nfaults: [{match: {kind: groups}, action: {status: 500}, times: -1}]"
            .write(toFile: script, atomically: true, encoding: .utf8)
        var options = EmulatorOptions()
        (options.state, options.script) = (file.path, script)
        for expected in [1, 1] {
            try await SocketTests.withEmulator(options) { _, port in
                let groups = SocketTests.request("GET /v1.0/myorg/groups")
                #expect(try await Wire.exchange(groups, port: port).hasPrefix("HTTP/1.1 500"))
                let faults = try await Wire.exchange(SocketTests.request("GET /_emulator/faults"), port: port)
                #expect(faults.components(separatedBy: "\"id\"").count - 1 == expected)
                // Written before it was answered.
                #expect(try #require(try file.load()).powerBI.queriesPerMinute == 7)
            }
        }
        #expect(try file.load()?.ledger.entries.count == 2)
    }
}
