import Foundation
import Testing

@Suite(.enabled(if: Place.hasPython, "the program is not built, or there is no python3"), .serialized)
struct `What the commands print at 80 columns` {
    static let commands = [
        "assets", "check", "config", "config show", "demo", "doctor", "emulator", "init", "lineage", "pause", "plan",
        "plugin", "plugin check", "plugin list", "plugin new", "powerbi", "powerbi cancel", "powerbi history",
        "powerbi models", "powerbi refresh", "powerbi schedule",
        "powerbi workspaces", "resume", "run", "runs", "runs cancel", "runs list", "runs retry", "runs show", "savings",
        "schedules", "schema", "secrets", "secrets check", "sensors", "shadow", "simulate", "status", "ticks", "up",
        "why",
    ]

    @Test(arguments: [""] + commands)
    func `help is as it was`(_ command: String) async throws {
        let help = try await Self.help(command)
        try expectSnapshot("help" + (command.isEmpty ? "" : "-") + command.replacing(" ", with: "-"), help)
    }

    @Test func `every command has a snapshot of its help`() async throws {
        let lines = try await Self.help("").split(separator: "\n").drop { $0 != "SUBCOMMANDS:" }
        let listed = lines.compactMap { $0.wholeMatch(of: #/ {2}([a-z]+).*/#).map { String($0.1) } }
        #expect(listed.count > 10)
        #expect(Set(listed) == Set(Self.commands.filter { !$0.contains(" ") }))
    }

    @Test(arguments: [""] + commands)
    func `help fits 80 columns`(_ command: String) async throws {
        #expect(wideLines(try await Self.help(command)) == [])
    }

    @Test func `a first plan is as it was`() async throws {
        let (shop, _) = try await Project.shop()
        try await snapshot("plan-first", shop, "plan")
    }

    @Test func `a plan after a change, a loss and a refresh is as it was`() async throws {
        let (shop, _) = try await Project.shop()
        try await shop.freshet("run", "*").expect()
        try await snapshot("plan-unchanged", shop, "plan")
        try await shop.addRow(to: "fct_sales", at: "2026-05-02T09:00:00Z")
        try await shop.warehouse("drop table fct_stock;")
        try await snapshot("plan-changed", shop, "plan")
        try await snapshot("plan-verbose", shop, "plan", "--verbose")
    }

    @Test func `status and why are as they were`() async throws {
        let (shop, _) = try await Project.shop()
        try await shop.freshet("run", "*").expect()
        try await snapshot("status-fresh", shop, "status")
        try await shop.addRow(to: "fct_sales", at: "2026-05-02T09:00:00Z")
        try await shop.warehouse("drop table fct_stock;")
        try await shop.freshet("run", "*").expect(1)
        try await snapshot("status-held", shop, "status")
        // Where a line with an age in it breaks depends on the age: these are taken where none has to.
        var wide = shop
        wide.environment["COLUMNS"] = "200"
        try await snapshot("why-refreshed", wide, "why", "powerbi/sales")
        try await snapshot("why-held", wide, "why", "powerbi/inventory")
        try await snapshot("why-observed", wide, "why", "warehouse/fct_sales")
        try await snapshot("why-branch", shop, "why", "gate/sales")
        try await snapshot("lineage-why", wide, "lineage", "--why")
    }

    @Test(arguments: ["tree", "table", "json", "dot", "mermaid"])
    func `lineage is as it was`(_ format: String) async throws {
        try await snapshot("lineage-\(format)", try Project("shop"), "lineage", "--format", format)
    }

    @Test func `lists and settings are as they were`() async throws {
        let shop = try Project("shop")
        try await snapshot("assets", shop, "assets")
        try await snapshot("config-show-origin", shop, "config", "show", "powerbi/sales", "--origin")
        try await snapshot("check", shop, "check")
        try await snapshot("check-broken", try Project("broken"), "check", status: 4)
    }

    @Test func `a run is told as it was`() async throws {
        // Long enough to be seen under way, however seldom a busy machine looks.
        let (shop, emulator) = try await Project.shop(duration: 4)
        try await emulator.failNext("Sales", #"{"code": "ModelRefresh_Failed"}"#)
        // The two models run side by side: only one of them is told here.
        try await snapshot("run-failed", shop, "run", "powerbi/sales", status: 1)
        try await snapshot("runs-show-failed", shop, "runs", "show", "latest")
        try await shop.freshet("run", "powerbi/sales").expect()
        try await snapshot("run-nothing-to-do", shop, "run", "powerbi/sales")
    }

    @Test func `nothing but JSON and graphs for other programs is wider than 80 columns`() async throws {
        let (shop, _) = try await Project.shop()
        let commands = [
            ["plan"], ["run", "*"], ["plan", "--verbose"], ["status"], ["why", "powerbi/sales"],
            ["why", "warehouse/fct_sales"], ["lineage"], ["lineage", "--format", "table"], ["lineage", "--why"],
            ["lineage", "--why", "--format", "table"], ["assets"], ["config", "show", "powerbi/sales", "--origin"],
            ["check"], ["runs"], ["runs", "show", "latest"], ["sensors"], ["ticks"], ["pause", "powerbi/sales"],
            ["status"], ["resume", "powerbi/sales"], ["why", "powerbi/sale"], ["run", "nosuch"], ["stauts"],
            ["plan", "--verbos"], ["doctor"], ["powerbi", "workspaces"], ["powerbi", "models"],
            ["powerbi", "history", "powerbi/sales"], ["powerbi", "schedule", "powerbi/sales"],
            ["powerbi", "cancel", "powerbi/sales"], ["runs", "show", "nosuch"], ["-C", "/nowhere/at/all", "plan"],
        ]
        for arguments in commands {
            let outcome = try await shop.freshet(arguments)
            #expect(wideLines(outcome.output + "\n" + outcome.errors) == [], "\(outcome.command)")
        }
    }

    private static func help(_ command: String) async throws -> String {
        let arguments = command.split(separator: " ").map(String.init) + ["--help"]
        return try await Running([Place.binary] + arguments, in: "/").ended().expect().output
    }

    /// Without the lines of a step before the service has named its refresh: whether the eye of `run` falls into one of
    /// those moments differs from machine to machine.
    private func settled(_ errors: String) -> String {
        errors.replacing(#/(?m)^\S+: (waiting|waiting for a slot|attempt [0-9]+, everything)\n/#, with: "")
    }

    /// Compares what a command writes to standard output, then what to standard error.
    private func snapshot(_ name: String, _ project: Project, _ arguments: String..., status: Int32 = 0) async throws {
        let outcome = try await project.freshet(arguments).expect(status)
        let parts = [outcome.output, settled(outcome.errors)].filter { !$0.isEmpty }
        try expectSnapshot(name, normalised(parts.joined(separator: "--- standard error\n"), folder: project.folder))
    }
}
