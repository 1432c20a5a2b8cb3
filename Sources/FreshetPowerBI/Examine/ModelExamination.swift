internal import FreshetCore
internal import FreshetKit

/// The checks of one semantic model.
struct ModelExamination {
    let asset: AssetKey
    let kind: SemanticModelRefresh
    let connection: PowerBIConnection
    private var findings: [Finding] = []

    init(asset: AssetKey, kind: SemanticModelRefresh, connection: PowerBIConnection) {
        self.asset = asset
        self.kind = kind
        self.connection = connection
    }

    private var reading: ServiceReading { ServiceReading(connection) }
    private var now: Timestamp { connection.client.surroundings.clock.now }

    mutating func run(_ examination: Examination, _ lists: inout ServiceLists) async -> [Finding] {
        checkPartialBatch()
        do throws(ReadingError) {
            let secrets = connection.client.surroundings.secrets
            let workspace: String
            let model: String
            do {
                workspace = try await secrets.resolve(kind.workspace)
                model = try await secrets.resolve(kind.model)
            } catch {
                throw ReadingError(.configuration, "\(error)")
            }
            let hasRole = try await checkWorkspace(workspace, &lists)
            guard hasRole else { return findings }
            let target = try await reading.target(workspace: workspace, model: model)
            let found = try await checkModel(target, in: workspace, &lists)
            // An administrator's scan is rationed to a whole tenant.
            if found, !examination.isRoutine { await checkIncremental(target) }
            let operations = await examination.operations(target)
            await checkHistory(target, operations)
            await checkSchedule(target)
        } catch {
            let mend =
                "give the application the role Contributor in the workspace, and check the names; "
                + "'freshet powerbi models' lists what it sees"
            add("model", .fail, error.description, mend: mend)
        }
        return findings
    }

    private mutating func add(_ check: String, _ verdict: Finding.Verdict, _ message: String, mend: String? = nil) {
        findings.append(Finding(check, verdict, of: asset.path, message, mend: mend))
    }

    private mutating func checkPartialBatch() {
        guard kind.options.commitMode == .partialBatch else { return }
        if let reason = kind.options.partialBatchReason {
            add("partial_batch", .ok, "a failure may leave the model half loaded: \(reason)")
        } else {
            add(
                "partial_batch",
                .warn,
                "'commit_mode: partial_batch' may leave the model half loaded or empty when a refresh fails",
                mend: "use transactional, or say why not in 'refresh.partial_batch_reason'"
            )
        }
    }

    /// - Returns: whether the application may do anything there.
    private mutating func checkWorkspace(
        _ name: String,
        _ lists: inout ServiceLists
    ) async throws(ReadingError) -> Bool {
        let all = try await lists.workspaces()
        let found = all.first { $0.id.lowercased() == name.lowercased() || $0.name.lowercased() == name.lowercased() }
        let mend = "give the application the role Contributor, Member or Admin in the workspace '\(name)'"
        guard let found else {
            add("workspace_role", .fail, "the application does not see the workspace '\(name)'", mend: mend)
            return false
        }
        if found.isReadOnly {
            add("workspace_role", .fail, "the application may only look at the workspace '\(found.name)'", mend: mend)
        } else {
            add("workspace_role", .ok, "the application works in the workspace '\(found.name)'")
        }
        guard let isDedicated = found.isOnDedicatedCapacity, isDedicated == kind.options.isStandard else { return true }
        if isDedicated {
            add(
                "capacity",
                .warn,
                "the workspace is on dedicated capacity, and the asset says 'capacity: shared'",
                mend: "remove 'capacity: shared': only what changed can be refreshed then, and no daily quota counts"
            )
        } else {
            add(
                "capacity",
                .fail,
                "the workspace is on shared capacity, which refuses refreshes with options",
                mend: "write 'capacity: shared', or move the workspace to a dedicated capacity"
            )
        }
        return true
    }

    private mutating func checkModel(
        _ target: String,
        in workspace: String,
        _ lists: inout ServiceLists
    ) async throws(ReadingError) -> Bool {
        let id = target.split(separator: "/").last.map(String.init) ?? ""
        guard let model = try await lists.models(in: workspace).first(where: { $0.id.lowercased() == id }) else {
            add("model", .fail, "the workspace has no model \(id) that the application may see", mend: "check 'model'")
            return false
        }
        add("model", .ok, "'\(model.name)' is there")
        let owner = model.configuredBy ?? ""
        if owner.contains("@") {
            add("owner", .ok, "owned by \(owner)")
        } else {
            add(
                "owner",
                .warn,
                owner.isEmpty ? "the model has no owner that is told" : "owned by '\(owner)', which is no user",
                mend: "let a user take the model over: nobody can enter credentials for what an application owns"
            )
        }
        return true
    }

