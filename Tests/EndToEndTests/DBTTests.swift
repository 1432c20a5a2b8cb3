import Foundation
import Testing

@Suite(
    .enabled(if: Place.hasWarehouse, "dbt-core or PostgreSQL is not installed; scripts/setup tests does it"),
    .retail,
    .serialized
)
struct `dbt-core on PostgreSQL decides what is refreshed` {
    static let models = "kind:powerbi.semantic_model"
    static let sales = "powerbi/retail/sales"
    static let inventory = "powerbi/retail/inventory"

    @Test func `the first build refreshes both models whole`() async throws {
        let retail = try await Retail.open(isFresh: true)
        try await retail.freshet.freshet("run", Self.models).expect()
        let posts = try await retail.emulator.posts()
        #expect(posts.map(\.model).sorted() == ["Inventory", "Sales"])
        #expect(posts.allSatisfy { $0.body["objects"].isNull }, "\(posts)")
        #expect(try await retail.states() == [Self.sales: "up_to_date", Self.inventory: "up_to_date"])
    }

    @Test func `a build that changed nothing leads to no plan and no request`() async throws {
        let retail = try await Retail.open()
        try await retail.dbt("build")
        try await retail.freshet.freshet("plan", "--detailed-exitcode").expect(0)
        let run = try await retail.freshet.ask("run", Self.models)["run"]
        #expect(run["steps"].list.map { $0["skip_reason"].text } == ["up_to_date", "up_to_date"], "\(run)")
        #expect(try await retail.postsSinceOpening().isEmpty)
    }

    @Test func `new rows refresh the table that they are in, and nothing else`() async throws {
        let retail = try await Retail.open()
        try await retail.sell(at: "2026-05-02T09:00:00Z")
        try await retail.dbt("build")
        try await retail.freshet.freshet("plan", "--detailed-exitcode").expect(3)
        try await retail.freshet.freshet("run", Self.models).expect()
        let posts = try await retail.postsSinceOpening()
        #expect(posts.map(\.model) == ["Sales"])
        #expect(posts.first?.objects == ["fct_sales/Current"])
        #expect(try await retail.freshet.why(Self.inventory)["reason"].text == "up_to_date")
    }

    @Test func `tables that changed together are refreshed together`() async throws {
        let retail = try await Retail.open()
        try await retail.sell(at: "2026-05-02T09:00:00Z")
        try await retail.sql("insert into raw.customers values (3, 'Cy', '2026-05-02T08:00:00Z')")
        try await retail.dbt("build")
        try await retail.freshet.freshet("run", Self.models).expect()
        #expect(try await retail.postsSinceOpening().map(\.objects) == [["dim_customer", "fct_sales/Current"]])
    }

    @Test func `a node that failed holds what is downstream of it until it is repaired`() async throws {
        let retail = try await Retail.open()
        try await retail.sell(at: "2026-05-02T09:00:00Z")
        try await retail.sql("insert into raw.stock values ('fig', 1, '2026-05-02T09:00:00Z')")
        try await retail.dbt("build", "--vars", "{price_scale: 0}", status: 1)

        let plan = try await retail.freshet.freshet("plan", "--json", "--detailed-exitcode").expect(3).json["steps"]
        #expect(plan.first("asset", Self.sales)["outcome"].text == "hold")
        #expect(plan.first("asset", Self.inventory)["outcome"].text == "run")
        // A held step does not fail the run, but whoever waited for fresh data did not get it.
        let told = try await retail.freshet.freshet("run", Self.models).expect(1)
        #expect(told.errors.contains("held: powerbi/retail/sales"), "\(told.errors)")
        #expect(try await retail.freshet.ask("runs", "show", "latest")["run"]["status"].text == "succeeded")
        #expect(try await retail.postsSinceOpening().map(\.model) == ["Inventory"])
        #expect(try await retail.states() == [Self.sales: "held", Self.inventory: "up_to_date"])
        try await retail.freshet.freshet("plan", "--detailed-exitcode").expect(0)

        let held = try await retail.freshet.why(Self.sales)
        #expect(held["outcome"].text == "hold")
        #expect(held["reason"].text == "upstream_failed")
        #expect(held["sentence"].text?.contains("dbt/retail/fct_sales") == true, "\(held)")
        #expect(held["evidence"].first("input", "warehouse/fct_sales")["health"].text == "failed", "\(held)")
        #expect(held["evidence"].first("input", "warehouse/dim_customer")["health"].text == "ok", "\(held)")

        try await retail.dbt("build")
        try await retail.freshet.freshet("run", Self.models).expect()
        let posts = try await retail.postsSinceOpening()
        #expect(posts.map(\.model) == ["Inventory", "Sales"])
        #expect(posts.last?.objects == ["fct_sales/Current"])
        #expect(try await retail.states() == [Self.sales: "up_to_date", Self.inventory: "up_to_date"])
    }

