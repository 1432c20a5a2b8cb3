extension World {
    mutating func answerDatabricks(
        _ route: DatabricksRoute,
        _ call: Call,
        at now: Instant,
        _ script: RefreshScript
    ) -> Reply {
        if case .token = route { return answerDatabricksToken(call, at: now) }
        switch databricks.admission(of: call, at: now) {
        case .admitted: break
        case .expired, .unknown: return DatabricksRefusal(403, "403", "Invalid access token.").reply
        }
        do throws(DatabricksRefusal) {
            return try serve(route, call, at: now, script)
        } catch {
            return error.reply
        }
    }

    private mutating func serve(
        _ route: DatabricksRoute,
        _ call: Call,
        at now: Instant,
        _ script: RefreshScript
    ) throws(DatabricksRefusal) -> Reply {
        switch route {
        case .token: return Reply(404)
        case .jobs:
            let name = call.queryValue("name")?.lowercased()
            let jobs = databricks.jobs.filter { name == nil || $0.name.lowercased() == name }
            return Reply(200, json: jobs.isEmpty ? ["has_more": false] : ["jobs": .array(jobs.map(\.json))])
        case .job: return Reply(200, json: databricks.jobs[try job(call.queryValue("job_id"))].json)
        case .runNow: return try runNow(call, at: now, script)
        case .runs: return try listRuns(call, at: now)
        case .run:
            let place = try run(call.queryValue("run_id"))
            let job = databricks.jobs[place.job]
            return Reply(200, json: job.runs[place.run].json(in: call.origin, jobName: job.name, at: now))
        case .runOutput: return try runOutput(call, at: now)
        case .cancelRun:
            let place = try run(JSON(bytes: call.body)?["run_id"]?.lenientInt.map(String.init))
            let old = databricks.jobs[place.job].runs[place.run].cancelledAt
            databricks.jobs[place.job].runs[place.run].cancelledAt = old ?? now
            return Reply(200, json: [:])
        case .statements: return try startStatement(call, at: now)
        case .statement(let id): return try showStatement(id, at: now)
        case .statementChunk(let id, let index): return try showChunk(id, index, at: now)
        case .cancelStatement(let id):
            _ = try statement(id)
            if let ready = databricks.warehouse.statements[id]?.ready, now < ready {
                databricks.warehouse.statements[id]?.cancelled = true
            }
            return Reply(200, json: [:])
        case .warehouse(let id):
            guard id == Databricks.warehouseID else {
                throw DatabricksRefusal(404, "RESOURCE_DOES_NOT_EXIST", "SQL warehouse \(id) does not exist.")
            }
            let state = databricks.warehouse.isStopped ? "STOPPED" : "RUNNING"
            return Reply(200, json: ["id": .string(id), "name": "Emulated", "state": .string(state)])
        }
    }

    private mutating func answerDatabricksToken(_ call: Call, at now: Instant) -> Reply {
        let request = TokenRequest(tenant: "", version: .v2, call: call)
        guard request.grantType == "client_credentials", request.target == "all-apis" else {
            let words = "grant_type has to be client_credentials, and scope all-apis"
            return Reply(400, json: ["error": "invalid_request", "error_description": .string(words)])
        }
        guard request.clientID == directory.clientID, request.clientSecret == directory.clientSecret else {
            let words = "Client authentication failed"
            return Reply(401, json: ["error": "invalid_client", "error_description": .string(words)])
        }
        let token = identifiers.token()
        databricks.tokens[token] = now + directory.tokenLifetime
        return Reply(
            200,
            json: [
                "access_token": .string(token), "expires_in": .int(Int(directory.tokenLifetime)), "scope": "all-apis",
                "token_type": "Bearer",
            ]
        )
    }

    // MARK: Jobs

    private func job(_ id: String?) throws(DatabricksRefusal) -> Int {
        guard let id, let number = Int(id), let index = databricks.jobIndex(number) else {
            throw DatabricksRefusal(400, "INVALID_PARAMETER_VALUE", "Job \(id ?? "") does not exist.")
        }
        return index
    }

    private func run(_ id: String?) throws(DatabricksRefusal) -> (job: Int, run: Int) {
        guard let id, let number = Int(id), let place = databricks.place(ofRun: number),
            !databricks.jobs[place.job].runs[place.run].isLost
        else { throw DatabricksRefusal(400, "INVALID_PARAMETER_VALUE", "Run \(id ?? "") does not exist.") }
        return place
    }

    private mutating func runNow(
        _ call: Call,
        at now: Instant,
        _ script: RefreshScript
    ) throws(DatabricksRefusal) -> Reply {
        guard let body = JSON(bytes: call.body) else {
            throw DatabricksRefusal(400, "MALFORMED_REQUEST", "The body is no JSON.")
        }
        let index = try job(body["job_id"]?.lenientInt.map(String.init))
        let token = body["idempotency_token"]?.string
        if let token {
            guard token.count <= 64 else {
                throw DatabricksRefusal(
                    400,
                    "INVALID_PARAMETER_VALUE",
                    "idempotency_token has more than 64 characters."
                )
            }
            if let known = databricks.jobs[index].runOfToken[token] {
                let run = databricks.jobs[index].runs.first { $0.id == known }
                return Reply(200, json: ["number_in_job": .int(run?.number ?? 0), "run_id": .int(known)])
            }
        }
        let only = body["only"]?.elements?.compactMap(\.string) ?? []
        let wanted = only.map { $0.filter { $0 != "+" } }
        if let strange = wanted.first(where: { !databricks.jobs[index].tasks.contains($0) }) {
            throw DatabricksRefusal(400, "INVALID_PARAMETER_VALUE", "There is no task \(strange).")
        }
        let id = databricks.startRun(of: index, at: now, script, only: wanted, body["job_parameters"] ?? [:])
        if let token { databricks.jobs[index].runOfToken[token] = id }
        let number = databricks.jobs[index].runs.count
        return Reply(200, json: ["number_in_job": .int(number), "run_id": .int(id)])
    }

    private func listRuns(_ call: Call, at now: Instant) throws(DatabricksRefusal) -> Reply {
        let job = databricks.jobs[try job(call.queryValue("job_id"))]
        var runs = Array(job.runs.filter { !$0.isLost }.reversed())
        if call.queryValue("completed_only") == "true" { runs = runs.filter { $0.state(at: now).ended != nil } }
        if call.queryValue("active_only") == "true" { runs = runs.filter { $0.state(at: now).ended == nil } }
        let limit = min(max(call.queryValue("limit").flatMap { Int($0) } ?? 20, 1), 25)
        let offset = call.queryValue("page_token").flatMap { Int($0) } ?? 0
        let page = runs.dropFirst(offset).prefix(limit)
        var body: [String: JSON] = ["has_more": .bool(offset + limit < runs.count)]
        if !page.isEmpty {
            body["runs"] = .array(page.map { $0.json(in: call.origin, jobName: job.name, at: now) })
        }
        if offset + limit < runs.count { body["next_page_token"] = .string(String(offset + limit)) }
        return Reply(200, json: .object(body))
    }

    private func runOutput(_ call: Call, at now: Instant) throws(DatabricksRefusal) -> Reply {
        let id = call.queryValue("run_id").flatMap { Int($0) } ?? 0
        let place = try run(String(id / 100))
        var body: [String: JSON] = ["metadata": ["run_id": .int(id)]]
        let run = databricks.jobs[place.job].runs[place.run]
        if run.state(at: now).ended != nil, let failure = run.failure {
            body["error"] = .string(failure.description ?? failure.message ?? "")
        }
        return Reply(200, json: .object(body))
    }

    // MARK: Statements

    private func statement(_ id: String) throws(DatabricksRefusal) -> Warehouse.Statement {
        guard let statement = databricks.warehouse.statements[id] else {
            throw DatabricksRefusal(404, "NOT_FOUND", "The statement \(id) was not found.")
        }
        return statement
    }

    private mutating func startStatement(_ call: Call, at now: Instant) throws(DatabricksRefusal) -> Reply {
        guard let body = JSON(bytes: call.body), let text = body["statement"]?.string else {
            throw DatabricksRefusal(400, "INVALID_PARAMETER_VALUE", "statement is missing.")
        }
        guard body["warehouse_id"]?.string == Databricks.warehouseID else {
            throw DatabricksRefusal(404, "NOT_FOUND", "The warehouse does not exist.")
        }
        let wait = body["wait_timeout"]?.string ?? "10s"
        guard wait.hasSuffix("s"), let seconds = Int(wait.dropLast()), seconds == 0 || (5...50).contains(seconds) else {
            throw DatabricksRefusal(400, "INVALID_PARAMETER_VALUE", "wait_timeout has to be 0s, or 5s to 50s.")
        }
        let id = identifiers.guid()
        databricks.warehouse.statements[id] = Warehouse.Statement(
            ready: databricks.warehouse.begin(at: now),
            result: databricks.warehouse.result(of: text, limit: body["row_limit"]?.lenientInt)
        )
        return try showStatement(id, at: now)
    }

    private func showStatement(_ id: String, at now: Instant) throws(DatabricksRefusal) -> Reply {
        let statement = try statement(id)
        var body: [String: JSON] = ["statement_id": .string(id)]
        if statement.cancelled {
            body["status"] = ["state": "CANCELED"]
        } else if now < statement.ready {
            let isStarting = databricks.warehouse.startedAt.map { now < $0 } ?? false
            body["status"] = ["state": isStarting ? "PENDING" : "RUNNING"]
        } else if let failure = statement.result.failure {
            body["status"] = [
                "error": ["error_code": .string(failure[0]), "message": .string(failure[1])], "state": "FAILED",
            ]
        } else {
            body["status"] = ["state": "SUCCEEDED"]
            body["manifest"] = statement.result.manifest(chunkRows: databricks.warehouse.chunkRows)
            body["result"] = statement.result.chunk(0, id, rows: databricks.warehouse.chunkRows)
        }
        return Reply(200, json: .object(body))
    }

    private func showChunk(_ id: String, _ index: Int, at now: Instant) throws(DatabricksRefusal) -> Reply {
        Reply(200, json: try statement(id).result.chunk(index, id, rows: databricks.warehouse.chunkRows))
    }
}

