import Foundation
import Testing

@Suite(.enabled(if: Place.hasPython, "the program is not built, or there is no python3"), .serialized)
struct `How the commands end` {
    @Test(arguments: [
        (["stauts"], "status"), (["lineag"], "lineage"), (["runs", "shwo"], "show"),
        (["why", "powerbi/sale"], "powerbi/sales"), (["config", "show", "powerbi/sale"], "powerbi/sales"),
        (["plan", "powerbi/invetory"], "powerbi/inventory"), (["run", "powerbi/sale"], "powerbi/sales"),
        (["plan", "knd:sql"], "kind"), (["plan", "--verbos"], "--verbose"),
        (["pause", "powerbi/sale"], "powerbi/sales"),
    ])
    func `a misspelt word is wrong usage, and the right one is suggested`(
        _ words: [String],
        _ right: String
    ) async throws {
        let outcome = try await Self.withStore().freshet(words).expect(2)
        #expect(outcome.output == "")
        #expect(outcome.errors.localizedCaseInsensitiveContains("did you mean '\(right)'?"), "\(outcome.errors)")
    }

    @Test(arguments: [
        ["run"], ["why"], ["run", "gate/sales"], ["run", "*", "--timeout", "soon"],
        ["why", "powerbi/sales", "--at", "noon"], ["why", "powerbi/sales", "--limit", "0"], ["plan", "key:("],
        ["lineage", "--format", "svg"],
        ["runs", "show", "nosuch"], ["ticks", "nosuch"], ["ticks", "--limit", "0"], ["runs", "--limit", "0"],
        ["runs", "--asset", "powerbi/sale"], ["plan", "powerbi/sales", "powerbi/inventory"],
        ["emulator", "--port", "99999"], ["pause", "warehouse/fct_sales"], [""],
    ])
    func `wrong usage is 2, and is told on standard error`(_ words: [String]) async throws {
        let outcome = try await Self.withStore().freshet(words).expect(2)
        #expect(outcome.output == "")
        #expect(outcome.errors.lowercased().hasPrefix("error: "), "\(outcome.errors)")
    }

    @Test func `plan --detailed-exitcode is 3 when something would run, and plan alone is 0`() async throws {
        let (shop, _) = try await Project.shop()
        try await shop.freshet("plan").expect(0)
        try await shop.freshet("plan", "--detailed-exitcode").expect(3)
        try await shop.freshet("run", "*").expect(0)
        try await shop.freshet("plan", "--detailed-exitcode").expect(0)
        try await shop.freshet("plan", "--stored", "--detailed-exitcode").expect(0)
    }

    @Test func `plan writes nothing`() async throws {
        let (shop, emulator) = try await Project.shop()
        try await shop.freshet("plan").expect()
        #expect(!FileManager.default.fileExists(atPath: shop.folder + "/.freshet"))
        #expect(try await emulator.ask("ledger").list.isEmpty)
    }

    @Test func `a mistake in the files is 4 for check, and 65 for everything else`() async throws {
        let broken = try Project("broken")
        let check = try await broken.freshet("check").expect(4)
        #expect(check.output == "")
        #expect(check.errors.contains("did you mean 'change'?"), "\(check.errors)")
        for command in [["plan"], ["run", "*"], ["status"], ["assets"], ["up"]] {
            let outcome = try await broken.freshet(command).expect(65)
            #expect(outcome.output == "")
            #expect(outcome.errors.contains("assets/broken.yaml:6:5: error: "), "\(outcome.errors)")
        }
    }

