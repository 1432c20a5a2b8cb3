extension World {
    mutating func serve(
        _ route: DataflowRoute,
        _ call: Call,
        at now: Instant,
        script: RefreshScript
    ) throws(PowerBIRefusal) -> Reply {
        switch route {
        case .dataflows(let group):
            let workspace = try workspace(group)
            let entries = workspace.dataflows.map { $0.entry(in: call.origin, group: workspace.id) }
            return World.list(entries, "dataflows", call)
        case .datasources(let group, let id):
            _ = try dataflow(id, in: group)
            return World.list([Datasource.warehouse.entry], "datasources", call)
        case .refresh(let group, let id):
            return try refresh(dataflow(id, in: group), call, at: now, script: script)
        case .transactions(let group, let id):
            let dataflow = powerBI[try dataflow(id, in: group)]
            // Newest first; the order is not documented, the examples show this one.
            let entries = dataflow.transactions.reversed().map { $0.entry(at: now) }
            return World.list(entries, "transactions", call)
        case .cancel(let group, let transaction):
            _ = try workspace(group)
            return cancel(transaction, in: group, at: now)
        case .upstream(let group):
            let workspace = try workspace(group)
            return World.list(workspace.upstreamLinks, "upstreamDataflows", call)
        }
    }

    private func dataflow(_ id: String, in group: String) throws(PowerBIRefusal) -> PowerBI.DataflowPlace {
        _ = try workspace(group)
        guard let place = powerBI.dataflowPlace(id, in: group) else {
            throw .entityNotFound("Dataflow \(id) is not found")
        }
        return place
    }

    private mutating func refresh(
        _ place: PowerBI.DataflowPlace,
        _ call: Call,
        at now: Instant,
        script: RefreshScript
    ) throws(PowerBIRefusal) -> Reply {
        let type = call.queryValue("processType") ?? "default"
        guard ["default", "processFull"].contains(type) else { throw .invalid("Invalid value \(type) for processType") }
        let option = JSON(bytes: call.body)?["notifyOption"]?.string
        guard option != "MailOnCompletion" else { throw .invalid("MailOnCompletion is not supported for dataflows") }
        guard powerBI[place].settings.allowsServicePrincipal else { throw .dataflowNeedsUser }
        // What the service says of a second refresh is not on record; that only one runs is.
        guard powerBI[place].running(at: now) == nil else { throw .dataflowBusy }
        if !script.isLost {
            powerBI[place].start(identifiers.guid(), type: "OnDemand", at: now, script: script)
        }
        return Reply(200)
    }

    /// The words are those of the swagger's enumeration; its example spells them with a capital.
    private mutating func cancel(_ transaction: String, in group: String, at now: Instant) -> Reply {
        var word = "notFound"
        for place in powerBI.dataflowPlaces where powerBI.workspaces[place.workspace].isCalled(group) {
            guard let cancelled = powerBI[place].cancel(transaction, at: now) else { continue }
            word = cancelled ? "successfullyMarked" : "alreadyConcluded"
        }
        return Reply(200, json: ["status": .string(word), "transactionId": .string(transaction)])
    }
}

extension PowerBI {
    /// Where a dataflow is kept.
    struct DataflowPlace: Sendable {
        var workspace: Int
        var dataflow: Int
    }

    subscript(place: DataflowPlace) -> Dataflow {
        get { workspaces[place.workspace].dataflows[place.dataflow] }
        set { workspaces[place.workspace].dataflows[place.dataflow] = newValue }
    }

    var dataflowPlaces: [DataflowPlace] {
        workspaces.indices.flatMap { workspace in
            workspaces[workspace].dataflows.indices.map { DataflowPlace(workspace: workspace, dataflow: $0) }
        }
    }

    /// The dataflow with this id or name; nil for `group` searches all workspaces.
    func dataflowPlace(_ name: String, in group: String? = nil) -> DataflowPlace? {
        dataflowPlaces.first { place in
            (group == nil || workspaces[place.workspace].isCalled(group))
                && (self[place].id.isSameID(as: name) || (group == nil && self[place].name == name))
        }
    }
}

extension Workspace {
    fileprivate var upstreamLinks: [JSON] {
        dataflows.flatMap { dataflow in
            dataflow.readers.map { reader in
                [
                    "dataflowObjectId": .string(dataflow.id), "datasetObjectId": .string(reader),
                    "workspaceObjectId": .string(id),
                ]
            }
        }
    }
}
