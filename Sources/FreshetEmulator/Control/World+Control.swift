extension World {
    /// Serves the emulator's own routes, which the ledger does not record and no fault meets.
    mutating func answerControl(_ segments: [String], _ call: Call, at moment: Moment) -> Reply {
        do throws(ControlBody.Flaw) {
            return try control(segments, call, moment)
        } catch {
            return Reply(400, json: ["error": .string(error.message)])
        }
    }

    /// The same for a script, which wants to know what is wrong where.
    mutating func control(_ segments: [String], _ call: Call, _ moment: Moment) throws(ControlBody.Flaw) -> Reply {
        switch (call.method, segments.first, segments.count) {
        case ("GET", nil, _), ("GET", "clock", 1): return clockReply(moment)
        case ("POST", "clock", 1): return try setClock(call, moment)
        case ("POST", "credentials", 1): return try setCredentials(call)
        case (_, "databricks", _): return try controlDatabricks(Array(segments.dropFirst()), call, moment)
        case ("GET", "dataflows", 1), (_, "dataflows", 2):
            return try answerDataflow(segments.dropFirst().first, call, moment)
        case (_, "faults", 1...2): return try answerFaults(segments, call)
        case ("GET", "ledger", 1): return ledgerReply(call)
        case ("DELETE", "ledger", 1):
            ledger.clear()
            return Reply(204)
        case ("GET", "models", 1): return modelsReply(moment)
        case (_, "models", 2): return try answerModel(segments[1], call, moment)
        case ("POST", "reset", 1): return try reset(moment)
        case ("POST", "restart", 1):
            restart(at: clock.now(uptime: moment.uptime))
            return Reply(204)
        case ("POST", "secrets", 2): return try answerSecret(segments[1], call, moment)
        case ("POST", "tenant", 1): return try setTenant(call, moment)
        case ("POST", "workspaces", 2): return try setWorkspace(segments[1], call, moment)
        default: return Reply(404, json: ["error": .string("no such control route: \(call.method) \(call.path)")])
        }
    }

    private func clockReply(_ moment: Moment) -> Reply {
        let now = clock.now(uptime: moment.uptime)
        return Reply(200, json: ["now": .string(now.zoned), "speed": .double(clock.speed)])
    }

    private mutating func setClock(_ call: Call, _ moment: Moment) throws(ControlBody.Flaw) -> Reply {
        var body = try ControlBody(call.body)
        let (advance, speed) = (try body.seconds("advance"), try body.seconds("speed"))
        try body.finish()
        if let speed { clock.run(at: speed, uptime: moment.uptime) }
        if let advance { clock.advance(by: advance) }
        return clockReply(moment)
    }

    private func ledgerReply(_ call: Call) -> Reply {
        let entries = ledger.matching(
            kind: call.queryValue("kind"),
            since: call.queryValue("since").flatMap { Int($0) },
            model: call.queryValue("model"),
            status: call.queryValue("status")
        )
        if call.queryValue("count") == "true" {
            return Reply(200, json: ["count": .int(entries.count), "dropped": .int(ledger.dropped)])
        }
        return Reply(200, json: .array(entries.map(\.json)))
    }

    /// Everything as at the start; the clock keeps going.
    private mutating func reset(_ moment: Moment) throws(ControlBody.Flaw) -> Reply {
        let (clock, startScript) = (clock, startScript)
        self = World(options, identifiers: identifiers, at: moment)
        self.clock = clock
        if let startScript { try startScript.apply(to: &self, moment) }
        return Reply(204)
    }

    private mutating func setTenant(_ call: Call, _ moment: Moment) throws(ControlBody.Flaw) -> Reply {
        var body = try ControlBody(call.body)
        let secret = try body.string("client_secret")
        let isExpired = try body.bool("secret_expired")
        let lifetime = try body.seconds("token_lifetime")
        let allows = try body.bool("service_principals_allowed")
        let status = try body.status("expired_token_status")
        let homeCluster = try body.string("home_cluster")
        let isStrict = try body.bool("strict_notify_option")
        let allowsAdmin = try body.bool("admin_allowed")
        let allowsMetadata = try body.bool("metadata_allowed")
        let operation = try body.seconds("operation_duration")
        let queries = try body.int("queries_per_minute")
        let tokens = try body.choice("tokens", Fault.TokenAction.self)
        try body.finish()
        directory.clientSecret = secret ?? directory.clientSecret
        directory.isSecretExpired = isExpired ?? directory.isSecretExpired
        directory.tokenLifetime = lifetime ?? directory.tokenLifetime
        powerBI.allowsServicePrincipals = allows ?? powerBI.allowsServicePrincipals
        powerBI.expiredTokenStatus = status ?? powerBI.expiredTokenStatus
        powerBI.homeCluster = homeCluster ?? powerBI.homeCluster
        powerBI.isNotifyOptionStrict = isStrict ?? powerBI.isNotifyOptionStrict
        powerBI.allowsAdmin = allowsAdmin ?? powerBI.allowsAdmin
        powerBI.allowsMetadata = allowsMetadata ?? powerBI.allowsMetadata
        powerBI.operationDuration = operation ?? powerBI.operationDuration
        powerBI.queriesPerMinute = queries ?? powerBI.queriesPerMinute
        if let tokens { apply(tokens, at: clock.now(uptime: moment.uptime)) }
        return Reply(200, json: ["tenant_id": .string(directory.tenantID)])
    }

    private mutating func setWorkspace(
        _ name: String,
        _ call: Call,
        _ moment: Moment
    ) throws(ControlBody.Flaw) -> Reply {
        var body = try ControlBody(call.body)
        let access = try body.choice("access", Workspace.Access.self)
        let modifiedAgo = try body.seconds("modified_ago")
        var models: [Model] = []
        for fields in try body.list("models") ?? [] {
            models.append(try Model(fields, duration: options.refreshDuration))
            guard powerBI.place(named: models[models.count - 1].name) == nil else {
                throw fields.flaw("there is already a model \(models[models.count - 1].name)")
            }
        }
        try body.finish()
        guard let index = powerBI.workspaces.firstIndex(where: { $0.isCalled(name) || $0.name == name }) else {
            return Reply(404, json: ["error": .string("no such workspace: \(name)")])
        }
        powerBI.workspaces[index].access = access ?? powerBI.workspaces[index].access
        powerBI.workspaces[index].models += models
        if let modifiedAgo {
            powerBI.workspaces[index].modified = clock.now(uptime: moment.uptime) + -modifiedAgo
        }
        return Reply(
            200,
            json: [
                "access": .string(powerBI.workspaces[index].access.rawValue),
                "id": .string(powerBI.workspaces[index].id), "name": .string(powerBI.workspaces[index].name),
            ]
        )
    }
}
