package import FreshetCore
import FreshetKit

/// Spans as OTLP writes them in JSON: ids in base 16, integers of 64 bits as text, enumerations as numbers.
///
/// - SeeAlso: opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding".
package struct OTLPDocument {
    /// The body of one request to `/v1/traces`.
    package let document: JSONValue

    /// - Parameters:
    ///   - spans: of any traces.
    ///   - resource: what they are from, by name.
    ///   - version: of the program.
    ///   - redact: takes secrets out of foreign text.
    package init(
        _ spans: [Span],
        resource: [String: String],
        version: String,
        redact: (String) -> String = { $0 }
    ) {
        let about = resource.mapValues { Span.Value.text($0) }
        document = [
            "resourceSpans": [
                [
                    "resource": ["attributes": Self.attributes(about, redact)],
                    "scopeSpans": [
                        [
                            "scope": ["name": "freshet", "version": .text(version)],
                            "spans": .list(spans.map { Self.span($0, redact) }),
                        ]
                    ],
                ]
            ]
        ]
    }

    private static func span(_ span: Span, _ redact: (String) -> String) -> JSONValue {
        var members: [String: JSONValue] = [
            "traceId": .text(span.trace), "spanId": .text(span.id), "name": .text(span.name),
            "kind": .integer(Int64(span.kind.rawValue)), "startTimeUnixNano": nanoseconds(span.start),
            "endTimeUnixNano": nanoseconds(span.end), "attributes": attributes(span.attributes, redact),
        ]
        if let parent = span.parent { members["parentSpanId"] = .text(parent) }
        if !span.events.isEmpty {
            members["events"] = .list(
                span.events.map { event in
                    [
                        "timeUnixNano": nanoseconds(event.at), "name": .text(redact(event.name)),
                        "attributes": attributes(event.attributes, redact),
                    ]
                }
            )
        }
        if !span.links.isEmpty {
            members["links"] = .list(span.links.map { ["traceId": .text($0.trace), "spanId": .text($0.span)] })
        }
        switch span.status {
        case .unset: break
        case .ok: members["status"] = ["code": 1]
        case .error(let message): members["status"] = ["code": 2, "message": .text(redact(message))]
        }
        return .object(members)
    }

    private static func attributes(_ values: [String: Span.Value], _ redact: (String) -> String) -> JSONValue {
        .list(
            values.sorted { $0.key < $1.key }.map { name, value in
                ["key": .text(name), "value": self.value(value, redact)]
            }
        )
    }

    private static func value(_ value: Span.Value, _ redact: (String) -> String) -> JSONValue {
        switch value {
        case .text(let text): ["stringValue": .text(redact(text))]
        case .integer(let number): ["intValue": .text(String(number))]
        case .boolean(let flag): ["boolValue": .boolean(flag)]
        case .texts(let texts):
            ["arrayValue": ["values": .list(texts.map { ["stringValue": .text(redact($0))] })]]
        }
    }

    private static func nanoseconds(_ moment: Timestamp) -> JSONValue { .text("\(moment.milliseconds)000000") }
}
