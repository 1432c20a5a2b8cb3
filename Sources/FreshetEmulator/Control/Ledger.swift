/// Every request the emulator received, in order.
///
/// An entry is written when a request arrives, before anything happens, so one whose answer was dropped is in it too.
struct Ledger: Codable, Sendable {
    struct Entry: Codable, Sendable {
        var sequence: Int
        var subject: CallSubject
        /// By the emulator's clock.
        var received: Instant
        /// By the machine's monotonic clock, in seconds; comparable between processes of one machine.
        var uptime: Double
        var query: String
        var headers: [String: String]
        var body: JSON
        var bodySize: Int
        /// The status answered; nil while under way and when the answer was dropped.
        var status: Int?
        var faultID: Int?
        var drop: Fault.Drop?
    }

    /// The newest, oldest of them first.
    var entries: ArraySlice<Entry> { kept.suffix(limit) }
    /// How many were forgotten because there were more than `limit`.
    private(set) var dropped = 0
    private var kept: [Entry] = []
    private var nextSequence = 1
    private var limit: Int

    init(limit: Int) { self.limit = max(1, limit) }

    mutating func record(_ call: Call, _ subject: CallSubject, at now: Instant, uptime: Double, fault: Fault?) -> Int {
        let sequence = nextSequence
        nextSequence += 1
        if kept.count >= limit { dropped += 1 }
        // Seldom, but then many at once: taking one from the front of an array moves all the others.
        if kept.count >= 2 * limit { kept.removeFirst(kept.count - limit + 1) }
        kept.append(
            Entry(
                sequence: sequence,
                subject: subject,
                received: now,
                uptime: uptime,
                query: String(call.rawQuery),
                headers: Ledger.shownHeaders(call),
                body: Ledger.shownBody(call, subject.kind),
                bodySize: call.body.count,
                faultID: fault?.id,
                drop: fault?.action.drop
            )
        )
        return sequence
    }

    mutating func answered(_ sequence: Int, status: Int) {
        // The entry is near the end, unless the ledger was cleared meanwhile.
        guard let index = kept.lastIndex(where: { $0.sequence == sequence }) else { return }
        kept[index].status = status
    }

    /// Sequence numbers go on, so that `since` keeps its meaning.
    mutating func clear() { (kept, dropped) = ([], 0) }

    /// The same with another limit.
    func limited(to limit: Int) -> Ledger {
        var ledger = tail(max(1, limit))
        ledger.limit = max(1, limit)
        return ledger
    }

    /// The same without all but the newest entries.
    func tail(_ count: Int) -> Ledger {
        var ledger = self
        ledger.dropped += max(0, entries.count - count)
        ledger.kept = Array(entries.suffix(count))
        return ledger
    }

    /// The entries after `since`, of a kind or family of kinds, about a model, answered by a status such as `503`, `5xx`
    /// or `none`.
    func matching(kind: String?, since: Int?, model: String?, status: String? = nil) -> [Entry] {
        entries.filter { entry in
            (status.map(entry.isAnswered) ?? true) && (kind.map { entry.subject.kind.isNamed($0) } ?? true)
                && (since.map { entry.sequence > $0 } ?? true)
                && (model.map { entry.subject.isAbout(model: $0) } ?? true)
        }
    }

    private static let shown: Set<String> = [
        "accept-encoding", "connection", "content-encoding", "content-type", "expect", "host", "if-match",
        "if-modified-since", "if-none-match", "if-unmodified-since", "metadata", "range", "user-agent",
        "x-amz-content-sha256",
        "x-amz-date",
    ]

    private static func shownHeaders(_ call: Call) -> [String: String] {
        var headers: [String: String] = [:]
        for (name, value) in call.headers where shown.contains(name) || name.hasPrefix("x-ms-") {
            headers[name] = value
        }
        // What kind of credential was sent, never the credential.
        if let authorization = call.header("authorization") {
            headers["authorization"] = String(authorization.prefix { $0 != " " })
        }
        return headers
    }

    private static let secretFields: Set<String> = ["assertion", "client_assertion", "client_secret", "password"]

    private static func shownBody(_ call: Call, _ kind: CallKind) -> JSON {
        guard !call.body.isEmpty, !kind.isNamed("s3") else { return .null }
        guard kind == .token || kind == .databricksToken else {
            return JSON(bytes: call.body) ?? .string(String(decoding: call.body.prefix(4_096), as: UTF8.self))
        }
        let form = TokenRequest.form(call).map { name, value in
            (name, JSON.string(secretFields.contains(name) ? "***" : value))
        }
        return .object(Dictionary(form) { _, last in last })
    }
}

extension Ledger.Entry {
    fileprivate func isAnswered(by name: String) -> Bool {
        guard let status else { return name == "none" }
        return name == String(status) || name.lowercased() == "\(status / 100)xx"
    }

    var json: JSON {
        [
            "body": body,
            "body_size": .int(bodySize),
            "drop": drop.map { .string($0.rawValue) } ?? .null,
            "fault": faultID.map { .int($0) } ?? .null,
            "headers": .object(headers.mapValues { .string($0) }),
            "kind": .string(subject.kind.rawValue),
            "method": .string(subject.method),
            "model": subject.modelID.map { .string($0) } ?? .null,
            "model_name": subject.modelName.map { .string($0) } ?? .null,
            "path": .string(subject.path),
            "query": .string(query),
            "received": .string(received.zoned),
            "seq": .int(sequence),
            "status": status.map { .int($0) } ?? .null,
            "uptime": .double(uptime),
        ]
    }
}
