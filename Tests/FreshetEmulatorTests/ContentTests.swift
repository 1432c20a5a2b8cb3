import Testing

@testable import FreshetEmulator

@Suite struct ContentTests {
    let fixture = Fixture()
    static let root = "/v1.0/myorg"
    static let group = "/v1.0/myorg/groups/f089354e-8366-4e18-aea3-4cb4a3a50b48"

    func list(_ path: String) -> [JSON] { fixture.ask("GET", path)?.json?["value"]?.elements ?? [] }

    @Test(arguments: [root, group])
    func `reports, dashboards and tiles lead to each other`(base: String) throws {
        let reports = list(base + "/reports")
        #expect(reports.map { $0["name"]?.string } == ["Sales overview", "Customers", "Stock levels"])
        let dashboard = try #require(list(base + "/dashboards").first?["id"]?.string)
        let tiles = list("\(base)/dashboards/\(dashboard)/tiles")
        #expect(tiles.map { $0["reportId"] } == reports.map { $0["id"] })
        #expect(tiles.map { $0["datasetId"] } == reports.map { $0["datasetId"] })
        let tile = try #require(tiles.first?["id"]?.string)
        let single = fixture.ask("GET", "\(base)/dashboards/\(dashboard)/tiles/\(tile)")?.json
        #expect(single?["title"] == "Revenue" && single?["@odata.context"] != nil)
        let report = try #require(reports.first?["id"]?.string)
        #expect(fixture.ask("GET", "\(base)/reports/\(report)")?.json?["name"] == "Sales overview")
        #expect(list("\(base)/reports/\(report)/datasources").first?["datasourceType"] == "PostgreSql")
        #expect(fixture.ask("GET", "\(base)/reports/nowhere")?.errorCode == "PowerBIEntityNotFound")
    }

    @Test(arguments: [
        "datasets", "dashboards", "reports", "datasets/\(Fixture.salesID)", "datasets/\(Fixture.salesID)/datasources",
        "datasets/\(Fixture.salesID)/parameters", "datasets/\(Fixture.salesID)/refreshes",
        "datasets/\(Fixture.salesID)/refreshSchedule", "datasets/\(Fixture.salesID)/directQueryRefreshSchedule",
    ])
    func `every route has its context, with and without a group`(path: String) {
        for base in [ContentTests.root, ContentTests.group] {
            let reply = fixture.ask("GET", "\(base)/\(path)")
            #expect(reply?.status == 200 && reply?.json?["@odata.context"] != nil, "\(base)/\(path)")
        }
    }

    @Test(arguments: [
        ("contains(name,'eta')", 1), ("name eq 'Retail'", 1), ("name eq 'x' or startswith(name,'R')", 1),
        ("name eq 'x' and isReadOnly eq false", 0), ("isOnDedicatedCapacity ne true", 0),
    ])
    func `groups are filtered`(filter: String, count: Int) {
        #expect(list("/v1.0/myorg/groups?$filter=\(Percent.encoded(filter.utf8))").count == count)
    }

    @Test func `groups are paged, and a filter that makes no sense is refused`() {
        #expect(list("/v1.0/myorg/groups?$top=1&$skip=0").count == 1)
        #expect(list("/v1.0/myorg/groups?$top=1&$skip=1").isEmpty)
        #expect(fixture.ask("GET", "/v1.0/myorg/groups?$filter=name")?.status == 400)
        #expect(fixture.ask("GET", ContentTests.group)?.json?["name"] == "Retail")
    }

    @Test func `a model has an owner, until somebody takes it over`() {
        #expect(fixture.ask("GET", Fixture.sales)?.json?["configuredBy"] == "owner@example.com")
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["configured_by": "anna@example.com", "owned": false])
        #expect(fixture.ask("GET", Fixture.sales)?.json?["configuredBy"] == "anna@example.com")
        #expect(fixture.ask("POST", Fixture.sales + "/Default.TakeOver")?.status == 200)
        let owner = fixture.ask("GET", Fixture.sales)?.json?["configuredBy"]?.string
        #expect(owner == fixture.world.directory.clientID)
        // The stored credentials went with the old owner.
        _ = fixture.start()
        fixture.wait(1)
        let failed = fixture.history().first
        #expect(failed?["serviceExceptionJson"]?.string?.contains("CredentialsNotSpecified") == true)
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["credentials": true])
        _ = fixture.start()
        fixture.wait(10)
        #expect(fixture.history().first?["status"] == "Completed")
    }

    @Test func `a frequency clears days and times, and they clear it`() {
        let path = Fixture.sales + "/directQueryRefreshSchedule"
        let times: JSON = ["value": ["days": ["Sunday"], "times": ["05:00"]]]
        #expect(fixture.ask("PATCH", path, times)?.status == 200)
        #expect(fixture.ask("GET", path)?.json?["frequency"] == nil)
        #expect(fixture.ask("PATCH", path, ["value": ["frequency": 15]])?.status == 200)
        let schedule = fixture.ask("GET", path)?.json
        #expect(schedule?["frequency"] == 15 && schedule?["days"] == [] && schedule?["times"] == [])
        #expect(fixture.ask("PATCH", path, ["value": ["frequency": 17]])?.status == 400)
        #expect(fixture.ask("PATCH", path, ["value": ["frequency": 15, "times": ["05:00"]]])?.status == 400)
    }

    @Test func `what the range filter needs is among the parameters`() {
        let names = list(Fixture.sales + "/parameters").map { $0["name"]?.string }
        #expect(names == ["Server", "RangeStart", "RangeEnd"])
    }
}
