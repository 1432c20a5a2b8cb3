package import FreshetCore
package import FreshetKit

/// Watches what one address gives: by its ETag, its time, a value in it, or all of it.
///
/// - SeeAlso: RFC 9110, sections 8.8 (validators) and 13 (conditional requests).
package struct HTTPResourceProbe: CursorProbe {
    package static let name = "http.resource"
    package static let summary = "What an address gives; it changes when its ETag, a value in it, or all of it does."
    package static let fields = [
        Field("connection", .connection([HTTPConnection.name]), required: true, "The server."),
        Field("path", .text, "What is appended to the connection's base_url, with its query."),
        Field(
            "signal",
            .choice(HTTPSignal.allCases.map(\.rawValue)),
            default: "etag where the server gives a strong one, else body_hash; json_pointer where 'pointer' is stated",
            "What is compared."
        ),
        Field("pointer", .text, "The value that is compared: a JSON pointer such as /data/updated_at."),
        Field("max_size", .integer(1...256), default: "16", "The most that is read of it, in MiB."),
    ]
    package static let examples = [
        """
        key: api/rates
        kind: http.resource
        connection: rates
        path: /v1/rates.csv
        """,
        """
        key: api/export
        kind: http.resource
        connection: crm
        path: /exports/latest
        pointer: /export/id
        """,
    ]

    private let connection: String
    private let path: String
    private let signal: HTTPSignal?
    private let pointer: JSONPointer?
    private let maxSize: Int

    package init(from settings: Settings) throws(Diagnostic) {
        connection = try settings.requiredText("connection")
        path = try settings.text("path") ?? ""
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !path.contains("#") else {
            throw Diagnostic(
                "'path' is not percent-encoded",
                at: settings.origin(of: "path"),
                hint: "write %20 for a blank, and so on"
            )
        }
        let stated = try settings.text("signal").flatMap(HTTPSignal.init(rawValue:))
        if let text = try settings.text("pointer") {
            guard let pointer = JSONPointer(text) else {
                throw Diagnostic(
                    "'\(text)' is not a JSON pointer",
                    at: settings.origin(of: "pointer"),
                    hint: "begin with '/', such as /data/updated_at; write ~1 for a '/' in a name, ~0 for a '~'"
                )
            }
            guard stated == nil || stated == .jsonPointer else {
                throw Diagnostic("'pointer' has no effect beside this signal", at: settings.origin(of: "pointer"))
            }
            self.pointer = pointer
            signal = .jsonPointer
        } else {
            guard stated != .jsonPointer else {
                var missing = settings.missing("pointer")
                missing.hint = "say which value of the document is the version, such as /data/updated_at"
                throw missing
            }
            pointer = nil
            signal = stated
        }
        maxSize = (try settings.integer("max_size") ?? 16) << 20
    }

    package var caveats: Caveats { (signal ?? .etag).caveats }

    package func observe(
        _ asset: AssetKey,
        from cursor: String?,
        in context: ProbeContext
    ) async throws -> (observation: Observation, cursor: String?) {
        let began = context.surroundings.clock.now
        let connection: HTTPConnection = try context.connections.get(connection)
        let memory = HTTPMemory(cursor: cursor, settings: settingsMark)
        var answer = try await ask(connection, memory)
        if [401, 403].contains(answer.response.status) {
            await connection.refused()
            answer = try await ask(connection, memory)
        }
        let response = answer.response
        var observation = Observation(
            .unknown,
            observedAt: began,
            query: "GET \(answer.shownURL)",
            source: self.connection,
            cost: ProbeCost(
                took: context.surroundings.clock.now - began,
                requests: answer.requests,
                bytes: Int64(response.body.count)
            )
        )
        if response.status == 304, let sight = memory?.sight {
            sight.describe(&observation)
            return (observation, cursor)
        }
        if [404, 410].contains(response.status) {
            observation.version = .missing
            observation.message = "\(answer.shownURL) answered \(response.status)"
            return (observation, nil)
        }
        guard response.status == 200 else {
            throw HTTPResourceError.refused(status: response.status, url: answer.shownURL)
        }
        switch HTTPSight.read(response, from: answer.place, by: signal, pointer) {
        case .success(let sight):
            sight.describe(&observation)
            let memory = HTTPMemory(sight, from: answer.place, response.headers, settings: settingsMark)
            return (observation, memory.cursor)
        case .failure(let reason):
            observation.message = "\(answer.shownURL): \(reason.words)"
            return (observation, nil)
        }
    }

    package func concerns(_ hint: Hint, in context: ProbeContext) async -> Bool {
        hint.subject == .thing(connection: connection, name: path)
    }

    private func ask(
        _ connection: HTTPConnection,
        _ memory: HTTPMemory?
    ) async throws(HTTPResourceError) -> HTTPConnection.Answer {
        var ask = HTTPConnection.Ask(
            path: path,
            conditions: memory?.conditions ?? [:],
            place: memory?.place,
            maxBodySize: maxSize
        )
        // Nothing but the head is wanted; some servers do not know how to give it alone.
        if signal == .etag || signal == .lastModified {
            ask.method = "HEAD"
            let answer = try await connection.send(ask)
            if ![405, 501].contains(answer.response.status) { return answer }
            ask.method = "GET"
        }
        return try await connection.send(ask)
    }

    /// What a cursor is only good for: another address or signal begins anew.
    private var settingsMark: String {
        var fingerprint = Fingerprint()
        for part in [connection, path, signal?.rawValue ?? "", pointer?.text ?? ""] { fingerprint.add(part) }
        return String(fingerprint.hexadecimal.prefix(16))
    }
}
