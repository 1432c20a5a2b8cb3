import Foundation
import Testing

@Suite(
    .enabled(if: Place.hasWarehouse, "dbt-core or PostgreSQL is not installed; scripts/setup tests does it"),
    .retail,
    .serialized
)
struct `What dbt built is looked at in PostgreSQL` {
    static let models = "kind:powerbi.semantic_model"
    static let sales = "powerbi/retail/sales"
    static let inventory = "powerbi/retail/inventory"

    @Test func `a build that changed nothing leads to no refresh`() async throws {
        let retail = try await Retail.open(project: "evidence")
        try await retail.dbt("build", "--full-refresh")
        try await retail.freshet.freshet("plan", Self.models, "--detailed-exitcode").expect(0)
        let run = try await retail.freshet.ask("run", Self.models)["run"]
        #expect(run["steps"].list.map { $0["skip_reason"].text } == ["up_to_date", "up_to_date"], "\(run)")
        #expect(try await retail.postsSinceOpening().isEmpty)
        let evidence = try await retail.freshet.why(Self.sales)["evidence"].first("input", "dbt/retail/fct_sales")
        #expect(evidence["signal"].text == "row_count, max(updated_at)", "\(evidence)")
    }

    @Test func `one changed model refreshes exactly what is downstream of it, and only its tables`() async throws {
        let retail = try await Retail.open(project: "evidence")
        try retail.edit("models/marts/dim_customer.sql", "name,", "upper(name) as name,")
        try await retail.dbt("build")
        try await retail.freshet.freshet("run", Self.models).expect()
        let posts = try await retail.postsSinceOpening()
        #expect(posts.map(\.model) == ["Sales"])
        #expect(posts.first?.objects == ["dim_customer"])
    }

    @Test func `new rows refresh their table`() async throws {
        let retail = try await Retail.open(project: "evidence")
        try await retail.sell(at: "2026-05-02T09:00:00Z")
        try await retail.dbt("build")
        try await retail.freshet.freshet("run", Self.models).expect()
        let posts = try await retail.postsSinceOpening()
        #expect(posts.map(\.model) == ["Sales"])
        #expect(posts.first?.objects == ["fct_sales/Current"])
    }

    @Test func `an exposure links its model to what it reads, without anybody writing so`() async throws {
        let retail = try await Retail.open(project: "evidence")
        let edges = try await retail.freshet.ask("lineage")["edges"].list.map {
            "\($0["from"].text ?? "") \($0["to"].text ?? "")"
        }
        #expect(edges.contains("dbt/retail/fct_stock dbt/retail/stock_board"), "\(edges)")
        #expect(edges.contains("dbt/retail/stock_board powerbi/retail/inventory"), "\(edges)")
        try await retail.sql("insert into raw.stock values ('fig', 1, '2026-05-02T09:00:00Z')")
        try await retail.dbt("build")
        try await retail.freshet.freshet("run", Self.models).expect()
        #expect(try await retail.postsSinceOpening().map(\.model) == ["Inventory"])
    }

    @Test func `a test that fails holds what reads its node`() async throws {
        let retail = try await Retail.open(project: "evidence")
        let twice = "(100, 1, 999, '2026-05-02T09:00:00Z')"
        try await retail.sql("alter table raw.sales drop constraint sales_pkey")
        try await retail.sql("insert into raw.sales values \(twice), \(twice)")
        try await retail.dbt(["build"], status: 1)
        try await retail.freshet.freshet("run", Self.models).expect(1)
        #expect(try await retail.postsSinceOpening().isEmpty)
        let held = try await retail.freshet.why(Self.sales)
        #expect(held["reason"].text == "upstream_failed")
        #expect("\(held["evidence"])".contains("test unique_fct_sales_id failed"), "\(held)")
    }

    @Test func `Freshet runs dbt itself, and what came of it is looked at`() async throws {
        let retail = try await Retail.open(project: "evidence")
        try await retail.sell(at: "2026-05-02T09:00:00Z")
        try await retail.freshet.freshet("run", "build/retail", within: .seconds(120)).expect()
        let detail = "\(try await retail.freshet.ask("runs", "show", "latest"))"
        #expect(detail.contains("model.retail.fct_sales"), "\(detail)")
        #expect(detail.contains("unique_fct_sales_id"), "\(detail)")
        try await retail.freshet.freshet("run", Self.models).expect()
        let posts = try await retail.postsSinceOpening()
        #expect(posts.map(\.objects) == [["fct_sales/Current"]])
    }

    @Test(arguments: [("build/broken", "division by zero"), ("build/mistyped", "nobody_wrote_it")])
    func `a run of dbt that fails says why`(_ asset: String, _ words: String) async throws {
        let retail = try await Retail.open(project: "evidence")
        try await retail.sell(at: "2026-05-02T09:00:00Z")
        try await retail.freshet.freshet("run", asset, within: .seconds(120)).expect(1)
        let detail = "\(try await retail.freshet.ask("runs", "show", "latest"))"
        #expect(detail.contains(words), "\(detail)")
        #expect(try Leaks.of([PostgreSQL.password], in: retail.freshet.folder, and: []).isEmpty)
    }
}
