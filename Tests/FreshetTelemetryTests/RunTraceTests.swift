import Foundation
import FreshetCore
import FreshetKit
import Testing

@testable import FreshetTelemetry

@Suite struct `The trace of a run` {
    private static let start = Timestamp(milliseconds: 1_700_000_000_123)
    private static let id = "018bcfe5-687b-7abc-8def-0123456789ab"

    /// Two attempts: the first failed over there, the second succeeded; and a step that was skipped.
    private static var detail: RunDetail {
        let run = RunRecord(
            id: id,
            status: .succeeded,
            trigger: .sensor,
            actor: .engine,
            selected: ["a", "b"],
            inputs: [:],
            configVersion: "c1",
            graphHash: "g1",
            createdAt: start,
            endedAt: start + .seconds(100)
        )
        let worked = StepRecord(
            run: id,
            asset: "a",
            status: .succeeded,
            attempt: 2,
            startedAt: start + .seconds(60),
            endedAt: start + .seconds(95)
        )
        var skipped = StepRecord(run: id, asset: "b", status: .skipped, skipReason: .upToDate)
        skipped.endedAt = start + .seconds(96)
        func operation(_ attempt: Int, _ state: RemoteOperation.State, at second: Int) -> OperationDetail {
            let at = start + .seconds(second)
            return OperationDetail(
                operation: RemoteOperation(
                    id: "op\(attempt)",
                    run: id,
                    asset: "a",
                    attempt: attempt,
                    target: "workspace/model",
                    state: state,
                    requestID: "request\(attempt)",
                    preparedAt: at
                ),
                events: [
                    RemoteEvent(at: at, name: "prepared"), RemoteEvent(at: at + .seconds(1), name: "answered"),
                    RemoteEvent(at: at + .seconds(20), name: "ended"),
                ]
            )
        }
        let operations = [operation(1, .failed, at: 10), operation(2, .completed, at: 65)]
        return RunDetail(run: run, steps: [worked, skipped], operations: operations)
    }

    private let spans = RunTrace(of: Self.detail, kind: { _ in "powerbi.semantic_model" }).spans

    private func span(_ name: String) throws -> Span { try #require(spans.first { $0.name == name }) }

    @Test func `has the run's own id, so that who knows one finds the other`() {
        #expect(Set(spans.map(\.trace)) == ["018bcfe5687b7abc8def0123456789ab"])
    }

    @Test func `is the same whoever makes it, with an id of its own for each span`() {
        let again = RunTrace(of: Self.detail, kind: { _ in "powerbi.semantic_model" }).spans
        #expect(again == spans)
        #expect(Set(spans.map(\.id)).count == spans.count)
        #expect(spans.allSatisfy { $0.id.wholeMatch(of: /[0-9a-f]{16}/) != nil })
    }

    @Test func `gives an id to a run whose own is none that a trace may have`() {
        for id in ["run-7", "00000000-0000-0000-0000-000000000000"] {
            let trace = SpanID.trace(of: id)
            #expect(trace.wholeMatch(of: /[0-9a-f]{32}/) != nil)
            #expect(trace.contains { $0 != "0" })
        }
    }

    private static let caller = "4bf92f3577b34da6a3ce929d0e0e4736"

    private static func asked(by span: Character, for run: RunID, _ end: Disposition.Kind) -> TriggerRecord {
        TriggerRecord(
            id: "trigger \(span)",
            key: "trigger \(span)",
            kind: .manual,
            actor: Actor("token:airflow"),
            targets: ["a"],
            createdAt: start,
            dueAt: start,
            traceParent: TraceParent("00-\(caller)-\(String(repeating: span, count: 16))-01"),
            disposition: Disposition(end, reason: "", into: run, at: start)
        )
    }

    @Test func `is a part of the caller's, and links to who was coalesced into it`() throws {
        var detail = Self.detail
        detail.triggers = [
            Self.asked(by: "b", for: detail.run.id, .coalesced), Self.asked(by: "a", for: detail.run.id, .run),
        ]
        let child = RunTrace(of: detail, kind: { _ in "" }).spans
        #expect(Set(child.map(\.trace)) == [Self.caller])
        #expect(child[0].parent == "aaaaaaaaaaaaaaaa")
        #expect(child[0].links.map(\.span) == ["bbbbbbbbbbbbbbbb"])
        #expect(child.map(\.id) == spans.map(\.id))
        let document = OTLPDocument(child, resource: [:], version: "1").document.serialized()
        #expect(document.contains(#""links":[{"spanId":"bbbbbbbbbbbbbbbb","traceId":"\#(Self.caller)"}]"#))
        #expect(document.contains(#""parentSpanId":"aaaaaaaaaaaaaaaa""#))
    }

    @Test func `shares no id of a span with another run of the same caller`() {
        var (first, second) = (Self.detail, Self.detail)
        second.run.id = "018bcfe5-687b-7abc-8def-0123456789ac"
        first.triggers = [Self.asked(by: "a", for: first.run.id, .run)]
        second.triggers = [Self.asked(by: "a", for: second.run.id, .run)]
        let ids = [first, second].map { Set(RunTrace(of: $0, kind: { _ in "" }).spans.map(\.id)) }
        #expect(ids[0].isDisjoint(with: ids[1]))
    }

    @Test func `nests steps in the run, attempts in steps, phases in attempts`() throws {
        let (run, step) = (try span("run"), try span("step a"))
        #expect(run.parent == nil)
        #expect(step.parent == run.id)
        #expect(try span("queued").parent == step.id)
        #expect(try span("attempt 2").parent == step.id)
        #expect(
            spans.filter { $0.name == "remote" }.map(\.parent) == [try span("attempt 1").id, try span("attempt 2").id]
        )
    }

