import Testing

@testable import FreshetEmulator

@Suite struct DataflowTests {
    let fixture = Fixture()
    let group = "/v1.0/myorg/groups/f089354e-8366-4e18-aea3-4cb4a3a50b48"

    var dataflow: String {
        let entry = fixture.ask("GET", group + "/dataflows")?.json?["value"]?.elements?.first
        return "\(group)/dataflows/\(entry?["objectId"]?.string ?? "")"
    }

    func transactions() -> [JSON] {
        fixture.ask("GET", dataflow + "/transactions")?.json?["value"]?.elements ?? []
    }

    @Test func `a refresh is a 200, then a transaction that ends`() {
        #expect(fixture.ask("POST", dataflow + "/refreshes?processType=default", [:])?.status == 200)
        #expect(transactions().map { $0["status"] } == ["InProgress"])
        #expect(fixture.ask("POST", dataflow + "/refreshes", [:])?.status == 400)
        fixture.wait(10)
        #expect(transactions().map { $0["status"] } == ["Success"])
        #expect(transactions().first?["endTime"]?.string?.hasSuffix("0Z") == true)
    }

    @Test(arguments: ["Failed", "Cancelled", "Unheard"])
    func `a transaction ends as scripted`(word: String) {
        fixture.script(["end": .string(word), "duration": 3], kind: "dataflow_refresh")
        _ = fixture.ask("POST", dataflow + "/refreshes", ["notifyOption": "MailOnFailure"])
        fixture.wait(3)
        #expect(transactions().first?["status"]?.string == word)
    }

    @Test func `a transaction is cancelled once, by an id full of odd characters`() throws {
        _ = fixture.ask("POST", dataflow + "/refreshes", [:])
        let id = try #require(transactions().first?["id"]?.string)
        let path = "\(group)/dataflows/transactions/\(Percent.encoded(id.utf8))/cancel"
        #expect(
            fixture.ask("POST", path)?.json == ["status": "successfullyMarked", "transactionId": .string(id)]
        )
        #expect(fixture.ask("POST", path)?.json?["status"] == "alreadyConcluded")
        #expect(transactions().first?["status"] == "Cancelled")
        #expect(
            fixture.ask("POST", "\(group)/dataflows/transactions/x/cancel")?.json?["status"] == "notFound"
        )
    }

    @Test func `a dataflow may refuse service principals, and wrong options`() {
        #expect(fixture.ask("POST", dataflow + "/refreshes", ["notifyOption": "MailOnCompletion"])?.status == 400)
        #expect(fixture.ask("POST", dataflow + "/refreshes?processType=x", [:])?.status == 400)
        _ = fixture.ask("POST", "/_emulator/dataflows/Currency%20rates", ["service_principals_allowed": false])
        let refused = fixture.ask("POST", dataflow + "/refreshes", [:])
        #expect(refused?.status == 400 && refused?.errorCode == "SPNBasedRefreshNotAllowed")
        #expect(transactions().isEmpty)
    }

    @Test func `the models that read a dataflow are known`() {
        let links = fixture.ask("GET", group + "/datasets/upstreamDataflows")?.json?["value"]?.elements
        #expect(links?.map { $0["datasetObjectId"]?.string } == [Fixture.salesID])
        #expect(links?.first?["dataflowObjectId"]?.string.map { dataflow.hasSuffix($0) } == true)
    }

    @Test func `faults and the ledger know a dataflow by its name`() {
        _ = fixture.ask(
            "POST",
            "/_emulator/faults",
            ["action": ["status": 503], "match": ["kind": "dataflow", "model": "Currency rates"]]
        )
        #expect(fixture.ask("GET", dataflow + "/transactions")?.status == 503)
        let seen = fixture.world.ledger.matching(kind: "dataflow_transactions", since: nil, model: "Currency rates")
        #expect(seen.map(\.status) == [503])
    }
}
