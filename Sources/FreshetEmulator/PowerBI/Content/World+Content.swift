extension World {
    mutating func serve(_ route: ContentRoute, _ call: Call, at now: Instant) throws(PowerBIRefusal) -> Reply {
        switch route {
        case .group(let id):
            return World.single(try workspace(id).members, "groups", call)
        case .dashboards, .dashboard, .tiles, .tile: return try dashboards(route, call)
        case .reports(let group):
            let entries = try reports(in: group).map { JSON.object($0.report.entry(in: call.origin, group: $0.group)) }
            return World.list(entries, "reports", call)
        case .report(let group, let id):
            let found = try report(id, in: group)
            return World.single(found.report.entry(in: call.origin, group: found.group), "reports", call)
        case .reportDatasources(let group, let id):
            let report = try report(id, in: group).report
            let model = powerBI[try powerBI.place(group: group, dataset: report.modelID).get()]
            return World.list(model.datasources.map(\.entry), "datasources", call)
        case .datasources(let group, let dataset):
            let model = powerBI[try powerBI.place(group: group, dataset: dataset).get()]
            return World.list(model.datasources.map(\.entry), "datasources", call)
        case .parameters(let group, let dataset):
            let model = powerBI[try powerBI.place(group: group, dataset: dataset).get()]
            return World.list(model.parameters.map(\.entry), "parameters", call)
        case .directQuerySchedule(let group, let dataset):
            let model = powerBI[try powerBI.place(group: group, dataset: dataset).get()]
            let context = World.context("DirectQueryRefreshSchedule", call)
            return Reply(200, json: model.directQuerySchedule.json(context: context))
        case .changeDirectQuerySchedule(let group, let dataset):
            let place = try powerBI.place(group: group, dataset: dataset).get()
            guard powerBI[place].settings.isOwned else { throw .notOwner }
            powerBI[place].directQuerySchedule = try powerBI[place].directQuerySchedule
                .patched(by: JSON(bytes: call.body))
            return Reply(200)
        case .takeOver(let group, let dataset):
            let place = try powerBI.place(group: group, dataset: dataset).get()
            powerBI[place].takeOver(by: directory.clientID)
            return Reply(200)
        case .executeQueries(let group, let dataset):
            let place = try powerBI.place(group: group, dataset: dataset).get()
            return try executeQueries(at: place, call, at: now)
        }
    }

    private func dashboards(_ route: ContentRoute, _ call: Call) throws(PowerBIRefusal) -> Reply {
        switch route {
        case .dashboard(let group, let id):
            let found = try dashboard(id, in: group)
            return World.single(found.dashboard.entry(in: call.origin, group: found.group), "dashboards", call)
        case .tiles(let group, let id):
            let found = try dashboard(id, in: group)
            let tiles = found.dashboard.tiles.map {
                JSON.object(found.dashboard.entry(of: $0, in: call.origin, group: found.group))
            }
            return World.list(tiles, "tiles", call)
        case .tile(let group, let id, let tileID):
            let found = try dashboard(id, in: group)
            guard let tile = found.dashboard.tiles.first(where: { $0.id.isSameID(as: tileID) }) else {
                throw .entityNotFound("Tile \(tileID) is not found")
            }
            return World.single(
                found.dashboard.entry(of: tile, in: call.origin, group: found.group),
                "tiles",
                call
            )
        case .dashboards(let group):
            let entries = try dashboards(in: group).map {
                JSON.object($0.dashboard.entry(in: call.origin, group: $0.group))
            }
            return World.list(entries, "dashboards", call)
        default: throw .entityNotFound("No such route: \(call.method) \(call.path)")
        }
    }

    /// The workspaces a route is about: the one it names, or all the caller is a member of.
    func workspaces(in group: String?) throws(PowerBIRefusal) -> [Workspace] {
        guard let group else { return powerBI.workspaces.filter { $0.access == .member } }
        return [try workspace(group)]
    }

    func workspace(_ id: String) throws(PowerBIRefusal) -> Workspace {
        guard let workspace = powerBI.workspaces.first(where: { $0.isCalled(id) }) else {
            throw .entityNotFound("Group \(id) is not found")
        }
        if let refusal = workspace.refusal { throw refusal }
        return workspace
    }

    private func reports(in group: String?) throws(PowerBIRefusal) -> [(report: Report, group: String)] {
        try workspaces(in: group).flatMap { workspace in workspace.reports.map { ($0, workspace.id) } }
    }

    private func report(_ id: String, in group: String?) throws(PowerBIRefusal) -> (report: Report, group: String) {
        guard let found = try reports(in: group).first(where: { $0.report.id.isSameID(as: id) }) else {
            throw .entityNotFound("Report \(id) is not found")
        }
        return found
    }

    private func dashboards(
        in group: String?
    ) throws(PowerBIRefusal) -> [(dashboard: Dashboard, group: String)] {
        try workspaces(in: group).flatMap { workspace in workspace.dashboards.map { ($0, workspace.id) } }
    }

    private func dashboard(
        _ id: String,
        in group: String?
    ) throws(PowerBIRefusal) -> (dashboard: Dashboard, group: String) {
        guard let found = try dashboards(in: group).first(where: { $0.dashboard.id.isSameID(as: id) }) else {
            throw .entityNotFound("Dashboard \(id) is not found")
        }
        return found
    }
}

extension String {
    /// Whether two spellings mean the same GUID: the service minds no case.
    ///
    /// Byte by byte, since a thousand models are compared at every request.
    func isSameID(as other: String) -> Bool {
        // The bit by which an ASCII letter's two cases differ; all that GUIDs have beside letters has it set.
        utf8.elementsEqual(other.utf8) { $0 | 0x20 == $1 | 0x20 }
    }
}
