import FreshetCore

/// A webhook of the dbt platform.
///
/// - SeeAlso: https://docs.getdbt.com/docs/deploy/webhooks
enum DBTHook {
    static func verify(
        _ request: HookRequest,
        _ secrets: [HookSecret],
        at now: Timestamp
    ) throws(HookRefusal) -> HookDelivery {
        try secrets.require(request.body, hexadecimal: try request.only("Authorization"))
        try request.requireType("application/json")
        let body = try request.document()
        if let text = body["timestamp"]?.text, let sent = Timestamp(iso8601: text) {
            guard now - sent <= HookDelivery.memory else { throw .stale(sent: sent, tolerance: HookDelivery.memory) }
            // It would outlast the memory of it, and count again.
            guard sent - now <= HookDelivery.tolerance else {
                throw .stale(sent: sent, tolerance: HookDelivery.tolerance)
            }
        }
        let type = try body.name("eventType")
        return HookDelivery(
            id: try body.name("eventId"),
            type: type,
            // `job.run.completed` is told of failures as well. Both are worth a look: what failed has to hold what
            // depends on it.
            isNews: type != "job.run.started"
        )
    }
}
