import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetPowerBI

@Suite struct PowerBITimeTests {
    @Test(arguments: [
        ("2017-06-13T09:25:43.153Z", 1_497_345_943_153), ("2021-12-14T03:46:04.833", 1_639_453_564_833),
        ("2022-03-03T18:38:48.83Z", 1_646_332_728_830), ("2026-06-25T11:15:43.5469603", 1_782_386_143_546),
        ("2026-06-25T11:15:43.546960312", 1_782_386_143_546), ("2024-02-29T00:00:00Z", 1_709_164_800_000),
        ("1970-01-01T00:00:00+00:00", 0), ("2021-01-01T00:00:00-07:00", 1_609_484_400_000),
        ("1969-12-31T23:59:59Z", -1000),
    ])
    func `reads every form that the service writes`(_ text: String, _ milliseconds: Int) {
        #expect(PowerBITime.parse(text)?.milliseconds == Int64(milliseconds))
    }

    @Test(arguments: [
        "", "2023-02-29T00:00:00Z", "2023-13-01T00:00:00Z", "2023-01-01", "2023-01-01T00:00:00.Z", "soon",
    ])
    func `reads nothing else`(_ text: String) { #expect(PowerBITime.parse(text) == nil) }

    @Test func `writes what it reads, for every day of four centuries`() {
        for day in stride(from: Int64(-100_000), through: 150_000, by: 37) {
            let moment = Timestamp(milliseconds: day * 86_400_000 + 3_723_004)
            #expect(PowerBITime.parse(PowerBITime.format(moment)) == moment)
        }
    }

    @Test func `reads the date of a header`() {
        #expect(PowerBITime.parseHTTPDate("Wed, 20 Mar 2024 07:22:43 GMT")?.milliseconds == 1_710_919_363_000)
        #expect(PowerBITime.parseHTTPDate("yesterday") == nil)
    }
}

@Suite struct WireTests {
    private func record(_ json: String) throws -> RefreshRecord {
        RefreshRecord(try #require(WireObject(parsing: Array(json.utf8))))
    }

    @Test func `reads keys in any case, and numbers written as texts`() throws {
        let record = try record(
            #"{"RequestID":"r1","STATUS":"Completed","refreshAttempts":[{"AttemptId":"2","type":"Data"}]}"#
        )
        #expect(record.requestID == "r1")
        #expect(record.phase == .completed)
        #expect(record.attempts.first?.number == 2)
    }

    @Test(arguments: ["", "null", "[]", "<html>", "{\"status\":\"Compl", "NaN", "\u{0}"])
    func `takes what is not an object for no information`(_ text: String) {
        #expect(WireObject(parsing: Array(text.utf8)) == nil)
    }

    @Test func `reads past a byte order mark`() {
        #expect(WireObject(parsing: [0xEF, 0xBB, 0xBF] + Array(#"{"a":1}"#.utf8))?.integer("a") == 1)
    }

    @Test func `never sees success in mutilated bodies`() throws {
        let body = Array(#"{"status":"Failed","extendedStatus":"Failed","objects":[{"table":"Completed"}]}"#.utf8)
        var chance = Chance(seed: 7)
        for _ in 0..<2000 {
            var bytes = body
            for _ in 0..<Int(chance.next() * 4) + 1 {
                bytes[Int(chance.next() * Double(bytes.count))] = UInt8(chance.next() * 256)
            }
            bytes.removeLast(Int(chance.next() * 3))
            guard let wire = WireObject(parsing: bytes) else { continue }
            #expect(RefreshRecord(wire).phase != .completed, "seed 7")
        }
    }

    @Test(arguments: [
        (#"{"error":{"code":"A","message":"b"}}"#, "A: b (status 400)"), (#"{"message":"b"}"#, "b (status 400)"),
        (#"{"Message":"b"}"#, "b (status 400)"), (#"{"errorCode":"A","message":"b"}"#, "A: b (status 400)"),
        ("An error has occurred", "the service answered with status 400"), ("", "the service answered with status 400"),
        (
            #"{"error":{"code":"A","pbi.error":{"code":"B","details":[{"code":"x","detail":{"type":1,"value":"c"}}]}}}"#,
            "B: c (status 400)"
        ),
    ])
    func `words every shape of error`(_ body: String, _ sentence: String) {
        #expect(ServiceError(Array(body.utf8)).sentence(status: 400) == sentence)
    }

    @Test(arguments: [
        (["x-ms-request-id": "aaaaaaaa", "RequestId": "bbbbbbbb"], "aaaaaaaa"),
        (
            ["Location": "https://api.test/v1.0/myorg/datasets/d/refreshes/cccccccc", "RequestId": "bbbbbbbb"],
            "cccccccc"
        ),
        (["Location": "/v1.0/myorg/datasets/d/refreshes/cccccccc?x=1"], "cccccccc"),
        (["Location": "https://elsewhere.test/refreshes/cccccccc", "RequestId": "bbbbbbbb"], nil),
        (["requestid": "bbbbbbbb"], "bbbbbbbb"),
        (["x-ms-request-id": "../../x?y", "RequestId": "bbbbbbbb"], "bbbbbbbb"),
        ([:], nil),
    ])
    func `finds the id of a refresh where each kind has it`(_ fields: [String: String], _ id: String?) {
        var headers = HTTPHeaders()
        for (name, value) in fields { headers.append(name, value) }
        let response = HTTPResponse(status: 202, headers: headers)
        #expect(PowerBIClient.requestID(response, apiURL: "https://api.test") == id)
    }
}

/// The service's own examples, and answers that people saw.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["FRESHET_FIXTURES"] != nil))
struct FixtureTests {
    private func file(_ path: String) throws -> JSONValue {
        let root = try #require(ProcessInfo.processInfo.environment["FRESHET_FIXTURES"])
        return try JSONValue(parsing: Data(contentsOf: URL(filePath: "\(root)/powerbi/\(path)")))
    }

    private func body(_ operation: String, _ example: String, _ status: String) throws -> WireObject {
        let examples = try file("swagger-examples/\(operation).json")["x-ms-examples"]
        return try #require(WireObject(examples?[example]?["responses"]?[status]?["body"]))
    }

    private func sample(_ id: String) throws -> JSONValue {
        let samples = try file("transcribed/observed-bodies.json")["samples"]?.list ?? []
        return try #require(samples.first { $0["id"]?.text == id })
    }

    @Test func `reads the details of a refresh that runs`() throws {
        let record = RefreshRecord(
            try body("Datasets_GetRefreshExecutionDetailsInGroup", "In progress refresh example", "202")
        )
        #expect(record.phase == .running)
        #expect(record.startedAt?.milliseconds == 1_639_453_564_833)
    }

    @Test func `reads the details of a completed refresh, with its objects`() throws {
        let record = RefreshRecord(
            try body("Datasets_GetRefreshExecutionDetailsInGroup", "Completed refresh example", "200")
        )
        #expect(record.phase == .completed)
        #expect(record.objects.count == 18)
        #expect(record.objects.last == RefreshObject(table: "FactInternetSales", status: "Completed"))
        #expect(record.endedAt! - record.startedAt! == .milliseconds(12_300))  // Both stand in the example.
    }

    @Test func `reads why a refresh failed, which another attempt would not mend`() throws {
        let record = RefreshRecord(
            try body("Datasets_GetRefreshExecutionDetailsInGroup", "Failed refresh example", "200")
        )
        #expect(record.phase == .failed)
        let cause = try #require(RootCause(of: record))
        #expect(cause.message.hasPrefix("RefreshApiRequest for table refresh using refresh policy must have"))
        #expect(cause.failureCode == .badRequest)
        #expect(cause.retry == .never)
    }

    @Test func `reads a history of each kind`() throws {
        let words = try ["In-progress", "Completed", "Failed"].map { word -> RefreshPhase in
            let wire = try body("Datasets_GetRefreshHistoryInGroup", "\(word) refresh example", "200")
            return RefreshRecord(try #require(wire.objects("value")?.first)).phase
        }
        #expect(words == [.running, .completed, .failed])
        let wire = try body("Datasets_GetRefreshHistoryInGroup", "Failed refresh example", "200")
        let entry = try #require(wire.objects("value")?.first)
        let cause = try #require(RootCause(of: RefreshRecord(entry)))
        #expect(cause.code == "ModelRefreshFailed_CredentialsNotSpecified")
        #expect(cause.retry == .never)
    }

    @Test func `reads what people saw in history`() throws {
        let running = RefreshRecord(try #require(WireObject(try sample("history-inprogress")["body"])))
        let cancelled = RefreshRecord(try #require(WireObject(try sample("history-cancelled")["body"])))
        #expect(running.phase == .running)
        #expect(running.requestID == "fed4279a-3cff-4923-b689-ea2697525313")
        #expect(cancelled.phase == .cancelled)
    }

    @Test func `reads the id of the refresh that people started`() throws {
        let response = try #require(try sample("plain-refresh-202")["response"])
        var headers = HTTPHeaders()
        for (name, value) in response["headers"]?.object ?? [:] { headers.append(name, value.text ?? "") }
        let id = PowerBIClient.requestID(HTTPResponse(status: 202, headers: headers), apiURL: "https://api.powerbi.com")
        #expect(id == "a76a1418-3135-4e23-a4f5-9ee260167f95")
    }

    @Test func `understands the errors that people saw`() throws {
        func error(_ id: String) throws -> ServiceError {
            ServiceError(Array(try #require(try sample(id)["body"]).serialized().utf8))
        }
        #expect(try error("refresh-collision-400").isBusy)
        #expect(try error("token-expired-403").isTokenExpired)
        #expect(try error("sp-not-allowed").message == "API is not accessible for application")
        #expect(try error("throttled-429").message?.hasPrefix("You have exceeded") == true)
        #expect(try error("executequeries-400").message == "Failed to execute the DAX query.; 3239575574")
        let quota = try #require(try sample("refresh-quota-message")["message_only"]?.text)
        #expect(ServiceError(Array(#"{"error":{"message":"\#(quota)"}}"#.utf8)).isQuotaExhausted)
    }

    @Test func `reads the nested reasons that people saw`() throws {
        let owner = try sample("owner-lost-access (serviceExceptionJson-like)")["body"]
        let text = JSONValue.text(try #require(owner).serialized())
        let record = RefreshRecord(status: "Failed", fault: RefreshFault(text))
        let cause = try #require(RootCause(of: record))
        #expect(cause.code == "Premium_ASWL_Error")
        #expect(cause.failureCode == .credentials)
        #expect(cause.message.hasPrefix("We are unable to refresh the semantic model because the model owner"))
    }
}
