import Foundation
import Testing

@testable import FreshetEmulator

@Suite struct ScriptTests {
    /// Begins a world with a script, as `--script` does.
    static func load(_ text: String, into fixture: Fixture) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "freshet-\(UUID().uuidString).yaml").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        do {
            try EmulatorScript.load(path, into: &fixture.world, fixture.moment)
        } catch {
            var error = error
            error.file = "faults.yaml"
            throw error
        }
    }

    @Test func `a script takes the words of the control routes`() throws {
        let fixture = Fixture()
        try ScriptTests.load(
            """
            # a bad day
            tenant: {expired_token_status: 401}
            workspaces:
              Retail: {modified_ago: 60}
            models:
              Sales:
                history_lag: 2.5
                tables: {fct_sales: {rows: 7}}
            dataflows:
              Currency rates: {duration: 3}
            faults:
              - match: {kind: refresh_post, model: Sales}
                action: {throttle: 3392}
              - match: {kind: refresh_post}
                skip: 1
                times: -1
                action: {status: 503, headers: {Retry-After: "5"}, body: "busy", effect: true}
            """,
            into: fixture
        )
        #expect(fixture.world.powerBI.expiredTokenStatus == 401)
        #expect(fixture.world.powerBI.workspaces[0].models[0].settings.historyLag == 2.5)
        #expect(fixture.world.powerBI.workspaces[0].models[0].tables[0].rows == 7)
        #expect(fixture.world.powerBI.workspaces[0].dataflows[0].settings.duration == 3)
        let statuses = (0..<3).map { _ in fixture.ask("POST", Fixture.sales + "/refreshes", [:])?.status }
        #expect(statuses == [429, 202, 503])
    }

    @Test func `a script may add models, and go on to set them`() throws {
        let fixture = Fixture()
        let id = "11111111-2222-4333-8444-ABCDEF555555"
        try ScriptTests.load(
            """
            models:
              Load 2: {duration: 3}
            workspaces:
              Retail:
                models:
                  - {name: Load 1, id: \(id), capacity: shared, tables: [facts]}
                  - {name: Load 2}
            """,
            into: fixture
        )
        let path = "/v1.0/myorg/datasets/\(id.lowercased())"
        #expect(fixture.ask("GET", path)?.json?["name"] == "Load 1")
        #expect(fixture.ask("POST", path + "/refreshes", ["type": "full"])?.status == 400)
        #expect(fixture.world.powerBI.place(named: "Load 2").map { fixture.world.powerBI[$0].settings.duration } == 3)
        let again = #expect(throws: EmulatorFileError.self) {
            try ScriptTests.load("workspaces: {Retail: {models: [{name: Sales}]}}", into: fixture)
        }
        #expect(again?.description == "faults.yaml:1:32: there is already a model Sales")
    }

    @Test func `a script may be JSON, or hold nothing`() throws {
        let fixture = Fixture()
        try ScriptTests.load(#"{"faults": [{"action": {"status": 500}, "times": -1}]}"#, into: fixture)
        #expect(fixture.ask("GET", Fixture.sales)?.status == 500)
        try ScriptTests.load("# nothing\n", into: fixture)
    }

    @Test func `a sequence shows its words one after the other`() throws {
        let fixture = Fixture()
        try ScriptTests.load(
            """
            sequences:
              - model: Sales
                stages:
                  - {for: 5, extended: NotStarted}
                  - {for: 10}
                  - {for: 5, status: Pausing, extended: Pausing}
                  - {for: 5, status: Unknown}
                  - {status: Completed}
            """,
            into: fixture
        )
        let id = fixture.start()
        var seen: [[String?]] = []
        for wait in [0, 5, 10, 5, 5, 100.0] {
            fixture.wait(wait)
            let (details, entry) = (fixture.details(id), fixture.history().first)
            #expect(details?.json?["status"] == entry?["status"])
            seen.append([details.map { String($0.status) }, entry?["status"]?.string, entry?["extendedStatus"]?.string])
        }
        #expect(
            seen == [
                ["202", "Unknown", "NotStarted"], ["202", "Unknown", "InProgress"], ["200", "Pausing", "Pausing"],
                ["202", "Unknown", "InProgress"], ["200", "Completed", "Completed"], ["200", "Completed", "Completed"],
            ]
        )
        #expect(fixture.history().first?["endTime"]?.string == (fixture.moment.wall + -100).zoned)
    }

    @Test func `a sequence can be cancelled`() throws {
        let fixture = Fixture()
        try ScriptTests.load("sequences: [{stages: [{for: 60}, {status: Completed}]}]", into: fixture)
        let id = fixture.start()
        #expect(fixture.ask("DELETE", "\(Fixture.sales)/refreshes/\(id)")?.status == 200)
        #expect(fixture.history().first?["status"] == "Cancelled")
    }

    @Test(arguments: [
        ("faults:\n  - action: {statsu: 503}", "faults.yaml:2:14: unknown member action.statsu"),
        ("faults:\n  - action:\n      status: soon", "faults.yaml:3:7: action.status must be a whole number"),
        ("faults:\n  - match: {kind: refresh_put}\n    action: {}", "faults.yaml:2:13: no such kind: refresh_put"),
        ("faults:\n  - {}", "faults.yaml:2:5: action is missing"),
        ("sequences:\n  - model: Sales", "faults.yaml:2:5: a sequence needs its stages"),
        (
            "sequences:\n  - stages:\n    - {for: 5}\n    - {stauts: Failed}",
            "faults.yaml:4:8: unknown member stages.1.stauts"
        ),
        ("models:\n  Nowhere: {duration: 1}", "faults.yaml:2:3: no such model: Nowhere"),
        ("models:\n  Sales:\n    tables:\n      nowhere: {rows: 1}", "faults.yaml:4:7: no such table: nowhere"),
        (
            "fault: []",
            "faults.yaml:1:1: unknown key 'fault': expected one of tenant, workspaces, models, dataflows, faults, "
                + "sequences, clock"
        ),
        ("faults: 3", "faults.yaml:1:1: faults must be a list"),
        ("clock: {speed: 2}\nclock: {speed: 3}", "faults.yaml:1:1: the key 'clock' stands twice in one mapping"),
        ("- faults", "faults.yaml:1:1: the file must be a mapping"),
    ])
    func `a mistake in a script is told with its place`(text: String, expected: String) throws {
        let error = #expect(throws: EmulatorFileError.self) { try ScriptTests.load(text, into: Fixture()) }
        #expect(error?.description == expected)
    }

    @Test func `what is not YAML is told with its place`() throws {
        let error = #expect(throws: EmulatorFileError.self) {
            try ScriptTests.load("faults:\n  - match: {kind: x\n    action: {}\n", into: Fixture())
        }
        #expect(error?.line == 3 && error?.message.hasPrefix("the file is not YAML: ") == true)
        let missing = #expect(throws: EmulatorFileError.self) { try PositionedYAML.read("/nowhere/faults.yaml") }
        #expect(missing?.description == "/nowhere/faults.yaml: the file cannot be read")
    }

    @Test func `reset begins with the script again`() throws {
        let fixture = Fixture()
        try ScriptTests.load("faults: [{match: {kind: groups}, action: {status: 500}}]", into: fixture)
        #expect(fixture.ask("GET", "/v1.0/myorg/groups")?.status == 500)
        #expect(fixture.world.script.faults.isEmpty)
        #expect(fixture.ask("POST", "/_emulator/reset")?.status == 204)
        #expect(fixture.world.script.faults.count == 1)
    }
}
