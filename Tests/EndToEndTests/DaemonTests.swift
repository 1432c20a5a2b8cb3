import Foundation
import Testing

@Suite(.enabled(if: Place.hasPython, "the program is not built, or there is no python3"), .serialized)
struct `What a daemon that ends leaves behind` {
    @Test func `SIGTERM leaves the refresh in flight, and the next daemon takes it up`() async throws {
        let (shop, emulator) = try await Project.shop(duration: 6)
        let first = try await shop.up()
        try await until("both POSTs") { try await emulator.posts().count == 2 }
        first.signal(SIGTERM)
        try await first.ended(within: .seconds(25)).expect(0)
        for model in ["Sales", "Inventory"] {
            // The history calls what is still going on "Unknown".
            #expect(try await emulator.refreshes(of: model).map { $0["status"].text } == ["Unknown"])
        }

        let second = try await shop.up()
        try await Self.bothUpToDate(shop)
        #expect(try await emulator.posts().count == 2)
        second.signal(SIGTERM)
        try await second.ended(within: .seconds(25)).expect(0)
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGTERM, SIGINT, SIGTERM, SIGINT])
    func `a daemon that is asked to stop ends with 0, every time`(_ signal: Int32) async throws {
        let (shop, _) = try await Project.shop()
        let daemon = try await shop.up()
        try await Self.bothUpToDate(shop)
        daemon.signal(signal)
        try await daemon.ended(within: .seconds(25)).expect(0)
        #expect(!FileManager.default.fileExists(atPath: shop.folder + "/.freshet/freshet.db.sock"))
    }

    @Test func `kill -9 at any moment leads to one POST per attempt, and everything ends`() async throws {
        let stated = ProcessInfo.processInfo.environment["FRESHET_SEED"].flatMap { UInt64($0) }
        let seed = stated ?? UInt64.random(in: 0...UInt64.max)
        print("FRESHET_SEED=\(seed)")
        var chance = SplitMix(state: seed)
        let (shop, emulator) = try await Project.shop(duration: 0.5)
        for round in 1...6 {
            let daemon = try await shop.up()
            try await shop.warehouse("insert into fct_sales values (\(round), '2026-05-0\(round)T12:00:00Z');")
            // The moment is what is tried here; nothing is waited for.
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...2200, using: &chance)))
            daemon.signal(SIGKILL)
            try await daemon.ended()
        }
        let last = try await shop.up()
        try await until("a refresh with all six rows, and the end of every run") {
            let sales = try await shop.ask("status", "powerbi/sales")["assets"][0]
            let seen = sales["evidence"].first("input", "warehouse/fct_sales")["now"].text ?? ""
            guard seen.hasPrefix("row_count=8;"), sales["state"].text == "up_to_date" else { return false }
            let runs = try await shop.ask("runs", "--limit", "1000")["runs"].list
            return runs.allSatisfy { ["succeeded", "failed", "cancelled"].contains($0["status"].text) }
        }
        let ids = try await shop.ask("runs", "--limit", "1000")["runs"].list.compactMap { $0["id"].text }
        var requests: [String] = []
        for id in ids {
            let run = try await shop.ask("runs", "show", id)["run"]
            let operations = run["operations"].list
            #expect(operations.allSatisfy { $0["state"].text == "completed" }, "seed \(seed): \(run)")
            requests += operations.compactMap { $0["request_id"].text }
        }
        #expect(Set(requests).count == requests.count, "seed \(seed)")
        #expect(try await emulator.posts().count == requests.count, "seed \(seed)")
        for model in ["Sales", "Inventory"] {
            let refreshes = try await emulator.refreshes(of: model)
            #expect(refreshes.allSatisfy { $0["status"].text == "Completed" }, "seed \(seed): \(refreshes)")
        }
        last.signal(SIGTERM)
        try await last.ended(within: .seconds(25)).expect(0)
    }

    @Test func `a run asked of the daemon is one that everybody sees`() async throws {
        let (shop, emulator) = try await Project.shop()
        let daemon = try await shop.up()
        try await Self.bothUpToDate(shop)
        let run = try await shop.ask("run", "powerbi/inventory", "--force")["run"]
        #expect(run["status"].text == "succeeded")
        #expect(run["trigger"].text == "manual")
        #expect(try await shop.ask("runs", "show", "latest")["run"]["id"].text == run["id"].text)
        #expect(try await emulator.posts().count == 3)
        #expect(daemon.isRunning)
    }

    @Test func `a paused asset is not refreshed until it is resumed`() async throws {
        let (shop, emulator) = try await Project.shop()
        let daemon = try await shop.up()
        try await Self.bothUpToDate(shop)
        try await shop.freshet("pause", "powerbi/sales").expect()
        try await shop.addRow(to: "fct_sales", at: "2026-05-02T09:00:00Z")
        try await shop.addRow(to: "fct_stock", at: "2026-05-02T09:00:00Z")
        try await until("the refresh of what is not paused") {
            try await emulator.posts().count { $0.model == "Inventory" } == 2
        }
        #expect(try await emulator.posts().count { $0.model == "Sales" } == 1)
        try await shop.freshet("resume", "powerbi/sales").expect()
        try await until("the refresh of what was resumed") {
            try await emulator.posts().last?.objects == ["fct_sales/Current"]
        }
        #expect(daemon.isRunning)
    }

    @Test func `a refresh is cancelled where it runs`() async throws {
        let (shop, emulator) = try await Project.shop(duration: 60)
        let daemon = try await shop.up()
        try await until("both POSTs") { try await emulator.posts().count == 2 }
        let running = try await shop.ask("runs", "--asset", "powerbi/sales")["runs"][0]["id"].text ?? ""
        try await shop.freshet("runs", "cancel", running).expect()
        try await until("its end") {
            try await shop.ask("runs", "show", running)["run"]["status"].text == "cancelled"
        }
        #expect(try await emulator.refreshes(of: "Sales").map { $0["status"].text } == ["Cancelled"])
        #expect(daemon.isRunning)
    }

    @Test func `a daemon with nothing to watch stays until it is stopped`() async throws {
        let empty = try Project("shop")
        try FileManager.default.removeItem(atPath: empty.folder + "/assets")
        try "project: empty\n".write(toFile: empty.folder + "/freshet.yaml", atomically: true, encoding: .utf8)
        let daemon = try await empty.up()
        try await until("an answer") { try await empty.freshet("pause").expect().status == 0 }
        #expect(daemon.isRunning)
        daemon.signal(SIGTERM)
        try await daemon.ended(within: .seconds(25)).expect(0)
    }

    private static func bothUpToDate(_ shop: Project) async throws {
        try await until("both models up to date") {
            let wanted = ["powerbi/sales": "up_to_date", "powerbi/inventory": "up_to_date"]
            let states = try await shop.states()
            return states == wanted
        }
    }
}

/// Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