extension Databricks {
    /// - Returns: the id of the run.
    mutating func startRun(
        of index: Int,
        at now: Instant,
        _ script: RefreshScript,
        only: [String] = [],
        _ parameters: JSON = [:]
    ) -> Int {
        let job = jobs[index]
        let id = nextRunID()
        jobs[index].runs.append(
            WorkspaceRun(
                id: id,
                job: job.id,
                number: job.runs.count + 1,
                tasks: only.isEmpty ? job.tasks : job.tasks.filter(only.contains),
                start: now,
                startDelay: job.startDelay,
                duration: script.duration ?? job.duration,
                end: script.end ?? "SUCCESS",
                failure: script.failure,
                stages: script.stages,
                cancelDelay: job.cancelDelay,
                isLost: script.isLost,
                parameters: parameters
            )
        )
        return id
    }
}

extension WorkspaceJob {
    fileprivate var json: JSON {
        [
            "job_id": .int(id),
            "settings": ["name": .string(name), "tasks": .array(tasks.map { ["task_key": .string($0)] })],
        ]
    }
}

extension Warehouse.Result {
    fileprivate func manifest(chunkRows: Int) -> JSON {
        let columns = self.columns.enumerated().map { index, column -> JSON in
            ["name": .string(column.name), "position": .int(index), "type_name": .string(column.type)]
        }
        return [
            "format": "JSON_ARRAY",
            "schema": ["column_count": .int(columns.count), "columns": .array(columns)],
            "total_byte_count": .int(rows.reduce(0) { $0 + $1.reduce(0) { $0 + ($1?.utf8.count ?? 0) } }),
            "total_chunk_count": .int(max(1, (rows.count + chunkRows - 1) / chunkRows)),
            "total_row_count": .int(rows.count), "truncated": false,
        ]
    }

    fileprivate func chunk(_ index: Int, _ id: String, rows limit: Int) -> JSON {
        let part = rows.dropFirst(index * limit).prefix(limit)
        var body: [String: JSON] = [
            "chunk_index": .int(index), "row_count": .int(part.count), "row_offset": .int(index * limit),
            "data_array": .array(part.map { .array($0.map { $0.map { .string($0) } ?? .null }) }),
        ]
        if (index + 1) * limit < rows.count {
            body["next_chunk_index"] = .int(index + 1)
            body["next_chunk_internal_link"] =
                .string("/api/2.0/sql/statements/\(id)/result/chunks/\(index + 1)?row_offset=\((index + 1) * limit)")
        }
        return .object(body)
    }
}

/// Why a call is not granted.
struct DatabricksRefusal: Error {
    var status: Int
    var code: String
    var message: String

    init(_ status: Int, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    /// The code is a number where older parts of the service answer.
    var reply: Reply {
        let code: JSON = Int(self.code).map { .int($0) } ?? .string(self.code)
        return Reply(status, json: ["error_code": code, "message": .string(message)])
    }
}
