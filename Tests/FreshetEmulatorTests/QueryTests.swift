import Testing

@testable import FreshetEmulator

@Suite struct QueryTests {
    /// The answer to one query on Sales.
    static func ask(_ fixture: Fixture, _ query: String, nulls: Bool = false) -> Reply? {
        fixture.ask(
            "POST",
            Fixture.sales + "/executeQueries",
            ["queries": [["query": .string(query)]], "serializerSettings": ["includeNulls": .bool(nulls)]]
        )
    }

    static func rows(_ reply: Reply?) -> [JSON]? {
        reply?.json?["results"]?.elements?.first?["tables"]?.elements?.first?["rows"]?.elements
    }

    static func setRows(_ fixture: Fixture, _ table: String, _ rows: Int) {
        let body: JSON = ["tables": .object([table: ["rows": .int(rows)]])]
        #expect(fixture.ask("POST", "/_emulator/models/Sales", body)?.status == 200)
    }

    @Test func `E15: one query counts the rows of several tables`() {
        let fixture = Fixture()
        QueryTests.setRows(fixture, "fct_sales", 123)
        let query = "EVALUATE ROW(\"s\", COUNTROWS('fct_sales') + 0,\n \"c\", countrows(dim_customer)+0)"
        #expect(QueryTests.rows(QueryTests.ask(fixture, query)) == [["[c]": 1_000, "[s]": 123]])
    }

    @Test func `E15: the count of an empty table is BLANK, and its key missing`() {
        let fixture = Fixture()
        QueryTests.setRows(fixture, "fct_sales", 0)
        let bare = #"EVALUATE ROW("n", COUNTROWS('fct_sales'))"#
        #expect(QueryTests.rows(QueryTests.ask(fixture, bare)) == [[:]])
        #expect(QueryTests.rows(QueryTests.ask(fixture, bare, nulls: true)) == [["[n]": .null]])
        let added = #"EVALUATE ROW("n", COUNTROWS('fct_sales') + 0)"#
        #expect(QueryTests.rows(QueryTests.ask(fixture, added)) == [["[n]": 0]])
    }

    @Test func `E15: what is cut off is a 200 with an error inside`() {
        let fixture = Fixture()
        QueryTests.setRows(fixture, "fct_sales", 3)
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["query_row_limit": 2])
        let long = QueryTests.ask(fixture, "EVALUATE 'fct_sales'")
        #expect(long?.status == 200 && QueryTests.rows(long)?.count == 2)
        let error = long?.json?["results"]?.elements?.first?["error"]
        #expect(error?["message"] == "More than 2 rows in a query result")
        let two = QueryTests.ask(fixture, "EVALUATE dim_product EVALUATE dim_customer")
        let second = two?.json?["results"]?.elements?.first?["error"]
        #expect(two?.status == 200 && second?["message"] == "More than one result table in a query")
    }

    @Test(arguments: [
        "EVALUATE ROW(\"n\", COUNTROWS('nowhere') + 0)", "SELECT 1", "EVALUATE ROW(\"n\" COUNTROWS('fct_sales'))", "",
    ])
    func `E15: a query that cannot be executed is 400 with a nested pbi.error`(query: String) {
        let reply = QueryTests.ask(Fixture(), query)
        #expect(reply?.status == 400 && reply?.errorCode == "DatasetExecuteQueriesError")
        let details = reply?.json?["error"]?["pbi.error"]?["details"]?.elements
        #expect(details?.map { $0["code"] } == ["DetailsMessage", "AnalysisServicesErrorCode"])
    }

    @Test func `E15: without the Build permission the model is not found`() {
        let fixture = Fixture()
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["build": false])
        let reply = QueryTests.ask(fixture, #"EVALUATE ROW("n", COUNTROWS('fct_sales') + 0)"#)
        #expect(reply?.status == 404 && reply?.errorCode == "PowerBIEntityNotFound")
        #expect(fixture.ask("GET", Fixture.sales)?.status == 200)
    }

    @Test func `E15: the 121st query of a minute is 429`() {
        let fixture = Fixture()
        let query = #"EVALUATE ROW("n", COUNTROWS('fct_sales') + 0)"#
        for _ in 0..<120 {
            #expect(QueryTests.ask(fixture, query)?.status == 200)
            fixture.wait(0.25)
        }
        let refused = QueryTests.ask(fixture, query)
        #expect(refused?.status == 429 && refused?.header("Retry-After") == "30")
        fixture.wait(30)
        #expect(QueryTests.ask(fixture, query)?.status == 200)
    }

    @Test func `E15: a name is quoted by doubling its apostrophe`() throws {
        let query = try #require(RowQuery("EVALUATE ROW ( \"a\"\"b\" , COUNTROWS ( 'O''Brien''s sales' ) + 0 )"))
        #expect(query.shapes == [.row([.init(column: "a\"b", table: "O'Brien's sales", addend: 0)])])
    }

    @Test func `E15: exactly one query is allowed`() {
        let two: JSON = ["queries": [["query": "EVALUATE fct_sales"], ["query": "EVALUATE fct_sales"]]]
        #expect(Fixture().ask("POST", Fixture.sales + "/executeQueries", two)?.status == 400)
    }
}
