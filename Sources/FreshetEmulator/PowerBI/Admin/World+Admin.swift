extension World {
    mutating func serve(_ route: AdminRoute, _ call: Call, at now: Instant) throws(PowerBIRefusal) -> Reply {
        // The read-only admin routes have a tenant setting of their own (facts §3.3).
        if route.isAdmin, !powerBI.allowsAdmin { throw .notAuthorized(status: 401) }
        switch route {
        case .capacities: return World.list([powerBI.capacity], "capacities", call)
        case .refreshables(_, let capacity, let id): return try refreshables(of: capacity, id: id, call, at: now)
        case .modifiedWorkspaces: return try modifiedWorkspaces(call, at: now)
        case .startScan: return try startScan(call, at: now)
        case .scanStatus(let id):
            guard let scan = powerBI.scan(id) else { throw .entityNotFound("Scan \(id) is not found") }
            return Reply(200, json: scan.json(at: now))
        case .scanResult(let id): return try scanResult(id, at: now)
        }
    }

    private func refreshables(
        of capacity: String?,
        id: String?,
        _ call: Call,
        at now: Instant
    ) throws(PowerBIRefusal) -> Reply {
        if let capacity, !capacity.isSameID(as: PowerBI.capacityID) {
            throw .entityNotFound("Capacity \(capacity) is not found")
        }
        let expanded = (call.queryValue("$expand") ?? "").split(separator: ",").map { Substring($0).trimmed }
        var entries: [JSON] = []
        for workspace in powerBI.workspaces {
            for model in workspace.models where model.capacity == .dedicated && (id.map(model.isCalled) ?? true) {
                guard var entry = model.refreshable(at: now) else { continue }
                // Both spellings stand in the documentation (facts §4.2).
                if !expanded.filter({ ["capacity", "capacities"].contains($0) }).isEmpty {
                    entry["capacity"] = powerBI.capacity
                }
                if !expanded.filter({ ["group", "groups"].contains($0) }).isEmpty {
                    entry["group"] = ["id": .string(workspace.id), "name": .string(workspace.name)]
                }
                entries.append(.object(entry))
            }
        }
        if id != nil {
            guard !entries.isEmpty else { throw .entityNotFound("Refreshable \(id ?? "") is not found") }
        } else if call.queryValue("$top") == nil {
            throw .topOutOfRange
        }
        return World.list(try World.page(entries, call), "refreshables", call)
    }
}

extension PowerBI {
    fileprivate var capacity: JSON {
        [
            "admins": ["admin@example.com"], "capacityUserAccessRight": "Admin", "displayName": "Emulator",
            "id": .string(PowerBI.capacityID), "region": "West Europe", "sku": "F64", "state": "Active",
        ]
    }
}

extension Model {
    /// What is told of a model that is scheduled or was refreshed; nil for all others.
    fileprivate func refreshable(at now: Instant) -> [String: JSON]? {
        let known = history(at: now)
        let ended = known.filter { $0.end(at: now) != nil }
        guard schedule.isEnabled || !known.isEmpty else { return nil }
        let durations = ended.compactMap { refresh in refresh.end(at: now).map { $0 - refresh.start } }.sorted()
        let failures = ended.filter { $0.historyEntry(at: now)["status"] == "Failed" }.count
        var entry: [String: JSON] = [
            "averageDuration": .double(durations.isEmpty ? 0 : durations.reduce(0, +) / Double(durations.count)),
            "configuredBy": [.string(configuredBy)],
            "id": .string(id),
            "kind": "Dataset",
            "medianDuration": .double(durations.isEmpty ? 0 : durations[durations.count / 2]),
            "name": .string(name),
            "refreshCount": .int(known.count),
            "refreshFailures": .int(failures),
            "refreshSchedule": .object(schedule.members),
            "refreshesPerDay": .int(schedule.isEnabled ? schedule.times.count : 0),
        ]
        if let first = known.last, let last = known.first {
            entry["startTime"] = .string(first.start.zoned)
            entry["endTime"] = .string((last.end(at: now) ?? now).zoned)
            entry["lastRefresh"] = last.historyEntry(at: now)
        }
        return entry
    }
}
