import FreshetCore
import FreshetKit

/// A morning at a retailer, scene by scene; each line is checked against the emulator's ledger and what Freshet says.
struct Story {
    let stage: Stage
    let tell: (Int, String) -> Void

    func play() async throws {
        try await firstRun()
        try await nothingNew()
        try await nothingChanged()
        try await salesGrew()
        try await dbtFails()
        try await refreshFails()
        try await daemonDies()
    }

    private func firstRun() async throws {
        try await stage.artifacts.land("dbt-1")
        try await stage.startDaemon()
        try await stage.wait(for: "both models refreshed") {
            let done = try await stage.ask("status")
            return Self.states(done) == [Stage.sales: "up_to_date", Stage.inventory: "up_to_date"]
        }
        let posts = try await stage.emulator.posts()
        try check(Set(posts.map(\.model)) == ["Sales", "Inventory"] && posts.count == 2, "one POST for each model")
        try check(posts.allSatisfy { $0.body["objects"] == nil }, "the first refresh is of the whole model")
        tell(1, "first run: Sales and Inventory refreshed, whole")
    }

    private func nothingNew() async throws {
        let mark = try await stage.emulator.lastSequence()
        let before = try await looks()
        try await stage.wait(for: "more looks") { try await looks() >= before + 4 }
        try check(try await stage.emulator.requests(since: mark) == 0, "no request to Power BI")
        let count = try await looks() - before
        tell(2, "\(count) more looks, nothing new: Power BI was not asked anything")
    }

    private func nothingChanged() async throws {
        let mark = try await stage.emulator.lastSequence()
        let last = (try await decision(on: Stage.sales), try await decision(on: Stage.inventory))
        try await stage.artifacts.land("dbt-2")
        try await stage.wait(for: "decisions on the dbt run") {
            let sales = try await decision(on: Stage.sales).isAfter(last.0)
            let inventory = try await decision(on: Stage.inventory).isAfter(last.1)
            return sales && inventory
        }
        // Sales stands behind a branch that found nothing changed either.
        for (model, reason) in [(Stage.sales, "not_selected"), (Stage.inventory, "up_to_date")] {
            let decision = try await decision(on: model)
            try check(decision["reason"]?.text == reason, "the reason for \(model) is \(reason)")
            let evidence = decision["evidence"]?.list ?? []
            let isSame = evidence.allSatisfy { $0["comparison"]?.text == "same" }
            try check(evidence.count == 2 && isSame, "both inputs of \(model) are the same")
        }
        try check(try await stage.emulator.requests(since: mark) == 0, "no request to Power BI")
        let seen = try await decision(on: Stage.sales)["evidence"]?.list?.last
        tell(3, "dbt ran, all success, no row changed: both skipped (fct_sales still \(seen?["now"]?.text ?? ""))")
    }

    private func salesGrew() async throws {
        let mark = try await stage.emulator.lastSequence()
        try stage.warehouse.add(10, to: "fct_sales", at: stage.warehouse.night - .seconds(3600))
        try await stage.artifacts.land("dbt-3")
        try await finished(after: mark, posts: 1)
        try await onlySalesCurrent(since: mark, count: 1)
        tell(4, "dbt ran, fct_sales grew by 10 rows: one POST, for fct_sales/Current only")
    }

    private func dbtFails() async throws {
        let mark = try await stage.emulator.lastSequence()
        try stage.warehouse.add(3, to: "fct_sales", at: stage.warehouse.night - .seconds(1800))
        try await stage.artifacts.land("dbt-4", failed: ["fct_sales"])
        try await stage.wait(for: "the model held") {
            Self.states(try await stage.ask("status"))[Stage.sales] == "held"
        }
        let reason = try await decision(on: Stage.sales)["reason"]?.text
        try check(reason == "upstream_failed", "the reason is upstream_failed")
        try check(try await stage.emulator.posts(since: mark).isEmpty, "no POST")
        tell(5, "dbt failed on fct_sales: Sales is held, dashboards keep yesterday's data")
    }

