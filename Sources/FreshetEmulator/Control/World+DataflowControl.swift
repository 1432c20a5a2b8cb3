extension World {
    /// All dataflows, or one shown or changed.
    mutating func answerDataflow(_ name: String?, _ call: Call, _ moment: Moment) throws(ControlBody.Flaw) -> Reply {
        let now = clock.now(uptime: moment.uptime)
        guard let name else {
            return Reply(200, json: .array(powerBI.dataflowPlaces.map { powerBI[$0].json(at: now) }))
        }
        guard let place = powerBI.dataflowPlace(name) else {
            return Reply(404, json: ["error": .string("no such dataflow: \(name)")])
        }
        if call.method == "POST" {
            var body = try ControlBody(call.body)
            var settings = powerBI[place].settings
            settings.duration = try body.seconds("duration") ?? settings.duration
            settings.allowsServicePrincipal =
                try body.bool("service_principals_allowed") ?? settings.allowsServicePrincipal
            try body.finish()
            powerBI[place].settings = settings
        }
        return Reply(200, json: powerBI[place].json(at: now))
    }
}

extension Dataflow {
    fileprivate func json(at now: Instant) -> JSON {
        [
            "duration": .double(settings.duration),
            "id": .string(id),
            "name": .string(name),
            "service_principals_allowed": .bool(settings.allowsServicePrincipal),
            "transactions": .array(transactions.map { $0.entry(at: now) }),
        ]
    }
}