    @Test func `a plan before the first run knows that a node failed`() async throws {
        let retail = try await Retail.open(isFresh: true)
        try await retail.dbt("build", "--vars", "{price_scale: 0}", status: 1)
        let plan = try await retail.freshet.ask("plan")["steps"]
        #expect(plan.first("asset", Self.sales)["reason"].text == "upstream_failed", "\(plan)")
        #expect(plan.first("asset", Self.inventory)["outcome"].text == "run", "\(plan)")
    }

    @Test(arguments: [["docs", "generate"], ["compile"], ["test"]])
    func `a command that builds nothing changes nothing`(_ command: [String]) async throws {
        let retail = try await Retail.open()
        try await retail.dbt(command)
        try await retail.freshet.freshet("plan", "--detailed-exitcode").expect(0)
        try await retail.freshet.freshet("run", Self.models).expect()
        #expect(try await retail.postsSinceOpening().isEmpty)
    }

    @Test func `a build of one node says nothing about the others`() async throws {
        let retail = try await Retail.open()
        try await retail.sell(at: "2026-05-02T09:00:00Z")
        try await retail.sql("insert into raw.stock values ('fig', 1, '2026-05-02T09:00:00Z')")
        try await retail.dbt("build", "--vars", "{price_scale: 0}", status: 1)
        try await retail.freshet.freshet("run", Self.models).expect(1)
        try await retail.dbt("build", "--select", "fct_stock")
        try await retail.freshet.freshet("run", Self.models).expect(1)
        #expect(try await retail.states()[Self.sales] == "held")
    }

    @Test func `the daemon refreshes once for a build that lands, and names only what changed`() async throws {
        let retail = try await Retail.open()
        let daemon = try await retail.freshet.up()
        try await retail.sell(at: "2026-05-02T09:00:00Z")
        try await retail.dbt("build")
        try await until("the refresh of Sales") {
            let run = try await retail.freshet.ask("runs", "show", "latest")["run"]
            let isDone = run["trigger"].text != "manual" && run["status"].text == "succeeded"
            let posts = try await retail.postsSinceOpening()
            return isDone && !posts.isEmpty
        }
        // Twice the interval of the sensor: whatever else the build led to would have been seen.
        let looks = try await retail.looks()
        try await until("two more looks") { try await retail.looks() >= looks + 2 }
        let posts = try await retail.postsSinceOpening()
        #expect(posts.map(\.model) == ["Sales"])
        #expect(posts.first?.objects == ["fct_sales/Current"])
        daemon.signal(SIGTERM)
        try await daemon.ended(within: .seconds(25)).expect(0)
    }

    @Test func `the right password of PostgreSQL appears nowhere`() async throws {
        let retail = try await Retail.open()
        var outcomes: [Outcome] = []
        for arguments in [["plan"], ["run", Self.models, "--force"], ["ticks"], ["why", Self.sales, "--json"]] {
            outcomes.append(try await retail.freshet.freshet(arguments).expect())
        }
        #expect(try Leaks.of([PostgreSQL.password], in: retail.freshet.folder, and: outcomes).isEmpty)
    }
}
