import Foundation
import Testing

@Suite(.enabled(if: Place.hasPython, "the program is not built, or there is no python3"), .serialized)
struct `What the commands print for other programs` {
    @Test func `every --json output is one document that names its schema`() async throws {
        let (shop, _) = try await Project.shop()
        let commands: [(arguments: [String], schema: String)] = [
            (["check"], "check"), (["plan"], "plan"), (["plan", "--stored"], "plan"), (["assets"], "assets"),
            (["run", "*"], "run"), (["status"], "status"), (["why", "powerbi/sales"], "why"),
            (["why", "warehouse/fct_sales"], "why"), (["lineage"], "lineage"), (["lineage", "--why"], "lineage"),
            (["config", "show", "powerbi/sales"], "config"), (["runs"], "runs"), (["runs", "show", "latest"], "run"),
            (["sensors"], "sensors"), (["ticks"], "ticks"), (["pause"], "pause"), (["resume"], "pause"),
        ]
        for (arguments, schema) in commands {
            let outcome = try await shop.freshet(arguments + ["--json"]).expect()
            let named = try? outcome.json["schema"].text
            #expect(named == "freshet.\(schema)/1", "freshet \(arguments): \(outcome.output)")
        }
    }

    @Test func `a broken project is one document too`() async throws {
        let outcome = try await Project("broken").freshet("check", "--json").expect(4)
        let document = try outcome.json
        #expect(document["schema"].text == "freshet.check/1")
        #expect(document["diagnostics"].list.count == 3, "\(document)")
        #expect(document["diagnostics"].list.allSatisfy { $0["line"].integer ?? 0 > 0 && $0["file"].text != nil })
    }

    @Test func `a run that failed is one document too`() async throws {
        let (shop, emulator) = try await Project.shop()
        try await emulator.failNext("Sales")
        let document = try await shop.freshet("run", "powerbi/sales", "--json").expect(1).json
        #expect(document["run"]["status"].text == "failed")
    }

    @Test(arguments: [["status"], ["why", "powerbi/sales"], ["runs"], ["ticks"], ["lineage", "--why"]])
    func `an error leaves standard output empty`(_ arguments: [String]) async throws {
        let outcome = try await Project("shop").freshet(arguments + ["--json"]).expect(65)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("error: nothing has been recorded yet"), "\(outcome.errors)")
    }

    @Test func `no colour gets into a pipe, and --color always puts it there`() async throws {
        let (shop, _) = try await Project.shop()
        #expect(try await !shop.freshet("plan").output.contains("\u{1B}"))
        #expect(try await shop.freshet("plan", "--color", "always").output.contains("\u{1B}["))
    }
}
