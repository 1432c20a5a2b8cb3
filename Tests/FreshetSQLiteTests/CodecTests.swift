import FreshetCore
import Testing

@testable import FreshetSQLite

struct CodecTests {
    private static let rounds = 300

    /// Calls `body` with generators of known seeds; a failure names the seed.
    private func repeated(_ body: (inout Generated) throws -> Void) {
        for _ in 0..<Self.rounds {
            let seed = UInt64.random(in: .min ... .max)
            var generated = Generated(seed: seed)
            do { try body(&generated) } catch { Issue.record(error, "seed \(seed)") }
        }
    }

    @Test func `every JSON value comes back as it was`() {
        repeated { (random: inout Generated) throws in
            let value = random.json(depth: 4)
            #expect(try JSONText.parse(JSONText.write(value)) == value, "seed \(random.seed)")
        }
    }

    private static let written: [(JSONValue, String)] = [
        (.number(1), "1.0"), (.integer(1), "1"), (.number(-0.0), "-0.0"), (.integer(.min), "-9223372036854775808"),
        (.number(.infinity), "1e999"), (.text("\u{0}\u{1f}\"\\/é\u{1F600}"), #""\u0000\u001f\"\\/é\#u{1F600}""#),
        (["b": 1, "a": [true, .null]], #"{"a":[true,null],"b":1}"#),
    ]

    @Test(arguments: written)
    func `JSON is written like this`(_ value: JSONValue, _ text: String) throws {
        #expect(JSONText.write(value) == text)
        #expect(try JSONText.parse(text) == value)
    }

    @Test func `JSON of other writers is read`() throws {
        let text = " { \"a\" : [ 1e2 , -2.5 , \"\\u00e9\\ud83d\\ude00\\/\\b\" ] } "
        #expect(try JSONText.parse(text) == ["a": [.number(100), .number(-2.5), "é\u{1F600}/\u{8}"]])
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "tru", "\"", "\"\\x\"", "\"\\ud800\"", "1 2", "--1", "\"\\u12\"",
        "nul",
        String(repeating: "[", count: 100_000),
    ])
    func `what is not JSON is an error and not a crash`(_ text: String) {
        #expect(throws: CodecError.self) { try JSONText.parse(text) }
    }

    @Test func `every decision comes back as it was`() {
        repeated { (random: inout Generated) throws in
            let decision = random.decision()
            let columns = DecisionColumns(decision)
            #expect(try columns.decision() == decision, "seed \(random.seed)")
            #expect(columns.reasonCode == decision.code)
        }
    }

    @Test func `every piece of evidence comes back as it was`() {
        repeated { (random: inout Generated) throws in
            let evidence = random.list { $0.evidence() }
            #expect(try Evidence.read(Evidence.write(evidence)) == evidence, "seed \(random.seed)")
        }
    }

    @Test func `every failure, extent, state and value comes back as it was`() {
        repeated { (random: inout Generated) throws in
            let failure = random.failure()
            let text = JSONText.write(failure.json)
            #expect(try StepFailure(json: JSONText.parse(text)) == failure, "seed \(random.seed)")
            let extent = random.extent()
            #expect(try Extent(column: extent.column) == extent, "seed \(random.seed)")
            let state = random.versionState()
            #expect(try VersionColumns(state).value() == state, "seed \(random.seed)")
            let values = random.values()
            #expect(try ObservedValues.read(ObservedValues.write(values)) == values, "seed \(random.seed)")
            let names = random.list { $0.text() }
            #expect(try NameList.read(NameList.write(names)) == names, "seed \(random.seed)")
            let tags = Dictionary(names.map { ($0, $0) }) { $1 }
            #expect(try TagList.read(TagList.write(tags)) == tags, "seed \(random.seed)")
        }
    }

    @Test func `words of a newer version are named`() {
        #expect(throws: CodecError.unknownWord("later", of: "cause")) { try Cause(json: ["code": "later"]) }
        #expect(throws: CodecError.unknownWord("later", of: "skip reason")) {
            try SkipColumns(code: "later", asset: nil).reason()
        }
        #expect(throws: CodecError.unknownWord("later", of: "StepStatus")) { try StepStatus(word: "later") }
        #expect(throws: CodecError.unknownWord("later", of: "version")) {
            try VersionColumns(state: "later", version: nil).value()
        }
    }

    @Test func `a cause without its input is malformed`() {
        #expect(throws: CodecError.self) { try Cause(json: ["code": "input_changed"]) }
        #expect(throws: CodecError.self) { try SkipColumns(code: "upstream_failed", asset: nil).reason() }
        #expect(throws: CodecError.self) { try VersionColumns(state: "known", version: nil).value() }
    }
}
