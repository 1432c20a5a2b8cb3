extension World {
    /// `databricks`, `databricks/jobs/{name or id}`, `databricks/tables/{name}`, `databricks/answers`.
    mutating func controlDatabricks(
        _ segments: [String],
        _ call: Call,
        _ moment: Moment
    ) throws(ControlBody.Flaw) -> Reply {
        let now = clock.now(uptime: moment.uptime)
        switch (call.method, segments.first, segments.count) {
        case ("POST", nil, _): return try setDatabricks(call)
        case ("POST", "answers", 1): return try addAnswer(call)
        case (_, "jobs", 2): return try controlJob(segments[1], call, now)
        case ("POST", "tables", 2): return try setTable(segments[1], call)
        case ("DELETE", "tables", 2):
            databricks.warehouse.tables[segments[1]] = nil
            return Reply(204)
        default: return Reply(404, json: ["error": .string("no such control route: \(call.method) \(call.path)")])
        }
    }

    private mutating func setDatabricks(_ call: Call) throws(ControlBody.Flaw) -> Reply {
        var body = try ControlBody(call.body)
        let token = try body.string("personal_token")
        let duration = try body.seconds("statement_duration")
        let start = try body.seconds("start_duration")
        let isStopped = try body.bool("stopped")
        let chunkRows = try body.int("chunk_rows")
        try body.finish()
        if let token { databricks.personalTokens = [token] }
        databricks.warehouse.duration = duration ?? databricks.warehouse.duration
        databricks.warehouse.startDuration = start ?? databricks.warehouse.startDuration
        databricks.warehouse.isStopped = isStopped ?? databricks.warehouse.isStopped
        databricks.warehouse.chunkRows = max(1, chunkRows ?? databricks.warehouse.chunkRows)
        return Reply(200, json: ["warehouse_id": .string(Databricks.warehouseID)])
    }

    /// Changes a job, makes one that is not there, and begins runs as somebody else would.
    private mutating func controlJob(_ name: String, _ call: Call, _ now: Instant) throws(ControlBody.Flaw) -> Reply {
        var index = databricks.jobs.firstIndex { $0.name == name || String($0.id) == name }
        if call.method == "POST" {
            var body = try ControlBody(call.body)
            if index == nil {
                let id = databricks.jobs.count + 1
                databricks.jobs.append(WorkspaceJob(id: id, name: name, tasks: ["main"], duration: 2))
                index = databricks.jobs.count - 1
            }
            guard let index else { return Reply(404) }
            let tasks = body.take("tasks")?.elements?.compactMap(\.string)
            databricks.jobs[index].tasks = tasks ?? databricks.jobs[index].tasks
            databricks.jobs[index].duration = try body.seconds("duration") ?? databricks.jobs[index].duration
            databricks.jobs[index].startDelay = try body.seconds("start_delay") ?? databricks.jobs[index].startDelay
            databricks.jobs[index].cancelDelay = try body.seconds("cancel_delay") ?? databricks.jobs[index].cancelDelay
            if var inject = try body.object("inject") {
                let ago = try inject.seconds("started_ago") ?? 0
                let script = try RefreshScript(&inject)
                try inject.finish()
                _ = databricks.startRun(of: index, at: now + -ago, script)
            }
            try body.finish()
        }
        guard let index else { return Reply(404, json: ["error": .string("no such job: \(name)")]) }
        let job = databricks.jobs[index]
        return Reply(
            200,
            json: [
                "id": .int(job.id), "name": .string(job.name),
                "runs": .array(job.runs.map { $0.json(in: call.origin, jobName: job.name, at: now) }),
            ]
        )
    }

    private mutating func setTable(_ name: String, _ call: Call) throws(ControlBody.Flaw) -> Reply {
        var body = try ControlBody(call.body)
        var table = databricks.warehouse.tables[name] ?? Warehouse.Table(columns: [], rows: [], history: [])
        if let columns = body.take("columns")?.elements { table.columns = columns.compactMap(\.string) }
        if let rows = body.take("rows")?.elements { table.rows = rows.compactMap(\.elements) }
        for var fields in try body.list("history") ?? [] {
            let parameters = fields.take("parameters") ?? [:]
            let metrics = fields.take("metrics") ?? .null
            let version = Warehouse.Version(
                version: try fields.int("version") ?? table.history.count,
                timestamp: try fields.int("timestamp") ?? 1_777_874_280_000 + table.history.count * 60_000,
                operation: try fields.string("operation") ?? "WRITE",
                parameters: parameters,
                metrics: metrics
            )
            try fields.finish()
            table.history.append(version)
        }
        if try body.bool("forget_history") == true { table.history = Array(table.history.suffix(1)) }
        try body.finish()
        databricks.warehouse.tables[name] = table
        return Reply(200, json: ["rows": .int(table.rows.count), "versions": .int(table.history.count)])
    }

    /// An answer to every statement that contains a text.
    private mutating func addAnswer(_ call: Call) throws(ControlBody.Flaw) -> Reply {
        var body = try ControlBody(call.body)
        guard let text = try body.string("contains") else { throw ControlBody.Flaw(message: "contains is missing") }
        var result = Warehouse.Result()
        for var fields in try body.list("columns") ?? [] {
            let name = try fields.string("name") ?? ""
            result.columns.append(Warehouse.Column(name: name, type: try fields.string("type") ?? "STRING"))
        }
        result.rows = (body.take("rows")?.elements ?? []).compactMap { $0.elements?.map(\.string) }
        if var error = try body.object("error") {
            let code = try error.string("code") ?? "BAD_REQUEST"
            result.failure = [code, try error.string("message") ?? ""]
            try error.finish()
        }
        try body.finish()
        databricks.warehouse.answers.append(Warehouse.Answer(contains: text, result: result))
        return Reply(201, json: ["answers": .int(databricks.warehouse.answers.count)])
    }
}
