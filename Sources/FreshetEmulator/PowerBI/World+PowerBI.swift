/// A Power BI route.
enum PowerBIRoute: Hashable, Sendable {
    case groups
    case datasets(group: String?)
    case dataset(group: String?, id: String)
    case history(group: String?, dataset: String)
    case startRefresh(group: String?, dataset: String)
    case refreshDetails(group: String?, dataset: String, id: String)
    case cancelRefresh(group: String?, dataset: String, id: String)
    case schedule(group: String?, dataset: String)
    case changeSchedule(group: String?, dataset: String)
}

extension World {
    mutating func answerPowerBI(_ route: PowerBIRoute, _ call: Call, at now: Instant, script: RefreshScript) -> Reply {
        admitted(call, at: now) { world throws(PowerBIRefusal) in
            try world.serve(route, call, at: now, script: script)
        }
    }

    /// Lets in who may call Power BI at all, and gives every answer the headers that all have.
    mutating func admitted(
        _ call: Call,
        at now: Instant,
        serve: (inout World) throws(PowerBIRefusal) -> Reply
    ) -> Reply {
        var reply: Reply
        switch directory.admission(of: call, at: now) {
        case .unknown: reply = PowerBIRefusal.tokenMissing.reply
        case .expired: reply = PowerBIRefusal.tokenExpired(status: powerBI.expiredTokenStatus).reply
        case .admitted where !powerBI.allowsServicePrincipals: reply = PowerBIRefusal.servicePrincipalGate.reply
        case .admitted where powerBI.homeCluster != nil && call.queryValue("preferClientRouting") == "true":
            reply = Reply(307, headers: [("Location", (powerBI.homeCluster ?? "") + call.target)])
        case .admitted:
            do throws(PowerBIRefusal) {
                reply = try serve(&self)
            } catch {
                reply = error.reply
            }
        }
        // A refresh's answer carries its own id here; all others get one of their own.
        if reply.header("requestid") == nil { reply.headers.append(("RequestId", identifiers.guid())) }
        reply.headers += World.powerBIHeaders
        return reply
    }

    /// What the service sends with everything (facts §0.8).
    static let powerBIHeaders: [(name: String, value: String)] = [
        ("Cache-Control", "no-store, must-revalidate, no-cache"),
        ("Pragma", "no-cache"),
        ("Access-Control-Expose-Headers", "RequestId"),
        ("request-redirected", "true"),
        ("home-cluster-uri", "https://wabi-emulator-redirect.analysis.windows.net/"),
    ]

    private mutating func serve(
        _ route: PowerBIRoute,
        _ call: Call,
        at now: Instant,
        script: RefreshScript
    ) throws(PowerBIRefusal) -> Reply {
        switch route {
        case .groups:
            let members = powerBI.workspaces.filter { $0.access == .member }
            return World.list(try World.page(members.map { .object($0.members) }, call), "groups", call)
        case .datasets(let group):
            let models = try models(in: group)
            return World.list(models.map { .object($0.entry(in: call.origin)) }, "datasets", call)
        case .dataset(let group, let id):
            let place = try powerBI.place(group: group, dataset: id).get()
            return World.single(powerBI[place].entry(in: call.origin), "datasets", call)
        case .history(let group, let dataset):
            return try history(of: powerBI.place(group: group, dataset: dataset).get(), call, at: now)
        case .startRefresh(let group, let dataset):
            let place = try powerBI.place(group: group, dataset: dataset).get()
            return try startRefresh(at: place, call, at: now, script: script)
        case .refreshDetails(let group, let dataset, let id):
            let place = try powerBI.place(group: group, dataset: dataset).get()
            return try details(of: id, at: place, now: now)
        case .cancelRefresh(let group, let dataset, let id):
            let place = try powerBI.place(group: group, dataset: dataset).get()
            return try cancel(id, at: place, now: now)
        case .schedule(let group, let dataset):
            let model = powerBI[try powerBI.place(group: group, dataset: dataset).get()]
            return Reply(200, json: model.schedule.json(context: World.context("RefreshSchedule", call)))
        case .changeSchedule(let group, let dataset):
            let place = try powerBI.place(group: group, dataset: dataset).get()
            return try changeSchedule(at: place, call)
        }
    }