    private func refreshFails() async throws {
        let mark = try await stage.emulator.lastSequence()
        try await stage.emulator.addFault([
            "match": ["kind": "refresh_post", "model": "Sales"],
            "action": [
                "end": "Failed",
                "error": [
                    "code": "ModelRefresh_ShortMessage_ProcessingError",
                    "description": "Column 'amount' in table 'fct_sales' contains blank values.",
                ],
            ],
        ])
        try await stage.artifacts.land("dbt-5")
        try await finished(after: mark, posts: 2)
        try await onlySalesCurrent(since: mark, count: 2)
        let step = try await latestStep()
        try check(step["attempt"]?.integer == 2, "the second attempt succeeded")
        let cause = step["failure"]?["message"]?.text ?? ""
        try check(cause.contains("contains blank values"), "the root cause is decoded")
        tell(6, "dbt ran, the refresh failed and rolled back (\(cause)); retried, succeeded")
    }

    private func daemonDies() async throws {
        let mark = try await stage.emulator.lastSequence()
        try await stage.emulator.set(model: "Sales", duration: 5)
        try stage.warehouse.add(7, to: "fct_sales", at: stage.warehouse.night)
        try await stage.artifacts.land("dbt-6")
        try await stage.wait(for: "the refresh in flight") {
            let operations = try await stage.ask("runs", "show", "latest")["run"]?["operations"]?.list ?? []
            let posts = try await stage.emulator.posts(since: mark).count
            return posts == 1 && operations.contains { $0["state"]?.text == "accepted" }
        }
        let run = try await stage.ask("runs", "show", "latest")["run"]?["id"]?.text
        await stage.killDaemon()
        try await stage.startDaemon()
        try await finished(after: mark, posts: 1)
        try check(try await stage.ask("runs", "show", "latest")["run"]?["id"]?.text == run, "it is the same run")
        try await onlySalesCurrent(since: mark, count: 1)
        tell(7, "kill -9 while a refresh ran: restarted, re-attached, still exactly one POST")
    }

    // MARK: What is asked

    func check(_ holds: Bool, _ what: String) throws {
        guard holds else { throw DemoFailure("this did not hold: \(what)") }
    }

    /// Waits until so many refreshes were asked for, and Sales is as it should be.
    private func finished(after mark: Int64, posts: Int) async throws {
        try await stage.wait(for: "Sales refreshed") {
            guard try await stage.emulator.posts(since: mark).count == posts else { return false }
            let latest = try await stage.ask("runs", "show", "latest")
            let states = Self.states(try await stage.ask("status"))
            return latest["run"]?["status"]?.text == "succeeded" && states[Stage.sales] == "up_to_date"
        }
    }

    private func onlySalesCurrent(since mark: Int64, count: Int) async throws {
        let posts = try await stage.emulator.posts(since: mark)
        let objects: JSONValue = [["table": "fct_sales", "partition": "Current"]]
        try check(posts.count == count, "\(count) POST")
        try check(posts.allSatisfy { $0.model == "Sales" && $0.body["objects"] == objects }, "only fct_sales/Current")
    }

    private func looks() async throws -> Int64 {
        let ticks = try await stage.ask("ticks", "dbt/retail", "--limit", "100")["ticks"]?.list ?? []
        return ticks.compactMap { $0["count"]?.integer }.reduce(0, +)
    }

    func decision(on model: String) async throws -> JSONValue {
        try await stage.ask("why", model)["decisions"]?.list?.first ?? .null
    }

    private func latestStep() async throws -> JSONValue {
        try await stage.ask("runs", "show", "latest")["run"]?["steps"]?.list?.first ?? .null
    }

    static func states(_ status: JSONValue) -> [String: String] {
        var states: [String: String] = [:]
        for asset in status["assets"]?.list ?? [] { states[asset["asset"]?.text ?? ""] = asset["state"]?.text }
        return states
    }
}

extension JSONValue {
    /// Whether this decision was made after that one.
    fileprivate func isAfter(_ other: JSONValue) -> Bool {
        (self["sequence"]?.integer ?? 0) > (other["sequence"]?.integer ?? 0)
    }
}
