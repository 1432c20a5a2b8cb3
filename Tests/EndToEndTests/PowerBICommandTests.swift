import Testing

@Suite(.enabled(if: Place.hasPython, "the program is not built, or there is no python3"), .serialized)
struct `Looking at Power BI` {
    @Test func `lists what the application sees, and which asset refreshes it`() async throws {
        let (shop, emulator) = try await Project.shop()
        let workspaces = try await shop.ask("powerbi", "workspaces")["workspaces"].list
        #expect(workspaces.map { $0["name"].text } == ["Retail"])
        let models = try await shop.ask("powerbi", "models", "--workspace", "retail")["models"].list
        #expect(models.map { $0["name"].text } == ["Inventory", "Sales"])
        #expect(models.last?["assets"][0].text == "powerbi/sales")
        let missing = try await shop.freshet("powerbi", "models", "--workspace", "Nowhere").expect(1)
        #expect(missing.errors.contains("it sees Retail"), "\(missing.errors)")
        _ = try await emulator.ask("workspaces/Retail", posting: #"{"access": "forbidden"}"#)
        let none = try await shop.freshet("powerbi", "models", "--workspace", "Retail").expect(1)
        #expect(none.errors.contains("it sees none"), "\(none.errors)")
    }

    @Test func `history marks what is not Freshet's own, and names the run of what is`() async throws {
        let (shop, emulator) = try await Project.shop()
        let inject = #"{"inject": {"refresh_type": "OnDemand", "duration": 1, "started_ago": 60}}"#
        _ = try await emulator.ask("models/Sales", posting: inject)
        try await shop.freshet("powerbi", "refresh", "powerbi/sales").expect()
        let history = try await shop.ask("powerbi", "history", "powerbi/sales")
        let refreshes = history["refreshes"].list
        #expect(history["foreign"].integer == 1)
        #expect(refreshes.map { $0["refresh_type"].text } == ["ViaEnhancedApi", "OnDemand"])
        let run = try await shop.ask("runs")["runs"][0]["id"].text
        #expect(refreshes.first?["run"].text == run)
        let told = try await shop.freshet("powerbi", "history", "--workspace", "Retail", "--model", "Sales").expect()
        #expect(told.output.contains("a person in the portal (OnDemand)"), "\(told.output)")
        #expect(told.output.contains("freshet run"), "\(told.output)")
    }

    @Test func `schedule says whether Power BI still refreshes by itself`() async throws {
        let (shop, _) = try await Project.shop()
        let told = try await shop.freshet("powerbi", "schedule", "powerbi/sales").expect()
        #expect(told.output.hasPrefix("off: "), "\(told.output)")
        #expect(try await shop.ask("powerbi", "schedule", "powerbi/sales")["enabled"].integer == 0)
    }

    @Test func `cancel ends the refresh of the run that works on an asset`() async throws {
        let (shop, emulator) = try await Project.shop(duration: 60)
        let daemon = try await shop.up()
        // The daemon refreshes by itself what was never refreshed.
        try await until("the request") { try await emulator.posts().contains { $0.model == "Inventory" } }
        let told = try await shop.freshet("powerbi", "cancel", "powerbi/inventory").expect()
        #expect(told.output.hasPrefix("asked run "), "\(told.output)")
        try await until("the end", within: .seconds(60)) {
            let ends = try await emulator.refreshes(of: "Inventory").map { $0["extendedStatus"].text }
            return ends.contains("Cancelled")
        }
        _ = daemon
    }

    @Test(arguments: [
        ["powerbi", "history"], ["powerbi", "history", "--model", "Sales"],
        ["powerbi", "schedule", "warehouse/fct_sales"],
        ["powerbi", "models", "--connection", "warehouse"], ["doctor", "--connection", "nosuch"],
        ["powerbi", "history", "powerbi/sales", "--model", "Sales"], ["powerbi", "cancel", "powerbi/sale"],
    ])
    func `says how a command is meant`(_ words: [String]) async throws {
        let (shop, _) = try await Project.shop()
        try await shop.freshet("run", "*").expect()
        try await shop.freshet(words).expect(2)
    }

    @Test func `the doctor checks every connection, and ends with 1 when something is wrong`() async throws {
        let (shop, emulator) = try await Project.shop()
        try await shop.freshet("run", "*").expect()
        let well = try await shop.ask("doctor")["connections"].list
        #expect(well.map { $0["connection"].text } == ["store", "credentials", "powerbi", "warehouse"])
        let words = well.flatMap { $0["findings"].list }.map { $0["verdict"].text }
        #expect(!words.contains("fail") && words.contains("ok"))

        _ = try await emulator.ask("tenant", posting: #"{"service_principals_allowed": false}"#)
        let ill = try await shop.freshet("doctor").expect(1)
        #expect(ill.output.contains("FAIL  tenant_setting"), "\(ill.output)")
        #expect(ill.output.contains("principals can call"), "\(ill.output)")
        try await shop.freshet("doctor", "--connection", "warehouse").expect(0)
    }
}
