internal import FreshetCore
internal import FreshetKit

extension RefreshRecord {
    init(_ wire: WireObject) {
        self.init(
            requestID: wire.text("requestId"),
            source: wire.text("refreshType"),
            type: wire.text("type"),
            commitMode: wire.text("commitMode"),
            startedAt: wire.time("startTime"),
            endedAt: wire.time("endTime"),
            status: wire.text("status"),
            extendedStatus: wire.text("extendedStatus"),
            objects: (wire.objects("objects") ?? []).compactMap(RefreshObject.init),
            attempts: (wire.objects("refreshAttempts") ?? []).map(RefreshAttempt.init),
            messages: (wire.objects("messages") ?? []).compactMap(RefreshMessage.init),
            fault: RefreshFault(wire["serviceExceptionJson"])
        )
    }
}

extension RefreshObject {
    fileprivate init?(_ wire: WireObject) {
        guard let table = wire.text("table") else { return nil }
        self.init(table: table, partition: wire.text("partition"), status: wire.text("status"))
    }
}

extension RefreshAttempt {
    fileprivate init(_ wire: WireObject) {
        self.init(
            number: wire.integer("attemptId"),
            startedAt: wire.time("startTime"),
            endedAt: wire.time("endTime"),
            type: wire.text("type"),
            fault: RefreshFault(wire["serviceExceptionJson"])
        )
    }
}

extension RefreshMessage {
    fileprivate init?(_ wire: WireObject) {
        guard let text = wire.text("message") ?? wire.text("code") else { return nil }
        self.init(code: wire.text("code"), text: text, severity: wire.text("type"))
    }
}

extension RefreshFault {
    /// Reads a service exception: a text that holds JSON, of one of two shapes, or a text that does not.
    init?(_ value: JSONValue?) {
        guard let value, value != .null else { return nil }
        guard let text = value.text else {
            guard let wire = WireObject(value) else { return nil }
            self.init(wire)
            return
        }
        guard !text.isEmpty else { return nil }
        if let wire = WireObject(parsing: Array(text.utf8)) {
            self.init(wire)
        } else {
            self.init(description: text)
        }
    }

    private init(_ wire: WireObject) {
        let error = wire.object("error") ?? wire
        let nested = error.object("pbi.error")
        var details: [String: String] = [:]
        for detail in nested?.objects("details") ?? [] {
            guard let value = detail.object("detail")?.text("value"), !value.isEmpty else { continue }
            details[detail.text("code") ?? "DetailsMessage"] = value
        }
        // What the data source itself said comes before what the gateway made of it.
        let telling = [
            "DM_ErrorDetailNameCode_UnderlyingErrorMessage", "Microsoft.Data.Mashup.ValueError.Reason",
            "DetailsMessage",
        ]
        let words = telling.compactMap { details[$0] }
        self.init(
            code: nested?.text("code") ?? error.text("errorCode") ?? error.text("code"),
            description: words.isEmpty
                ? error.text("errorDescription") ?? error.text("message") ?? Self.wordsOfAll(details)
                : words.joined(separator: "\n"),
            details: details
        )
    }

    /// Numbers and codes alone tell a person nothing.
    private static func wordsOfAll(_ details: [String: String]) -> String? {
        let words = details.sorted { $0.key < $1.key }.map(\.value).filter { $0.contains(" ") }
        return words.isEmpty ? nil : words.joined(separator: "\n")
    }
}
