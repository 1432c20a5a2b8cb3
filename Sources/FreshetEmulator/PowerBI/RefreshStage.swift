/// A time in which history and details show certain words, whatever really goes on.
///
/// A script lists some of them, one after the other, for what no ordinary refresh shows: words that come back, unknown
/// ones, an end that is none.
struct RefreshStage: Codable, Hashable, Sendable {
    /// Seconds it lasts; nil for ever.
    var duration: Double?
    var status: String
    var extendedStatus: String

    /// Whether its word is one of those by which the service says that a refresh goes on.
    var isRunning: Bool { ["InProgress", "NotStarted", "Unknown"].contains(status) }

    var end: RefreshEnd { RefreshEnd(status: status, extendedStatus: extendedStatus) }
}

extension [RefreshStage] {
    /// The stage that holds so many seconds after the start, and when it began; the last one when all are over.
    func stage(after elapsed: Double) -> (stage: RefreshStage, start: Double)? {
        var start = 0.0
        for stage in dropLast() {
            let end = start + (stage.duration ?? .infinity)
            if elapsed < end { return (stage, start) }
            start = end
        }
        return last.map { ($0, start) }
    }

    /// Seconds until the first word that is an end; what the refresh takes, for its attempts.
    var secondsToEnd: Double {
        prefix { $0.isRunning }.reduce(0) { $0 + ($1.duration ?? 0) }
    }
}

extension RefreshStage {
    init(_ fields: ControlBody) throws(ControlBody.Flaw) {
        var fields = fields
        duration = try fields.seconds("for")
        status = try fields.string("status") ?? "Unknown"
        extendedStatus = try fields.string("extended") ?? (status == "Unknown" ? "InProgress" : status)
        try fields.finish()
    }

    var json: JSON {
        var members: [String: JSON] = ["extended": .string(extendedStatus), "status": .string(status)]
        members["for"] = duration.map { .double($0) }
        return .object(members)
    }
}
