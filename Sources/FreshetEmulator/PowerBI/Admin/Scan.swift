/// A look at workspaces that an administrator asked for (facts §4.1).
struct Scan: Codable, Sendable {
    /// What is to be told; each but the last is a flag of the query.
    struct Detail: Codable, Hashable, Sendable {
        var lineage = false
        var datasources = false
        var schema = false
        var expressions = false
        var users = false
    }

    var id: String
    var created: Instant
    /// Seconds until it has succeeded.
    var duration: Double
    var workspaces: [String]
    var detail: Detail

    /// How long a result can be fetched, in seconds.
    static let lifetime: Double = 24 * 3_600

    func status(at now: Instant) -> String {
        if now >= created + duration { return "Succeeded" }
        return now >= created + duration / 2 ? "Running" : "NotStarted"
    }

    func json(at now: Instant) -> JSON {
        ["createdDateTime": .string(created.ticks), "id": .string(id), "status": .string(status(at: now))]
    }
}