    @Test func `keeps each span inside the one that it is part of`() {
        let known = Dictionary(uniqueKeysWithValues: spans.map { ($0.id, $0) })
        for span in spans {
            #expect(span.start <= span.end, "\(span.name)")
            guard let parent = span.parent.flatMap({ known[$0] }) else { continue }
            #expect(parent.start <= span.start && span.end <= parent.end, "\(span.name) in \(parent.name)")
        }
    }

    @Test func `says what the other side called the work, and which attempt failed`() throws {
        let (first, second) = (try span("attempt 1"), try span("attempt 2"))
        #expect(first.attributes["freshet.operation.request_id"] == .text("request1"))
        #expect(first.status == .error("failed"))
        #expect(second.status == .ok)
        #expect(first.events.map(\.name) == ["prepared", "answered", "ended"])
    }

    @Test func `tells of what was skipped as an event of the run`() throws {
        let event = try #require(try span("run").events.first)
        #expect(event.name == "skipped")
        #expect(event.attributes == ["freshet.asset": .text("b"), "freshet.reason": .text("up_to_date")])
    }

    @Test func `of a failed run names the step that failed, and why`() throws {
        var detail = Self.detail
        detail.run.status = .failed
        detail.steps[0].status = .failed
        detail.steps[0].failure = StepFailure(.internalError, .never, message: "no room")
        let spans = RunTrace(of: detail, kind: { _ in "" }).spans
        #expect(spans[0].status == .error("a: no room"))
        let step = try #require(spans.first { $0.name == "step a" })
        #expect(step.attributes["error.type"] == .text(FailureCode.internalError.rawValue))
    }

    // MARK: As OTLP

    private func document(_ redact: (String) -> String = { $0 }) -> JSONValue {
        OTLPDocument(spans, resource: ["service.name": "freshet"], version: "1.2.3", redact: redact).document
    }

    @Test func `is written with the fields of OTLP and no others, each of its type`() throws {
        let data = Data(document().serialized().utf8)
        let object = try JSONSerialization.jsonObject(with: data)
        #expect(OTLPReader.problems(in: object) == [])
        // What shows that the reader finds what is wrong.
        let text = String(decoding: data, as: UTF8.self)
        for (right, wrong) in [
            ("\"traceId\"", "\"trace_id\""),
            ("\"startTimeUnixNano\":\"1700000000123000000\"", "\"startTimeUnixNano\":1"),
            ("\"kind\":1", "\"kind\":\"SPAN_KIND_INTERNAL\""), ("\"intValue\":\"1\"", "\"intValue\":1"),
        ] {
            #expect(text.contains(right))
            let broken = try JSONSerialization.jsonObject(with: Data(text.replacing(right, with: wrong).utf8))
            #expect(!OTLPReader.problems(in: broken).isEmpty, "\(wrong)")
        }
    }

