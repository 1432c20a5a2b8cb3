import Testing

@testable import FreshetEmulator

@Suite struct ScannerTests {
    let fixture = Fixture()
    static let root = "/v1.0/myorg/admin/workspaces"
    static let retail = "f089354e-8366-4e18-aea3-4cb4a3a50b48"

    func scan(_ query: String = "lineage=true&datasourceDetails=true&datasetSchema=true&datasetExpressions=true")
        -> Reply?
    {
        let body: JSON = ["workspaces": [.string(ScannerTests.retail)]]
        return fixture.ask("POST", "\(ScannerTests.root)/getInfo?\(query)", body)
    }

    func result(_ id: String) -> Reply? { fixture.ask("GET", "\(ScannerTests.root)/scanResult/\(id)") }

    /// The queries of a model's tables, by name.
    func queries(_ model: String = "Sales") -> [String: String] {
        let id = scan()?.json?["id"]?.string ?? ""
        fixture.wait(1)
        let models = result(id)?.json?["workspaces"]?.elements?.first?["datasets"]?.elements ?? []
        let tables = models.first { $0["name"]?.string == model }?["tables"]?.elements ?? []
        return Dictionary(
            tables.compactMap { table in
                table["source"]?.elements?.first?["expression"]?.string.map { (table["name"]?.string ?? "", $0) }
            }
        ) { first, _ in first }
    }

    @Test func `E16: modified workspaces are a bare array`() {
        let all = fixture.ask("GET", ScannerTests.root + "/modified")
        #expect(all?.json == [["id": .string(ScannerTests.retail)]])
        let since = (fixture.moment.wall + -3_600).ticks
        #expect(fixture.ask("GET", "\(ScannerTests.root)/modified?modifiedSince=\(since)")?.json == [])
        _ = fixture.ask("POST", "/_emulator/workspaces/Retail", ["modified_ago": 60])
        let again = fixture.ask("GET", "\(ScannerTests.root)/modified?modifiedSince=\(since)")
        #expect(again?.json?.elements?.count == 1)
    }

    @Test(arguments: ["2024-01-01T00:00:00Z", "2026-09-21T14:13:20Z", "yesterday"])
    func `E16: since when has to lie between 30 days and 30 minutes ago`(since: String) {
        #expect(fixture.ask("GET", "\(ScannerTests.root)/modified?modifiedSince=\(since)")?.status == 400)
    }

    @Test func `E16: a scan is accepted, runs, and has a result for 24 hours`() throws {
        let started = try #require(scan())
        let id = try #require(started.json?["id"]?.string)
        #expect(started.status == 202 && started.json?["status"] == "NotStarted")
        #expect(started.header("Location")?.hasSuffix("/scanStatus/\(id)") == true)
        #expect(result(id)?.status == 400)
        fixture.wait(0.5)
        let status = "\(ScannerTests.root)/scanStatus/\(id)"
        #expect(fixture.ask("GET", status)?.json?["status"] == "Running")
        fixture.wait(0.5)
        #expect(fixture.ask("GET", status)?.json?["status"] == "Succeeded")
        #expect(result(id)?.status == 200)
        fixture.wait(24 * 3_600)
        fixture.renewToken()
        #expect(result(id)?.status == 404)
    }

    @Test func `E16: a result tells of lineage`() throws {
        let id = try #require(scan()?.json?["id"]?.string)
        fixture.wait(1)
        let body = try #require(result(id)?.json)
        let workspace = try #require(body["workspaces"]?.elements?.first)
        let sales = try #require(workspace["datasets"]?.elements?.first)
        let used = sales["datasourceUsages"]?.elements?.first?["datasourceInstanceId"]
        #expect(used != nil && body["datasourceInstances"]?.elements?.first?["datasourceId"] == used)
        let dataflow = workspace["dataflows"]?.elements?.first?["objectId"]
        #expect(sales["upstreamDataflows"]?.elements?.first?["targetDataflowId"] == dataflow)
        #expect(workspace["dashboards"]?.elements?.first?["tiles"]?.elements?.count == 3)
        #expect(sales["expressions"]?.elements?.map { $0["name"] } == ["Server", "RangeStart", "RangeEnd"])
    }

