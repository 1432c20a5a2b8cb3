/// How many of the refreshes that the service allows in 24 hours are used.
///
/// - SeeAlso: Power BI, *Data refresh*: scheduled refreshes and those through the REST interface count, those that a
///   person starts in the portal do not.
package struct RefreshQuota: Hashable, Sendable {
    package var used: Int
    package var limit: Int
    /// When the next is allowed, by our clock: the one that has to leave the 24 hours first, has left them.
    package var freeAt: Timestamp?

    package var isExhausted: Bool { used >= limit }

    package init(used: Int, limit: Int, freeAt: Timestamp? = nil) {
        self.used = used
        self.limit = limit
        self.freeAt = freeAt
    }

    /// Counts entries of history; `serverNow` and ``freeAt`` are by the service's clock, by which those are dated.
    package init(of entries: [RefreshRecord], limit: Int, serverNow: Timestamp) {
        let day = Duration.seconds(86_400)
        let starts = entries.filter(\.countsAgainstQuota).compactMap(\.startedAt)
            .filter { serverNow - $0 < day }.sorted()
        self.init(used: starts.count, limit: limit)
        // Of nine within the day, two have to leave it before there is room for one.
        let leaver = starts.isEmpty ? nil : starts[max(0, starts.count - limit)]
        freeAt = leaver.map { $0 + day }
    }

    var evidence: JSONValue {
        var members: [String: JSONValue] = [
            "refreshes_in_24_hours": .integer(Int64(used)), "allowed": .integer(Int64(limit)),
        ]
        members["free_at"] = freeAt.map { .text($0.iso8601) }
        return .object(members)
    }
}

extension RefreshRecord {
    /// What a person starts in the portal is not counted.
    package var countsAgainstQuota: Bool {
        guard let source = source?.lowercased() else { return false }
        return source == "scheduled" || source.hasPrefix("via")
    }
}

extension RefreshMachine {
    /// - Returns: `nil` where nothing is counted.
    func quota(in history: RefreshHistory, serverTime: Timestamp?, at now: Timestamp) -> RefreshQuota? {
        guard let limit = policy.dailyQuota else { return nil }
        let serverNow = serverTime ?? now
        var quota = RefreshQuota(of: history.entries, limit: limit, serverNow: serverNow)
        quota.freeAt = quota.freeAt.map { now + ($0 - serverNow) }
        return quota
    }
}
