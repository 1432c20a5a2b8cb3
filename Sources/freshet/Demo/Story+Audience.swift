import FreshetCore
import FreshetKit

/// What is played besides for those who stay: one model is fresh, one late, one failed, and of one nobody knows.
extension Story {
    func playOn() async throws {
        try await modelsJoin()
        try await stockGrew()
        try await marginFails()
        try await campaignsIsUnresolved()
        try await salesIsLate()
    }

    private func modelsJoin() async throws {
        let mark = try await stage.emulator.lastSequence()
        let models = [("Margin", ["fct_margin"]), ("Campaigns", ["fct_campaigns", "dim_channel"])]
        try await stage.emulator.add(models: models.map { (name: $0.0, tables: $0.1) })
        for (table, rows) in [("fct_margin", 900), ("fct_campaigns", 60), ("dim_channel", 12)] {
            try stage.warehouse.make(table, rows: rows, at: Wiring.clock.now - .seconds(5 * 3600))
            stage.artifacts.nodes.append(table)
        }
        try await stage.artifacts.land("dbt-7")
        try await stage.add("assets/marketing.yaml", Self.marketing)
        try await stage.wait(for: "both models refreshed") {
            let states = Self.states(try await stage.ask("status"))
            return states[Stage.margin] == "up_to_date" && states[Stage.campaigns] == "up_to_date"
        }
        try check(try await stage.emulator.posts(since: mark).count == 2, "one POST for each new model")
        tell(8, "two more models joined the project, Margin and Campaigns: refreshed, whole")
    }

    private func stockGrew() async throws {
        let mark = try await stage.emulator.lastSequence()
        try stage.warehouse.add(25, to: "fct_stock", at: Wiring.clock.now - .seconds(3600))
        try await stage.artifacts.land("dbt-8")
        try await stage.wait(for: "Inventory refreshed") {
            let isFresh = Self.states(try await stage.ask("status"))[Stage.inventory] == "up_to_date"
            return isFresh ? try await stage.emulator.posts(since: mark).count == 1 : false
        }
        let objects: JSONValue = [["table": "fct_stock"]]
        try check(try await stage.emulator.posts(since: mark)[0].body["objects"] == objects, "only fct_stock")
        tell(9, "dbt ran, fct_stock grew by 25 rows: Inventory is fresh")
    }

    private func marginFails() async throws {
        try await stage.emulator.addFault([
            "match": ["kind": "refresh_post", "model": "Margin"],
            "times": 4,
            "action": [
                "end": "Failed",
                "error": [
                    "code": "ModelRefresh_ShortMessage_ProcessingError",
                    "description": "Column 'unit_cost' in table 'fct_margin' contains blank values.",
                ],
            ],
        ])
        try stage.warehouse.add(40, to: "fct_margin", at: Wiring.clock.now - .seconds(1800))
        try await stage.artifacts.land("dbt-9")
        try await stage.wait(for: "the run of Margin ended", within: .seconds(60)) {
            try await stage.ask("runs", "show", "latest")["run"]?["status"]?.text == "failed"
        }
        let run = try await stage.ask("runs", "show", "latest")["run"]
        let attempts = run?["steps"]?.list?.first?["attempt"]?.integer
        try check(run?["status"]?.text == "failed" && attempts == 4, "its run failed, at the fourth attempt")
        tell(10, "Margin's refresh failed four times (column 'unit_cost' contains blank values): its run failed")
    }

    /// The request is lost, and just then somebody else begins a refresh that looks as ours might.
    private func campaignsIsUnresolved() async throws {
        let mark = try await stage.emulator.lastSequence()
        try await stage.emulator.addFault([
            "match": ["kind": "refresh_post", "model": "Campaigns"], "action": ["delay": 2, "drop": "before"],
        ])
        try stage.warehouse.add(5, to: "fct_campaigns", at: Wiring.clock.now - .seconds(1200))
        try await stage.artifacts.land("dbt-10")
        try await stage.wait(for: "the request for Campaigns") { try await !stage.emulator.posts(since: mark).isEmpty }
        try await stage.emulator.inject(into: "Campaigns", ["refresh_type": "ViaAutomation", "duration": 1])
        // Where history was read before that refresh began, it is read again half a minute later.
        try await stage.wait(for: "nobody can know what became of it", within: .seconds(60)) {
            let operations = try await stage.ask("runs", "show", "latest")["run"]?["operations"]?.list ?? []
            return operations.contains { $0["state"]?.text == "unresolved" }
        }
        try check(try await stage.emulator.posts(since: mark).count == 1, "it is not asked for again")
        tell(11, "the answer to Campaigns' refresh was lost while somebody else began one: a person has to say")
    }

    private func salesIsLate() async throws {
        try stage.warehouse.add(3, to: "fct_sales", at: Wiring.clock.now - .seconds(600))
        try await stage.artifacts.land("dbt-11", failed: ["fct_sales"])
        try await stage.wait(for: "Sales held") {
            Self.states(try await stage.ask("status"))[Stage.sales] == "held"
        }
        let sales = try await stage.ask("status")["assets"]?.list?.first { $0["asset"]?.text == Stage.sales }
        try check(sales?["freshness"]?["state"]?.text == "late", "Sales is late")
        tell(12, "dbt failed on fct_sales: Sales is held, and late since half past seven")
    }

    private static let marketing = """
        assets:
          - key: warehouse/fct_margin
            kind: sql.table
            table: fct_margin
            deps: [dbt/retail/fct_margin]

          - key: warehouse/fct_campaigns
            kind: sql.table
            table: fct_campaigns
            deps: [dbt/retail/fct_campaigns]

          - key: warehouse/dim_channel
            kind: sql.table
            table: dim_channel
            deps: [dbt/retail/dim_channel]

          - key: powerbi/retail/margin
            kind: powerbi.semantic_model
            description: Margin by product and store.
            group: sales
            owners: [team:finance]
            model: Margin
            refresh:
              tables:
                fct_margin: {from: warehouse/fct_margin}
            freshness: {max_data_age: 24h}

          - key: powerbi/retail/campaigns
            kind: powerbi.semantic_model
            description: What each campaign brought in.
            group: marketing
            owners: [team:marketing]
            model: Campaigns
            refresh:
              tables:
                fct_campaigns: {from: warehouse/fct_campaigns}
                dim_channel: {from: warehouse/dim_channel}
            freshness: {max_data_age: 24h}

        """
}