    private mutating func checkHistory(_ target: String, _ operations: [RemoteOperation]) async {
        let entries: [RefreshRecord]
        do throws(ReadingError) {
            entries = try await reading.history(of: target)
        } catch {
            add("history", .fail, error.description, mend: "the application needs the right to build and write here")
            return
        }
        checkQuota(entries)
        checkForeign(entries, operations)
    }

    private mutating func checkQuota(_ entries: [RefreshRecord]) {
        guard kind.options.isStandard else {
            let day = entries.filter { $0.source == "Scheduled" && isWithin(.seconds(86_400), $0) }.count
            add("quota", .ok, "\(day) of 48 scheduled refreshes in 24 hours; Freshet's own are not counted here")
            return
        }
        let limit = SemanticModelRefresh.sharedQuota
        let quota = RefreshQuota(of: entries, limit: limit, serverNow: now)
        let next = quota.freeAt.map { "; one more is allowed at \($0.iso8601)" } ?? ""
        let message = "\(quota.used) of \(limit) refreshes in 24 hours"
        let mend = "move the workspace to a dedicated capacity, or raise 'min_interval'"
        if quota.isExhausted {
            add("quota", .warn, message + next, mend: mend)
        } else if quota.used > limit - 3 {
            add("quota", .warn, message, mend: mend)
        } else {
            add("quota", .ok, message)
        }
    }

    private func isWithin(_ span: Duration, _ record: RefreshRecord) -> Bool {
        record.startedAt.map { now - $0 < span } ?? false
    }

    private mutating func checkForeign(_ entries: [RefreshRecord], _ operations: [RemoteOperation]) {
        guard let first = operations.map(\.preparedAt).min() else {
            add("foreign_refreshes", .skipped, "not checked: Freshet has not refreshed this model yet")
            return
        }
        let own = Set(operations.filter { !$0.bodyHash.isEmpty }.compactMap { $0.requestID?.lowercased() })
        let foreign = entries.filter { entry in
            guard let id = entry.requestID?.lowercased(), let start = entry.startedAt else { return false }
            return !own.contains(id) && start >= first && isWithin(.seconds(7 * 86_400), entry)
        }
        guard let last = foreign.compactMap(\.startedAt).max() else {
            // What came before is not known to be somebody else's: the store may be a new one.
            let isYoung = now - first < .seconds(7 * 86_400)
            let since = isYoung ? "since Freshet first did, at \(first.iso8601)" : "in the last 7 days"
            add("foreign_refreshes", .ok, "nobody else has refreshed it \(since)")
            return
        }
        let kinds = Dictionary(grouping: foreign) { $0.source ?? "unknown" }.sorted { $0.key < $1.key }
            .map { "\($0.value.count) \($0.key)" }.joined(separator: ", ")
        add(
            "foreign_refreshes",
            .warn,
            "\(foreign.count) by others in the last 7 days (\(kinds)), the last at \(last.iso8601)",
            mend: "turn off what else refreshes it, or set 'on_conflict: adopt' so that one stands for the other"
        )
    }

    private mutating func checkSchedule(_ target: String) async {
        do throws(ReadingError) {
            let schedule = try await reading.schedule(of: target)
            guard schedule.isEnabled else {
                add("ui_schedule", .ok, "its own schedule is off")
                return
            }
            add(
                "ui_schedule",
                .warn,
                "its own schedule is on: \(schedule.times.joined(separator: ", ")) \(schedule.zone ?? "")",
                mend: "turn it off in the model's settings, or the model is refreshed twice"
            )
        } catch {
            // A DirectQuery model has none, and some owners keep it to themselves.
            add("ui_schedule", .skipped, "not checked: \(error.description)")
        }
    }

    private mutating func checkIncremental(_ target: String) async {
        let wanted = kind.options.tables.filter { !$0.value.partitions.isEmpty || kind.options.usesPolicy }.keys
            .sorted()
        guard !wanted.isEmpty else { return }
        guard let address = ModelAddress(target: target) else { return }
        switch await ModelScan(client: connection.client).queries(of: address) {
        case .failure(let reason): add("incremental_range", .skipped, "not checked: \(reason.message)")
        case .success(let queries):
            let lacking = wanted.filter { table in queries.lacksRange(table) }
            guard !lacking.isEmpty else {
                add("incremental_range", .ok, "its incremental tables filter by RangeStart and RangeEnd")
                return
            }
            add(
                "incremental_range",
                .warn,
                "no filter by RangeStart and RangeEnd in the query of \(lacking.joined(separator: ", ")): each "
                    + "partition loads every row",
                mend: "filter the table's query by both parameters, or do without an incremental refresh policy"
            )
        }
    }
}

extension RefreshOptions {
    /// Whether the asset itself says that a refresh policy is in use.
    fileprivate var usesPolicy: Bool { applyRefreshPolicy == true || effectiveDate != nil }
}
