import Testing

@testable import FreshetEmulator

@Suite struct RefreshEndTests {
    @Test(arguments: [
        (JSON.string("Failed"), "Failed", "Failed"), ("Cancelled", "Cancelled", "Cancelled"),
        ("Disabled", "Disabled", "Disabled"), ("TimedOut", "Failed", "TimedOut"), ("Unheard", "Unheard", "Unheard"),
    ])
    func `a refresh ends as scripted`(end: JSON, status: String, extended: String) {
        let fixture = Fixture()
        fixture.script(["end": end, "duration": 1])
        let id = fixture.start()
        fixture.wait(1)
        let details = fixture.details(id)
        #expect(details?.status == 200)
        #expect(details?.json?["status"]?.string == status && details?.json?["extendedStatus"]?.string == extended)
        #expect(fixture.history().first?["status"]?.string == status)
    }

    @Test func `E12: the exception is JSON inside a string`() throws {
        let fixture = Fixture()
        fixture.script(["error": ["code": "Premium_ASWL_Error", "description": "a \"quoted\"\nline"]])
        _ = fixture.start()
        fixture.wait(10)
        let text = try #require(fixture.history().first?["serviceExceptionJson"]?.string)
        #expect(
            JSON(bytes: Array(text.utf8)) == [
                "errorCode": "Premium_ASWL_Error", "errorDescription": "a \"quoted\"\nline",
            ]
        )
    }

    @Test func `E6: partialBatch under the refresh policy is accepted and fails`() {
        let fixture = Fixture()
        let id = fixture.start(["type": "full", "commitMode": "partialBatch"])
        #expect(fixture.details(id)?.status == 202)
        fixture.wait(1)
        let details = fixture.details(id)
        #expect(details?.json?["status"] == "Failed")
        let message = details?.json?["messages"]?.elements?.first
        #expect(message?["code"] == nil)
        #expect(
            message?["message"]?.string?.hasPrefix("RefreshApiRequest for table refresh using refresh policy") == true
        )
    }

    @Test(arguments: [
        ("nowhere", nil, false), ("dim_product", "2020", false), ("fct_sales", "Current", true),
    ])
    func `E7: objects the model has not, or its policy makes, fail in the details`(
        table: String,
        partition: String?,
        isPolicy: Bool
    ) {
        let object: JSON = ["partition": partition.map { .string($0) } ?? .null, "table": .string(table)]
        let fixture = Fixture()
        let id = fixture.start(["type": "full", "objects": [object]])
        fixture.wait(1)
        #expect(fixture.details(id)?.json?["status"] == "Failed")
        let again = fixture.start(["type": "full", "objects": [object], "applyRefreshPolicy": "false"])
        fixture.wait(10)
        #expect(fixture.details(again)?.json?["status"] == (isPolicy ? "Completed" : "Failed"))
    }

    @Test func `E22: retries are attempts`() {
        let fixture = Fixture()
        fixture.script(["failing_attempts": 1])
        let id = fixture.start(["type": "full", "retryCount": "2"])
        fixture.wait(15)
        #expect(fixture.details(id)?.status == 202)
        #expect(fixture.details(id)?.json?["refreshAttempts"]?.elements?.map { $0["endTime"] == nil } == [false, true])
        fixture.wait(5)
        let attempts = fixture.details(id)?.json?["refreshAttempts"]?.elements
        #expect(fixture.details(id)?.json?["status"] == "Completed")
        #expect(attempts?.map { $0["attemptId"] } == [1, 2])
        #expect(attempts?.map { $0["serviceExceptionJson"] == nil } == [false, true])
    }

    @Test func `E22: a query attempt follows the data attempt, under its number`() {
        let fixture = Fixture()
        _ = fixture.ask("POST", "/_emulator/models/Sales", ["query_caches": true])
        fixture.script(["failing_attempts": 1])
        let id = fixture.start(["type": "full", "retryCount": 1])
        fixture.wait(20.5)
        #expect(fixture.details(id)?.status == 202)
        #expect(fixture.details(id)?.json?["objects"]?.elements?.first?["status"] == "Completed")
        fixture.wait(0.5)
        let attempts = fixture.history().first?["refreshAttempts"]?.elements
        #expect(attempts?.map { $0["attemptId"] } == [1, 2, 2])
        #expect(attempts?.map { $0["type"] } == ["Data", "Data", "Query"])
        #expect(fixture.details(id)?.json?["numberOfAttempts"] == 2 && fixture.details(id)?.status == 200)
    }

    @Test func `an attempt longer than the timeout ends the refresh`() {
        let fixture = Fixture()
        let id = fixture.start(["type": "full", "timeout": "00:00:04"])
        fixture.wait(4)
        #expect(fixture.details(id)?.json?["extendedStatus"] == "TimedOut")
    }

    @Test func `tables are worked on in waves`() {
        let fixture = Fixture()
        let id = fixture.start(["type": "full", "maxParallelism": 2])
        fixture.wait(6)
        let words = fixture.details(id)?.json?["objects"]?.elements?.map { $0["status"]?.string }
        #expect(words == ["Completed", "Completed", "InProgress", "InProgress"])
    }

    @Test func `a wrapped body refreshes the whole model`() {
        let fixture = Fixture()
        let answer = fixture.ask("POST", Fixture.sales + "/refreshes", ["refresh": ["objects": [["table": "x"]]]])
        #expect(answer?.status == 202)
        fixture.wait(10)
        #expect(fixture.history().first?["status"] == "Completed")
    }

    @Test(arguments: ["[]", "{", "{\"type\":\"add\"}", "{\"objects\":[{}]}", "{\"timeout\":\"soon\"}"])
    func `a senseless body is refused`(body: String) {
        #expect(throws: RefreshRequest.Malformed.self) { try RefreshRequest(body: Array(body.utf8)) }
    }
}