    @Test func `check warns of a model that rests on a weak signal alone, and ends with 0`() async throws {
        let (shop, _) = try await Project.shop()
        #expect(try await shop.freshet("check").expect(0).errors == "")
        try shop.replace(
            "table: fct_stock}",
            with: "table: fct_stock, change: [max(updated_at)]}",
            in: "assets/shop.yaml"
        )
        let check = try await shop.freshet("check").expect(0)
        #expect(
            check.errors.contains("powerbi/inventory rests on a weak signal: warehouse/fct_stock misses deletions"),
            "\(check.errors)"
        )
    }

    @Test func `check warns once of a variable that is not set here, and not of one that is empty`() async throws {
        var (shop, _) = try await Project.shop()
        shop.environment["POWERBI_TENANT_ID"] = ""
        shop.environment["POWERBI_CLIENT_ID"] = nil
        try shop.replace(
            "authority_url: ${env:POWERBI_AUTHORITY_URL}",
            with: "authority_url: https://${env:POWERBI_CLIENT_ID}.test/${env:POWERBI_AUTHORITY_URL}",
            in: "freshet.yaml"
        )
        let check = try await shop.freshet("check").expect(0)
        #expect(check.errors.contains("the environment variable 'POWERBI_CLIENT_ID' is not set here"))
        #expect(check.errors.split(separator: "\n").count { $0.contains(": warning: ") } == 1, "\(check.errors)")
    }

    @Test func `check finds an endpoint that names no server`() async throws {
        let shop = try Project("shop")
        try shop.replace(
            "  warehouse: {kind: sqlite",
            with: "  lake: {kind: s3, bucket: lake, endpoint: minio:9000}\n  warehouse: {kind: sqlite",
            in: "freshet.yaml"
        )
        let check = try await shop.freshet("check").expect(4)
        #expect(check.errors.contains("'endpoint' is not the address of a server: 'minio:9000'"), "\(check.errors)")
        #expect(check.errors.contains("freshet.yaml:15:"), "\(check.errors)")
    }

    @Test func `check warns of an input that nobody ever looks at`() async throws {
        let (shop, _) = try await Project.shop()
        try shop.replace("every: 1s", with: "timeout: 30s", in: "freshet.yaml")
        let check = try await shop.freshet("check").expect(0)
        #expect(
            check.errors.contains("nothing ever leads to a look at warehouse/fct_stock, which powerbi/inventory reads"),
            "\(check.errors)"
        )
    }

    @Test func `no project, or a project that was never started, is 65`() async throws {
        let empty = try TemporaryFolder()
        let nowhere = try await Running([Place.binary, "plan"], in: empty.path).ended().expect(65)
        #expect(nowhere.errors.contains("there is no freshet.yaml"), "\(nowhere.errors)")
        let named = try await Running([Place.binary, "check", "--project", empty.path], in: "/").ended().expect(65)
        #expect(named.errors.contains("there is no freshet.yaml"), "\(named.errors)")
        let status = try await Project("shop").freshet("status").expect(65)
        #expect(status.errors.contains("freshet up"), "\(status.errors)")
    }

    @Test func `the project is found from a folder below it, and from outside by name`() async throws {
        let shop = try Project("shop")
        let assets = shop.folder + "/assets"
        try await Running([Place.binary, "check"], in: assets).ended().expect()
        try await Running([Place.binary, "check", "-C", shop.folder], in: "/").ended().expect()
        try await Running([Place.binary, "check"], in: "/", environment: ["FRESHET_PROJECT": shop.folder]).ended()
            .expect()
    }

    @Test func `status --fail-if-late is 5 when the data is too old`() async throws {
        let (shop, _) = try await Project.shop()
        try await shop.freshet("run", "*").expect()
        try await shop.freshet("status", "--fail-if-late").expect(0)
        try shop.replace("max_data_age: 2h", with: "max_data_age: 1ms", in: "freshet.yaml")
        let outcome = try await shop.freshet("status", "--fail-if-late").expect(5)
        #expect(outcome.output.contains("2 late"), "\(outcome.output)")
        try await shop.freshet("status", "group:warehouse", "--fail-if-late").expect(0)
    }

    @Test func `a run that failed is 1, and says why`() async throws {
        let (shop, emulator) = try await Project.shop()
        try await emulator.failNext("Sales", #"{"description": "Too many apples."}"#)
        let outcome = try await shop.freshet("run", "*").expect(1)
        #expect(outcome.output.contains("Too many apples."), "\(outcome.output)")
        #expect(try await shop.states() == ["powerbi/sales": "failed", "powerbi/inventory": "up_to_date"])
    }

    @Test func `a second daemon is 75, and does not disturb the first`() async throws {
        let (shop, _) = try await Project.shop()
        let daemon = try await shop.up()
        let second = try await shop.freshet("up").expect(75)
        #expect(second.output == "")
        #expect(second.errors.contains("pid \(daemon.pid)"), "\(second.errors)")
        #expect(daemon.isRunning)
        try await shop.freshet("run", "*", "--force").expect(0)
    }

    @Test func `a daemon that is needed and does not answer is 69`() async throws {
        let (shop, emulator) = try await Project.shop(duration: 30)
        let daemon = try await shop.up()
        try await until("a POST") { try await !emulator.posts().isEmpty }
        daemon.signal(SIGTERM)
        try await daemon.ended(within: .seconds(25)).expect()
        let outcome = try await shop.freshet("runs", "cancel", "latest").expect(69)
        #expect(outcome.errors.contains("freshet up"), "\(outcome.errors)")
    }

    @Test func `--timeout is 124, the refresh goes on, and the next run takes it up`() async throws {
        let (shop, emulator) = try await Project.shop(duration: 6)
        let outcome = try await shop.freshet("run", "powerbi/sales", "--timeout", "3s").expect(124)
        #expect(outcome.errors.contains("did not end in time"), "\(outcome.errors)")
        #expect(try await shop.states()["powerbi/sales"] == "refreshing")
        try await shop.freshet("run", "powerbi/sales").expect(0)
        #expect(try await emulator.posts().count == 1)
        #expect(try await shop.states()["powerbi/sales"] == "up_to_date")
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `an interrupted run is 130, and its refresh is taken up`(_ signal: Int32) async throws {
        let (shop, emulator) = try await Project.shop(duration: 3)
        let run = try shop.start("run", "powerbi/sales")
        try await until("the POST") { try await !emulator.posts().isEmpty }
        run.signal(signal)
        try await run.ended(within: .seconds(10)).expect(130)
        try await shop.freshet("run", "powerbi/sales").expect(0)
        #expect(try await emulator.posts().count == 1)
    }

    /// A project whose store exists, and nothing is in it.
    private static func withStore() async throws -> Project {
        let shop = try Project("shop")
        try await shop.freshet("pause").expect()
        try await shop.freshet("resume").expect()
        return shop
    }
}
