/// A long-running operation of Fabric (facts §5): here always the reading of a model's definition.
struct Operation: Codable, Sendable {
    var id: String
    var created: Instant
    /// Seconds until it has succeeded.
    var duration: Double
    /// What its result answers.
    var result: JSON

    /// The seconds that the service asks to wait between two looks.
    static let pause = "20"
    /// Another host than the API's, as the service was seen to name (facts E17).
    static let host = "https://wabi-emulator-redirect.analysis.windows.net"

    var location: String { "\(Operation.host)/v1/operations/\(id)" }

    func isOver(at now: Instant) -> Bool { now >= created + duration }

    func status(at now: Instant) -> JSON {
        let isOver = isOver(at: now)
        let updated = isOver ? created + duration : now
        return [
            "createdTimeUtc": .string(created.bareTicks),
            "error": .null,
            "lastUpdatedTimeUtc": .string(updated.bareTicks),
            "percentComplete": isOver ? 100 : .null,
            "status": isOver ? "Succeeded" : "Running",
        ]
    }
}
