extension World {
    /// All models, with what really became of their refreshes.
    func modelsReply(_ moment: Moment) -> Reply {
        let now = clock.now(uptime: moment.uptime)
        return Reply(200, json: .array(powerBI.workspaces.flatMap(\.models).map { $0.json(at: now) }))
    }

    /// Shows or changes a model, and starts refreshes on it in other people's names.
    mutating func answerModel(_ name: String, _ call: Call, _ moment: Moment) throws(ControlBody.Flaw) -> Reply {
        guard let place = powerBI.place(named: name) else {
            return Reply(404, json: ["error": .string("no such model: \(name)")])
        }
        let now = clock.now(uptime: moment.uptime)
        if call.method == "POST" { try change(place, call, at: now) }
        return Reply(200, json: powerBI[place].json(at: now))
    }

    private mutating func change(_ place: PowerBI.Place, _ call: Call, at now: Instant) throws(ControlBody.Flaw) {
        var body = try ControlBody(call.body)
        var model = powerBI[place]
        model.settings = try Model.Settings(&body, over: model.settings)
        model.capacity = try body.choice("capacity", EmulatorSeed.Capacity.self) ?? model.capacity
        model.configuredBy = try body.string("configured_by") ?? model.configuredBy
        try body.each("tables") { name, fields throws(ControlBody.Flaw) in
            guard let index = model.tables.firstIndex(where: { $0.name == name }) else {
                throw fields.flaw("no such table: \(name)")
            }
            try model.tables[index].change(&fields)
        }
        let isPaused = try body.bool("paused")
        let forgets = try body.bool("forget_refreshes") ?? false
        var injected: ForeignRefresh?
        if let fields = try body.object("inject") { injected = try ForeignRefresh(fields) }
        try body.finish()
        if let isPaused { model.setPaused(isPaused, at: now) }
        if forgets { model.forgetRefreshes() }
        if let injected {
            let (id, number) = (identifiers.guid(), powerBI.takeNumber())
            model.add(injected.refresh(of: model, id: id, number: number, at: now))
        }
        powerBI[place] = model
    }
}

/// A refresh that somebody else started: the schedule, the portal, another program.
private struct ForeignRefresh {
    var script: RefreshScript
    var request = RefreshRequest()
    /// Seconds since it started.
    var startedAgo: Double

    init(_ fields: ControlBody) throws(ControlBody.Flaw) {
        var fields = fields
        script = try RefreshScript(&fields)
        script.refreshType = try fields.string("refresh_type") ?? "Scheduled"
        script.hidden = try fields.seconds("hide_from_history")
        startedAgo = try fields.seconds("started_ago") ?? 0
        if script.refreshType == "ViaEnhancedApi" { request.kind = .enhanced }
        try fields.finish()
    }

    func refresh(of model: Model, id: String, number: Int, at now: Instant) -> Refresh {
        PowerBI.refresh(request, of: model, id: id, number: number, at: now + -startedAgo, script: script)
    }
}

extension Model.Settings {
    /// Takes the settings out of a control request, over those that hold now.
    fileprivate init(_ body: inout ControlBody, over old: Model.Settings) throws(ControlBody.Flaw) {
        self = old
        duration = try body.seconds("duration") ?? duration
        startDelay = try body.seconds("start_delay") ?? startDelay
        cancelDelay = try body.seconds("cancel_delay") ?? cancelDelay
        historyLag = try body.seconds("history_lag") ?? historyLag
        detailsForStandard = try body.bool("details_for_standard") ?? detailsForStandard
        isOwned = try body.bool("owned") ?? isOwned
        isModelBased = try body.bool("model_based") ?? isModelBased
        hasBuild = try body.bool("build") ?? hasBuild
        hasCredentials = try body.bool("credentials") ?? hasCredentials
        fillsQueryCaches = try body.bool("query_caches") ?? fillsQueryCaches
        queryRowLimit = try body.int("query_row_limit") ?? queryRowLimit
    }
}

extension Model {
    /// A model to be added, of `name`, and perhaps `id`, `capacity` and the names of its `tables`.
    init(_ fields: ControlBody, duration: Double) throws(ControlBody.Flaw) {
        var fields = fields
        guard let name = try fields.string("name") else { throw fields.flaw("a model needs a name") }
        let id = try fields.string("id")
        let capacity = try fields.choice("capacity", EmulatorSeed.Capacity.self) ?? .dedicated
        let tables = fields.take("tables")?.elements?.compactMap(\.string) ?? ["facts"]
        try fields.finish()
        let seed = EmulatorSeed.Model(
            id: id,
            name: name,
            tables: tables.map { EmulatorSeed.Table(name: $0) },
            capacity: capacity
        )
        self.init(seed, duration: duration)
    }
}

extension EmulatorSeed.Table {
    fileprivate mutating func change(_ fields: inout ControlBody) throws(ControlBody.Flaw) {
        rows = try fields.int("rows") ?? rows
        filtersRange = try fields.bool("range_filter") ?? filtersRange
        source = try fields.string("source") ?? source
    }

    fileprivate var json: JSON {
        ["range_filter": .bool(filtersRange), "refresh_policy": .bool(hasRefreshPolicy), "rows": .int(rows)]
    }
}

extension Model {
    fileprivate func json(at now: Instant) -> JSON {
        [
            "build": .bool(settings.hasBuild),
            "cancel_delay": .double(settings.cancelDelay),
            "capacity": .string(capacity.rawValue),
            "configured_by": .string(configuredBy),
            "credentials": .bool(settings.hasCredentials),
            "details_for_standard": .bool(settings.detailsForStandard),
            "duration": .double(settings.duration),
            "history_lag": .double(settings.historyLag),
            "id": .string(id),
            "model_based": .bool(settings.isModelBased),
            "name": .string(name),
            "owned": .bool(settings.isOwned),
            "paused": .bool(settings.isPaused),
            "query_caches": .bool(settings.fillsQueryCaches),
            "query_row_limit": .int(settings.queryRowLimit),
            // All of them, also those history hides: what really happened.
            "refreshes": .array(refreshes.map { $0.historyEntry(at: now) }),
            "start_delay": .double(settings.startDelay),
            "tables": .object(Dictionary(tables.map { ($0.name, $0.json) }) { first, _ in first }),
        ]
    }
}