    @Test func `E16: tables show their queries, incremental ones with or without the range`() {
        #expect(queries()["dim_product"]?.contains("Item=\"dim_product\"") == true)
        #expect(queries()["fct_sales"]?.contains("[updated_at] >= RangeStart") == true)
        let change: JSON = [
            "tables": ["dim_product": ["source": "let x = 1 in x"], "fct_sales": ["range_filter": false]]
        ]
        _ = fixture.ask("POST", "/_emulator/models/Sales", change)
        #expect(queries()["fct_sales"]?.contains("RangeStart") == false)
        #expect(queries()["dim_product"] == "let x = 1 in x")
    }

    @Test func `E16: what was not asked for, or is closed by the tenant, is missing`() throws {
        _ = fixture.ask("POST", "/_emulator/tenant", ["metadata_allowed": false])
        #expect(queries().isEmpty)
        let id = try #require(scan("")?.json?["id"]?.string)
        fixture.wait(1)
        #expect(result(id)?.json?["datasourceInstances"] == nil)
        #expect(result(id)?.json?["workspaces"]?.elements?.first?["users"] == nil)
        _ = fixture.ask("POST", "/_emulator/tenant", ["admin_allowed": false])
        let refused = scan()
        #expect(refused?.status == 401 && refused?.errorCode == "PowerBINotAuthorizedException")
    }

    @Test func `E16: each kind of item has its own word for a right`() throws {
        let id = try #require(scan("getArtifactUsers=true")?.json?["id"]?.string)
        fixture.wait(1)
        let workspace = try #require(result(id)?.json?["workspaces"]?.elements?.first)
        for (kind, word) in [("datasets", "dataset"), ("reports", "report"), ("dashboards", "dashboard")] {
            let user = workspace[kind]?.elements?.first?["users"]?.elements?.first
            #expect(user?["\(word)UserAccessRight"] != nil && user?["identifier"] == "owner@example.com")
        }
    }

    @Test(arguments: [[] as JSON, ["nowhere"], JSON.array(Array(repeating: "x", count: 101))])
    func `E16: 1 to 100 workspaces that exist`(workspaces: JSON) {
        let status = fixture.ask("POST", "\(ScannerTests.root)/getInfo", ["workspaces": workspaces])?.status
        #expect(status == 400 || status == 404)
    }

    @Test func `refreshables are what is scheduled or was refreshed`() {
        let path = "/v1.0/myorg/capacities/refreshables"
        #expect(fixture.ask("GET", path)?.status == 400)
        #expect(fixture.ask("GET", path + "?$top=10")?.json?["value"] == [])
        _ = fixture.start()
        fixture.wait(10)
        for root in ["/v1.0/myorg/capacities", "/v1.0/myorg/admin/capacities"] {
            let entries = fixture.ask("GET", "\(root)/refreshables?$top=10&$expand=capacity,group")?.json?["value"]
            let sales = entries?.elements?.first
            #expect(sales?["name"] == "Sales" && sales?["averageDuration"] == 10 && sales?["refreshCount"] == 1)
            #expect(sales?["lastRefresh"]?["status"] == "Completed" && sales?["group"]?["name"] == "Retail")
            let capacity = sales?["capacity"]?["id"]?.string ?? ""
            let one = fixture.ask("GET", "\(root)/\(capacity)/refreshables/\(Fixture.salesID)")
            #expect(one?.json?["value"]?.elements?.count == 1)
            let long = "?$top=1&$filter=averageDuration%20gt%201800"
            #expect(fixture.ask("GET", "\(root)/refreshables\(long)")?.json?["value"] == [])
            #expect(fixture.ask("GET", root)?.json?["value"]?.elements?.first?["sku"] == "F64")
        }
    }
}
