extension World {
    mutating func answerFaults(_ segments: [String], _ call: Call) throws(ControlBody.Flaw) -> Reply {
        switch (call.method, segments.count) {
        case ("GET", 1): return Reply(200, json: .array(script.faults.map(\.json)))
        case ("POST", 1): return Reply(201, json: try addFault(call).json)
        case ("DELETE", 1):
            script.removeAll()
            return Reply(204)
        case ("DELETE", 2):
            guard let id = Int(segments[1]) else { throw ControlBody.Flaw(message: "a fault's id is a number") }
            script.remove(id)
            return Reply(204)
        default: return Reply(405, json: ["error": "faults take GET, POST and DELETE"])
        }
    }

    private mutating func addFault(_ call: Call) throws(ControlBody.Flaw) -> Fault {
        var body = try ControlBody(call.body)
        let match = try body.object("match").map { fields throws(ControlBody.Flaw) in try Fault.Match(fields) }
        guard let action = try body.object("action") else { throw ControlBody.Flaw(message: "action is missing") }
        let parsed = try Fault.Action(action)
        // Once, unless told otherwise: a fault that never ends is seldom meant. -1 makes one.
        let times = try body.int("times") ?? 1
        let skip = try body.int("skip") ?? 0
        try body.finish()
        guard times != 0 else {
            throw ControlBody.Flaw(message: "times must be at least 1, or -1 for always", path: "times")
        }
        return script.add(match ?? Fault.Match(), parsed, skip: skip, times: times < 0 ? nil : times)
    }
}

extension World {
    mutating func apply(_ action: Fault.TokenAction, at now: Instant) {
        switch action {
        case .expire:
            directory.expireTokens(at: now)
            for token in databricks.tokens.keys { databricks.tokens[token] = now }
        case .revoke:
            directory.revokeTokens()
            databricks.tokens = [:]
        }
    }

    /// What a restart of the service leaves: the refreshes that are over.
    mutating func restart(at now: Instant) {
        for workspace in powerBI.workspaces.indices {
            for model in powerBI.workspaces[workspace].models.indices {
                powerBI.workspaces[workspace].models[model].forgetRunning(at: now)
            }
            for dataflow in powerBI.workspaces[workspace].dataflows.indices {
                powerBI.workspaces[workspace].dataflows[dataflow].forgetRunning(at: now)
            }
        }
    }
}

extension Fault.Match {
    init(_ fields: ControlBody) throws(ControlBody.Flaw) {
        var fields = fields
        kind = try fields.string("kind")
        method = try fields.string("method")
        model = try fields.string("model")
        pathPrefix = try fields.string("path_prefix")
        try fields.finish()
        if let kind, !CallKind.allCases.contains(where: { $0.isNamed(kind) }) {
            throw ControlBody.Flaw(message: "no such kind: \(kind)", path: "match.kind")
        }
    }
}

extension Fault.Action {
    init(_ fields: ControlBody) throws(ControlBody.Flaw) {
        var fields = fields
        status = try fields.status("status")
        body = fields.take("body")
        for (name, value) in fields.take("headers")?.members ?? [:] { headers[name] = value.string ?? value.text }
        hasEffect = try fields.bool("effect") ?? false
        drop = try fields.choice("drop", Fault.Drop.self)
        delay = try fields.seconds("delay") ?? 0
        delayReply = try fields.seconds("delay_reply") ?? 0
        isTruncated = try fields.bool("truncate") ?? false
        isHTML = try fields.bool("html") ?? false
        restarts = try fields.bool("restart") ?? false
        tokens = try fields.choice("tokens", Fault.TokenAction.self)
        if let wait = try fields.int("throttle") {
            let reply = PowerBIRefusal.tooManyRequests(retryAfter: wait).reply
            status = status ?? reply.status
            body = body ?? JSON(bytes: reply.body)
            headers["Retry-After"] = headers["Retry-After"] ?? String(wait)
        }
        script = try RefreshScript(&fields)
        script.hidden = try fields.seconds("hide_from_history")
        script.isLost = try fields.bool("lose") ?? false
        try fields.finish()
    }
}

extension RefreshScript {
    /// Takes the members about how a refresh goes; leaves the others.
    init(_ fields: inout ControlBody) throws(ControlBody.Flaw) {
        end = try fields.string("end")
        failure = fields.take("error").map { RefreshFailure($0) }
        duration = try fields.seconds("duration")
        for fields in try fields.list("sequence") ?? [] { stages.append(try RefreshStage(fields)) }
        failingAttempts = try fields.int("failing_attempts") ?? 0
        // An error without a word for the end can only mean this.
        if failure != nil, end == nil { end = "Failed" }
    }
}

extension Fault {
    var json: JSON {
        var match: [String: JSON] = [:]
        match["kind"] = self.match.kind.map { .string($0) }
        match["method"] = self.match.method.map { .string($0) }
        match["model"] = self.match.model.map { .string($0) }
        match["path_prefix"] = self.match.pathPrefix.map { .string($0) }
        return [
            "action": .object(action.members), "id": .int(id), "match": .object(match), "skip": .int(skip),
            "times": .int(times ?? -1),
        ]
    }
}

extension Fault.Action {
    fileprivate var members: [String: JSON] {
        var members: [String: JSON] = [:]
        members["body"] = body
        members["delay"] = delay > 0 ? .double(delay) : nil
        members["delay_reply"] = delayReply > 0 ? .double(delayReply) : nil
        members["drop"] = drop.map { .string($0.rawValue) }
        members["duration"] = script.duration.map { .double($0) }
        members["effect"] = hasEffect ? true : nil
        members["end"] = script.end.map { .string($0) }
        members["error"] = script.failure.map { .string($0.serviceExceptionJSON) }
        members["failing_attempts"] = script.failingAttempts > 0 ? .int(script.failingAttempts) : nil
        members["headers"] = headers.isEmpty ? nil : .object(headers.mapValues { .string($0) })
        members["hide_from_history"] = script.hidden.map { .double($0) }
        members["html"] = isHTML ? true : nil
        members["lose"] = script.isLost ? true : nil
        members["restart"] = restarts ? true : nil
        members["sequence"] = script.stages.isEmpty ? nil : .array(script.stages.map(\.json))
        members["status"] = status.map { .int($0) }
        members["tokens"] = tokens.map { .string($0.rawValue) }
        members["truncate"] = isTruncated ? true : nil
        return members
    }
}