    private func models(in group: String?) throws(PowerBIRefusal) -> [Model] {
        guard let group else { return powerBI.workspaces.filter { $0.access == .member }.flatMap(\.models) }
        guard let workspace = powerBI.workspaces.first(where: { $0.isCalled(group) }) else {
            throw .entityNotFound("Group \(group) is not found")
        }
        if let refusal = workspace.refusal { throw refusal }
        return workspace.models
    }

    private func history(of place: PowerBI.Place, _ call: Call, at now: Instant) throws(PowerBIRefusal) -> Reply {
        let model = powerBI[place]
        guard model.settings.isModelBased else { throw .notModelBased }
        let entries = model.history(at: now).map { $0.historyEntry(at: now) }
        return World.list(try World.top(entries, call), "refreshes", call)
    }

    private mutating func startRefresh(
        at place: PowerBI.Place,
        _ call: Call,
        at now: Instant,
        script: RefreshScript
    ) throws(PowerBIRefusal) -> Reply {
        let request: RefreshRequest
        do throws(RefreshRequest.Malformed) {
            request = try RefreshRequest(body: call.body)
        } catch {
            throw .invalid(error.message)
        }
        if powerBI.isNotifyOptionStrict, let flaw = request.notifyOptionFlaw { throw .invalid(flaw) }
        if let refusal = PowerBI.refusal(of: request, by: powerBI[place], at: now) { throw refusal }
        let id = identifiers.guid()
        if !script.isLost {
            let number = powerBI.takeNumber()
            powerBI[place].add(
                PowerBI.refresh(request, of: powerBI[place], id: id, number: number, at: now, script: script)
            )
        }
        var reply = Reply(202, headers: [("Content-Type", "application/octet-stream"), ("RequestId", id)])
        // A standard refresh was seen to answer RequestId only (facts E1).
        if request.kind == .enhanced {
            reply.headers.append(("x-ms-request-id", id))
            reply.headers.append(("Location", "\(call.origin)\(call.path)/\(id)"))
        }
        return reply
    }

    private func details(of id: String, at place: PowerBI.Place, now: Instant) throws(PowerBIRefusal) -> Reply {
        let model = powerBI[place]
        guard model.settings.isModelBased else { throw .notModelBased }
        guard let refresh = model.refresh(id, at: now) else { throw .entityNotFound("Refresh \(id) is not found") }
        guard refresh.hasDetails(model.settings) else { throw .detailsNotSupported }
        return Reply(refresh.isRunning(at: now) ? 202 : 200, json: refresh.details(at: now))
    }

    private mutating func cancel(_ id: String, at place: PowerBI.Place, now: Instant) throws(PowerBIRefusal) -> Reply {
        let model = powerBI[place]
        guard model.settings.isModelBased else { throw .notModelBased }
        guard let refresh = model.refresh(id, at: now) else { throw .entityNotFound("Refresh \(id) is not found") }
        guard refresh.hasDetails(model.settings), refresh.isRunning(at: now) else { throw .cancelNotSupported }
        powerBI[place].cancel(refresh.id, at: now + model.settings.cancelDelay)
        return Reply(200)
    }

    private mutating func changeSchedule(at place: PowerBI.Place, _ call: Call) throws(PowerBIRefusal) -> Reply {
        let model = powerBI[place]
        guard model.settings.isOwned else { throw .notOwner }
        let slots = model.capacity == .shared ? 8 : 48
        powerBI[place].schedule = try model.schedule.patched(by: JSON(bytes: call.body), slots: slots)
        return Reply(200)
    }
}

extension Refresh {
    /// Details and cancelling are for enhanced refreshes; scheduled and portal ones never have them (facts E8).
    fileprivate func hasDetails(_ settings: Model.Settings) -> Bool {
        request.kind == .enhanced || (settings.detailsForStandard && refreshType == "ViaApi")
    }
}