    @Test func `holds no secret that a foreign text held`() {
        var detail = Self.detail
        detail.steps[0].status = .failed
        detail.steps[0].failure = StepFailure(.internalError, .never, message: "refused hunter2hunter2")
        let redactor = Redactor()
        redactor.learn("hunter2hunter2")
        let spans = RunTrace(of: detail, kind: { _ in "" }).spans
        let text = OTLPDocument(spans, resource: [:], version: "1", redact: redactor.redact).document.serialized()
        #expect(text.contains("refused [redacted]"))
        #expect(!text.contains("hunter2"))
    }
}

/// Reads OTLP's JSON strictly, by the messages of opentelemetry/proto/trace/v1/trace.proto, version 1.
enum OTLPReader {
    private indirect enum Shape: Sendable {
        case text, integer(ClosedRange<Int>), long, flag, hex(Int)
        case list(Shape)
        case message([String: Shape], required: Set<String>)
        /// Exactly one of the fields.
        case oneOf([String: Shape])
    }

    private static let value = Shape.oneOf([
        "stringValue": .text, "intValue": .long, "boolValue": .flag,
        "arrayValue": .message(["values": .list(.oneOf(["stringValue": .text]))], required: ["values"]),
    ])
    private static let attributes = Shape.list(
        .message(["key": .text, "value": value], required: ["key", "value"])
    )
    private static let event = Shape.message(
        ["timeUnixNano": .long, "name": .text, "attributes": attributes],
        required: ["timeUnixNano", "name"]
    )
    private static let span = Shape.message(
        [
            "traceId": .hex(32), "spanId": .hex(16), "parentSpanId": .hex(16), "name": .text, "kind": .integer(0...5),
            "startTimeUnixNano": .long, "endTimeUnixNano": .long, "attributes": attributes, "events": .list(event),
            "status": .message(["code": .integer(0...2), "message": .text], required: ["code"]),
        ],
        required: ["traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano"]
    )
    private static let scope = Shape.message(
        [
            "scope": .message(["name": .text, "version": .text], required: ["name"]), "spans": .list(span),
        ],
        required: ["scope", "spans"]
    )
    private static let request = Shape.message(
        [
            "resourceSpans": .list(
                .message(
                    [
                        "resource": .message(["attributes": attributes], required: ["attributes"]),
                        "scopeSpans": .list(scope),
                    ],
                    required: ["resource", "scopeSpans"]
                )
            )
        ],
        required: ["resourceSpans"]
    )

    static func problems(in document: Any) -> [String] { problems(document, request, at: "") }

    private static func problems(_ found: Any, _ shape: Shape, at place: String) -> [String] {
        func unless(_ holds: Bool, _ what: String) -> [String] { holds ? [] : ["\(place) is no \(what)"] }
        let text = found as? String
        switch shape {
        case .text: return unless(text != nil, "text")
        case .flag: return unless(isBoolean(found), "flag")
        case .long: return unless(text.flatMap { Int64($0) } != nil, "integer as text")
        case .integer(let range):
            return unless((found as? NSNumber).map { range.contains($0.intValue) } ?? false, "number of \(range)")
        case .hex(let length):
            let isHex = text.map { $0.count == length && $0.allSatisfy { $0.isHexDigit && !$0.isUppercase } } ?? false
            return unless(isHex, "id of \(length) digits")
        case .list(let element):
            guard let list = found as? [Any] else { return unless(false, "list") }
            return list.enumerated().flatMap { problems($1, element, at: "\(place)[\($0)]") }
        case .oneOf(let fields):
            guard let members = found as? [String: Any], members.count == 1 else { return unless(false, "one value") }
            return problems(found, .message(fields, required: []), at: place)
        case .message(let fields, let required):
            guard let members = found as? [String: Any] else { return unless(false, "message") }
            let missing = required.subtracting(members.keys).map { "\(place) has no \($0)" }
            return missing
                + members.flatMap { name, member in
                    fields[name].map { problems(member, $0, at: "\(place).\(name)") } ?? ["\(place).\(name) is unknown"]
                }
        }
    }

    private static func isBoolean(_ value: Any) -> Bool {
        guard let number = value as? NSNumber else { return false }
        return ["B", "c"].contains(String(cString: number.objCType))
    }
}
