/// A dataflow with its transactions, which is what the API calls its refreshes.
struct Dataflow: Codable, Sendable {
    var id: String
    var name: String
    var configuredBy = "owner@example.com"
    /// The ids of the models that read it.
    var readers: [String]
    var settings: Settings
    /// Oldest first.
    private(set) var transactions: [Transaction] = []

    /// What a test may change about a dataflow.
    struct Settings: Codable, Hashable, Sendable {
        /// Seconds a refresh takes.
        var duration: Double
        /// False refuses a service principal (fabric-cicd#971).
        var allowsServicePrincipal = true
    }

    /// One refresh.
    struct Transaction: Codable, Sendable {
        /// `2023-10-19T01:06:02.2745010Z@<guid>$1`, as observed.
        var id: String
        /// `OnDemand` or `Scheduled`.
        var refreshType: String
        var start: Instant
        var duration: Double
        /// The word it ends with unless it is cancelled: `Success`, `Failed` or any other.
        var end: String
        var cancelledAt: Instant?

        var ending: Instant { min(start + duration, cancelledAt ?? start + duration) }

        func isRunning(at now: Instant) -> Bool { now < ending }

        func status(at now: Instant) -> String {
            if isRunning(at: now) { return "InProgress" }
            guard let cancelledAt, cancelledAt < start + duration else { return end }
            return "Cancelled"
        }

        func entry(at now: Instant) -> JSON {
            var members: [String: JSON] = [
                "id": .string(id), "refreshType": .string(refreshType), "startTime": .string(start.ticks),
                "status": .string(status(at: now)),
            ]
            if !isRunning(at: now) { members["endTime"] = .string(ending.ticks) }
            return .object(members)
        }
    }

    init(id: String, name: String, readers: [String], duration: Double) {
        self.id = id
        self.name = name
        self.readers = readers
        settings = Settings(duration: duration)
    }

    func running(at now: Instant) -> Transaction? { transactions.last { $0.isRunning(at: now) } }

    mutating func start(_ guid: String, type: String, at now: Instant, script: RefreshScript) {
        let word = script.end == "Completed" ? "Success" : script.end ?? "Success"
        transactions.append(
            Transaction(
                id: "\(now.ticks)@\(guid)$\(transactions.count + 1)",
                refreshType: type,
                start: now,
                duration: script.duration ?? settings.duration,
                end: word
            )
        )
    }

    /// - Returns: whether there was anything to cancel; nil when the transaction is not of this dataflow.
    mutating func cancel(_ transaction: String, at now: Instant) -> Bool? {
        guard let index = transactions.firstIndex(where: { $0.id == transaction }) else { return nil }
        guard transactions[index].isRunning(at: now) else { return false }
        transactions[index].cancelledAt = now
        return true
    }

    /// Forgets the refreshes under way, as a restart of the service does.
    mutating func forgetRunning(at now: Instant) { transactions.removeAll { $0.isRunning(at: now) } }

    func entry(in origin: String, group: String) -> JSON {
        [
            "configuredBy": .string(configuredBy),
            "description": "",
            "modelUrl": .string("\(origin)/dataflows/\(group)/\(id)/model.json"),
            "name": .string(name),
            "objectId": .string(id),
            "users": [],
        ]
    }
}
