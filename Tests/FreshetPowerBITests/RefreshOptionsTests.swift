import FreshetCore
import FreshetKit
import Testing

@testable import FreshetPowerBI

/// What `freshet check` says about the options of a refresh.
@Suite struct RefreshOptionsTests {
    private func kind(_ json: String) throws -> SemanticModelRefresh {
        var members = try #require(JSONValue(parsing: json).object)
        for name in ["connection", "workspace", "model"] { members[name] = .text(name) }
        return try SemanticModelRefresh(from: Settings(Self.config(.object(members))))
    }

    private static func config(_ value: JSONValue) -> ConfigValue {
        let content: ConfigValue.Content =
            switch value {
            case .null: .null
            case .boolean(let value): .boolean(value)
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .text(let text): .text(text)
            case .list(let values): .list(values.map(config))
            case .object(let members):
                .object(members.sorted { $0.key < $1.key }.map { entry($0.key, $0.value) })
            }
        return ConfigValue(content, at: Origin(file: "a.yaml"))
    }

    private static func entry(_ key: String, _ value: JSONValue) -> ConfigValue.Entry {
        ConfigValue.Entry(key: key, keyOrigin: Origin(file: "a.yaml"), value: config(value))
    }

    @Test(arguments: [
        ("{}", true), (#"{"apply_refresh_policy":true}"#, true), (#"{"apply_refresh_policy":false}"#, false),
        (#"{"effective_date":"2026-03-31"}"#, false), (#"{"commit_mode":"partial_batch"}"#, false),
    ])
    func `a refresh by others may stand only for one that does not set the incremental policy aside`(
        options: String,
        isWithinOthers: Bool
    ) throws {
        #expect(try kind(#"{"refresh":\#(options)}"#).options.isWithinOthers == isWithinOthers)
    }

    @Test func `a dataflow that loads everything again adopts no refresh by others`() throws {
        for (process, rule) in [("default", RefreshPolicy.OnConflict.adopt), ("process_full", .wait)] {
            var members: [String: JSONValue] = ["process_type": .text(process), "on_conflict": "adopt"]
            for name in ["connection", "workspace", "dataflow"] { members[name] = .text(name) }
            let dataflow = try DataflowRefresh(from: Settings(Self.config(.object(members))))
            #expect(dataflow.conflictRule == rule)
        }
    }

    static let tables = #""tables":{"fct":{"from":"w/fct"}}"#
    static let parted = #""tables":{"fct":{"from":"w/fct","partition":"Current"}}"#

    @Test(arguments: [
        (#""commit_mode":"partial_batch","apply_refresh_policy":true"#, "a refresh policy works only with"),
        (#""apply_refresh_policy":true,\#(parted)"#, "a refresh policy chooses the partitions itself"),
        (#""effective_date":"2026-03-31","apply_refresh_policy":false"#, "'apply_refresh_policy: false' turns off"),
        (#""effective_date":"2026-03-31","commit_mode":"partial_batch""#, "'commit_mode: partial_batch' rules out"),
        (#""effective_date":"2026-03-31",\#(parted)"#, "the naming of partitions rules out"),
        (#""effective_date":"31.03.2026""#, "'effective_date' has to be a day or a moment"),
        (#""timeout":"12h","retry_count":2"#, "3 attempts of 12h each are more than the 24 hours"),
        (#""retry_count":4"#, "5 attempts of 5h each are more than the 24 hours"),
        (#""timeout":"1500ms""#, "'timeout' has to be whole seconds"),
        (#""timeout":"500ms""#, "'timeout' has to be at least 1s"),
        (#""type":"automatic",\#(tables)"#, "loads only tables that hold no data yet"),
        (#""type":"calculate",\#(tables)"#, "'type: calculate' does not go with 'tables': it loads no data"),
        (#""type":"defragment",\#(parted)"#, "'type: defragment' does not go with 'tables': it loads no data"),
        (#""type":"clear_values",\#(tables)"#, "would stay empty beside the others"),
        (#""tables":{"Sales":{"from":"a"},"sales":{"from":"b"}}"#, "are one table to Power BI"),
        (#""tables":{"Sales":{"from":"a","partition":["P","p"]}}"#, "the partition 'p' of 'Sales' is named twice"),
        (#""tables":{" ":{"from":"a"}}"#, "a table has to have a name"),
        (#""tables":{"Sales":{"from":"a","partition":""}}"#, "a partition has to have a name"),
        (#""notify_option":"mail_on_failure""#, "'notify_option' is not for dedicated capacity"),
        (#""full_above":0.6"#, "'full_above' is a share of 'tables'"),
        (#""partial_batch_reason":"because""#, "which is not set"),
    ])
    func `says why a combination would be refused or misread`(_ refresh: String, _ message: String) throws {
        let diagnostic = #expect(throws: Diagnostic.self) { try kind("{\"refresh\":{\(refresh)}}") }
        #expect(diagnostic?.message.contains(message) == true, "\(diagnostic.map { "\($0)" } ?? "nothing")")
    }

    @Test(arguments: [
        #""effective_date":"2026-03-31""#, #""full_above":0.6,"tables":{"a":{"from":"b"}}"#,
        #""partition":"P""#, #""retry_count":1"#,
    ])
    func `shared capacity knows none of the options`(_ option: String) throws {
        let refresh = option.contains("partition") ? #""tables":{"a":{"from":"b",\#(option)}}"# : option
        let diagnostic = #expect(throws: Diagnostic.self) {
            try kind("{\"capacity\":\"shared\",\"refresh\":{\(refresh)}}")
        }
        #expect(diagnostic?.message.hasSuffix("needs dedicated capacity") == true)
    }

    @Test func `shared capacity may write a mail, and nothing else`() throws {
        let kind = try kind(#"{"capacity":"shared","refresh":{"notify_option":"mail_on_failure"}}"#)
        #expect(kind.options.body(for: .whole).text == #"{"notifyOption":"MailOnFailure"}"#)
    }

    @Test func `a policy's day is sent as a moment`() throws {
        let kind = try kind(#"{"refresh":{"effective_date":"2026-03-31","retry_count":1,"timeout":"12h"}}"#)
        #expect(
            kind.options.body(for: .whole).text
                == #"{"commitMode":"transactional","effectiveDate":"2026-03-31T00:00:00.000Z","retryCount":1,"timeout":"12:00:00","type":"full"}"#
        )
    }

    @Test func `above the stated share of its tables the whole model is refreshed`() throws {
        let tables = (1...5).map { #""t\#($0)":{"from":"w/t\#($0)"}"# }.joined(separator: ",")
        let kind = try kind(#"{"refresh":{"full_above":0.6,"tables":{\#(tables)}}}"#)
        let options = kind.options
        #expect(kind.refreshed(for: .parts(["t1", "t2", "t3", "t4"])) == .whole)
        #expect(options.widened(.parts(["t1", "t2", "t3"])) == .parts(["t1", "t2", "t3"]))
        #expect(options.widened(.parts(["t1", "t2", "t3", "t4"])) == .whole)
        #expect(options.body(for: .parts(["t1", "t2", "t3", "t4"])).objects == [])
    }

    @Test(arguments: [
        (#""verify":true"#, "counts the tables of 'refresh.tables', and there are none"),
        (#""verify":{"x":{}}"#, "'x' is not among 'refresh.tables'"),
        (#""refresh":{\#(tables)},"verify":{"fct":{"from":"w/other"}}"#, "'fct' is not loaded from w/other"),
        (#""refresh":{\#(tables)},"verify":{"fct":{"tolerance":"many"}}"#, "'tolerance' has to be a number of rows"),
        (#""refresh":{\#(tables)},"verify":{"fct":{"tolerance":"101%"}}"#, "'tolerance' has to be a number of rows"),
        (#""refresh":{\#(tables)},"verify":{"fct":{"severity":"bad"}}"#, "'severity' has to be one of"),
    ])
    func `says what is wrong with a check of rows`(_ fields: String, _ message: String) throws {
        let diagnostic = #expect(throws: Diagnostic.self) { try kind("{\(fields)}") }
        #expect(diagnostic?.message.contains(message) == true, "\(diagnostic.map { "\($0)" } ?? "nothing")")
    }

    @Test func `true checks every table that is loaded from one asset`() throws {
        let tables = #""a":{"from":"w/a"},"b":{"from":["w/a","w/b"]}"#
        let verify = try kind(#"{"refresh":{"tables":{\#(tables)}},"verify":true}"#).verify
        #expect(verify.isAutomatic && verify.rules.keys.sorted() == ["a"])
        #expect(verify.rules["a"]?.input == "w/a" && verify.rules["a"]?.severity == .error)
        #expect(try kind(#"{"verify":false}"#).verify.rules.isEmpty)
    }
}

/// Bodies that are read strictly.
@Suite struct WireJSONTests {
    @Test(arguments: [
        (
            #"{"a":[1,-2.5e3,true,false,null,"x\n\u00e9\ud83d\ude00\/"],"b":{}}"#,
            "{\"a\":[1,-2500,true,false,null,\"x\\né😀/\"],\"b\":{}}"
        ),
        (" [ ] ", "[]"), ("0", "0"), ("-0", "0"), ("1e2", "100"), ("9223372036854775807", "9223372036854775807"),
    ])
    func `reads what it should`(_ text: String, _ meaning: String) {
        #expect(WireJSON.parse(Array(text.utf8))?.serialized() == meaning)
    }

    @Test(arguments: [
        "", "{", "}", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":1}", "{a:1}", "NaN", "Infinity", "[NaN]", "01", "1.", ".5",
        "+1", "1e", "-", "tru", "nullx", "\"a", "\"\\x\"", "\"\\u12\"", "\"\\ud83d\"", "\"\\ud83dx\"", "\"a\u{1}\"",
        "[] []", "1e999", "[1 2]",
    ])
    func `reads nothing that means two things, or none`(_ text: String) {
        #expect(WireJSON.parse(Array(text.utf8)) == nil)
    }

    @Test func `reads no text that is not UTF-8, and nothing that is nested too deep`() {
        #expect(WireJSON.parse([0x22, 0xFF, 0x22]) == nil)
        for depth in [64, 100_000] {
            let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            #expect((WireJSON.parse(Array(text.utf8)) != nil) == (depth <= 64))
        }
    }
}

/// The headers that may name a refresh.
@Suite struct RequestIDTests {
    private let first = "11111111-1111-1111-1111-111111111111"
    private let second = "22222222-2222-2222-2222-222222222222"

    private func id(_ fields: (String, String)...) -> String? {
        var headers = HTTPHeaders()
        for (name, value) in fields { headers.append(name, value) }
        return PowerBIClient.requestID(HTTPResponse(status: 202, headers: headers), apiURL: "https://api.test")
    }

    @Test func `is read from any of the three`() {
        #expect(id(("x-ms-request-id", first), ("RequestId", second)) == first)
        #expect(id(("Location", "https://api.test/v1.0/refreshes/\(first)?x=1")) == first)
        #expect(id(("Location", "/v1.0/refreshes/\(first)")) == first)
        #expect(id(("Location", first)) == first)
        #expect(id(("RequestId", first)) == first)
    }

    @Test func `is none where headers contradict each other, or lead elsewhere`() {
        #expect(id(("x-ms-request-id", first), ("Location", "/refreshes/\(second)")) == nil)
        #expect(id(("Location", "/refreshes/\(first)"), ("Location", "/refreshes/\(second)")) == nil)
        #expect(id(("Location", "https://other.test/refreshes/\(first)"), ("RequestId", second)) == nil)
        #expect(id(("Location", "//other.test/refreshes/\(first)")) == nil)
        #expect(id(("Location", "/refreshes/../../admin")) == nil)
        #expect(id() == nil)
    }

    @Test func `is one where headers repeat each other`() {
        #expect(id(("Location", "/refreshes/\(first)"), ("Location", "/refreshes/\(first.uppercased())")) != nil)
        #expect(id(("x-ms-request-id", first), ("Location", "https://other.test/refreshes/\(second)")) == first)
    }
}
