import FreshetCore
import FreshetKit

/// CloudEvents 1.0 by HTTP: structured, in batches, and binary.
///
/// The standard leaves open how a sender proves itself. Taken are a secret in `Authorization`, alone or after `Bearer`,
/// as Event Grid and others can be told to send it; an HMAC of the body in `X-Hub-Signature-256`; and the headers of
/// Standard Webhooks.
///
/// - SeeAlso: https://github.com/cloudevents/spec: bindings/http-protocol-binding.md, http-webhook.md
enum CloudEventsHook {
    private enum Mode {
        case batch
        case binary
        case structured
    }

    static func verify(
        _ request: HookRequest,
        _ secrets: [HookSecret],
        at now: Timestamp
    ) throws(HookRefusal) -> [HookDelivery] {
        let mode = mode(of: request)
        try requireProof(request, secrets, isBinary: mode == .binary, at: now)
        switch mode {
        case .structured: return [try delivery(try request.document())]
        case .binary: return [try binary(request)]
        case .batch:
            guard let events = try request.document().list, events.count <= 1000 else {
                throw .malformed("the body has to be a list of at most 1000 events")
            }
            var deliveries: [HookDelivery] = []
            for event in events { deliveries.append(try delivery(event)) }
            return deliveries
        case nil: throw .unsupportedType(request.mediaType)
        }
    }

    /// By the type of the body first; only where it says nothing of events, by the headers (section 3 of the binding).
    private static func mode(of request: HookRequest) -> Mode? {
        switch request.mediaType {
        case "application/cloudevents+json": .structured
        case "application/cloudevents-batch+json": .batch
        case let type where type.hasPrefix("application/cloudevents"): nil
        default: request.headers["ce-specversion"] == nil ? nil : .binary
        }
    }

    private static func requireProof(
        _ request: HookRequest,
        _ secrets: [HookSecret],
        isBinary: Bool,
        at now: Timestamp
    ) throws(HookRefusal) {
        if let shown = try request.optional("Authorization") {
            let words = shown.split(separator: " ", maxSplits: 1)
            let isBearer = words.count == 2 && words[0].lowercased() == "bearer"
            guard try secrets.contain(isBearer ? String(words[1]) : shown) else { throw .badSignature }
            return
        }
        if let signature = try request.optional("X-Hub-Signature-256") {
            guard signature.hasPrefix("sha256=") else { throw .badSignature }
            try secrets.require(request.body, hexadecimal: signature.dropFirst(7))
        } else if try request.optional("webhook-signature") != nil {
            _ = try PlainHook.require(request, secrets, at: now)
        } else {
            throw .missingHeader("Authorization")
        }
        // Whoever caught one delivery could send it again with other attributes.
        if isBinary { throw .unsignedAttributes }
    }

    private static func delivery(_ event: JSONValue) throws(HookRefusal) -> HookDelivery {
        guard event["specversion"]?.text == "1.0" else { throw .malformed("'specversion' has to be 1.0") }
        return try delivery(
            id: try event.name("id"),
            source: try event.name("source"),
            type: try event.name("type"),
            subject: event["subject"]?.text,
            data: event["data"]
        )
    }

    private static func binary(_ request: HookRequest) throws(HookRefusal) -> HookDelivery {
        guard try request.only("ce-specversion") == "1.0" else { throw .malformed("ce-specversion has to be 1.0") }
        var data: JSONValue?
        // Data of another type says nothing here.
        if request.mediaType == "application/json", !request.body.isEmpty { data = try request.document() }
        return try delivery(
            id: try attribute("ce-id", request),
            source: try attribute("ce-source", request),
            type: try attribute("ce-type", request),
            subject: request.headers["ce-subject"].flatMap(decoded),
            data: data
        )
    }

    private static func attribute(_ name: String, _ request: HookRequest) throws(HookRefusal) -> String {
        guard let value = decoded(try request.only(name)), !value.isEmpty, value.utf8.count <= 512 else {
            throw .malformed("the header \(name) has to be a text of 1 to 512 bytes")
        }
        return value
    }

    private static func delivery(
        id: String,
        source: String,
        type: String,
        subject: String?,
        data: JSONValue?
    ) throws(HookRefusal) -> HookDelivery {
        let named = JSONValue.object(data.map { ["data": $0] } ?? [:]).namedAssets
        // An id is unique in its source only.
        return HookDelivery(id: id, key: "\(source) \(id)", type: type, names: (subject.map { [$0] } ?? []) + named)
    }

    /// Section 3.1.3.2 of the binding: percent-encoded where it is not plain ASCII.
    private static func decoded(_ text: String) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let digits = String(rest.prefix(2)), let value = UInt8(digits, radix: 16), digits.utf8.count == 2
            else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
