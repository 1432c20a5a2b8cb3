/// A report, as far as the API tells of it.
struct Report: Codable, Hashable, Sendable {
    var id: String
    var name: String
    var modelID: String

    /// The entry of the reports routes; `group` is the id of its workspace.
    func entry(in origin: String, group: String) -> [String: JSON] {
        [
            "datasetId": .string(modelID),
            "embedUrl": .string("\(origin)/reportEmbed?reportId=\(id)&groupId=\(group)"),
            "id": .string(id),
            "isOwnedByMe": true,
            "name": .string(name),
            "reportType": "PowerBIReport",
            "subscriptions": [],
            "users": [],
            "webUrl": .string("\(origin)/groups/\(group)/reports/\(id)"),
        ]
    }
}

struct Dashboard: Codable, Hashable, Sendable {
    struct Tile: Codable, Hashable, Sendable {
        var id: String
        var title: String
        var reportID: String
        var modelID: String
    }

    var id: String
    var name: String
    var tiles: [Tile]

    func entry(in origin: String, group: String) -> [String: JSON] {
        [
            "displayName": .string(name),
            "embedUrl": .string("\(origin)/dashboardEmbed?dashboardId=\(id)&groupId=\(group)"),
            "id": .string(id),
            "isReadOnly": false,
            "subscriptions": [],
            "users": [],
            "webUrl": .string("\(origin)/groups/\(group)/dashboards/\(id)"),
        ]
    }

    func entry(of tile: Tile, in origin: String, group: String) -> [String: JSON] {
        [
            "colSpan": 1,
            "datasetId": .string(tile.modelID),
            "embedUrl": .string("\(origin)/embed?dashboardId=\(id)&tileId=\(tile.id)&groupId=\(group)"),
            "id": .string(tile.id),
            "reportId": .string(tile.reportID),
            "rowSpan": 1,
            "title": .string(tile.title),
        ]
    }
}

/// Where a model's or dataflow's data come from.
struct Datasource: Codable, Hashable, Sendable {
    var id: String
    var gatewayID: String
    var type: String
    /// `server` and `database`, `url`, `path` and others, by type.
    var details: [String: String]

    /// The warehouse that the tables' own queries read.
    static let warehouse = Datasource(
        id: EmulatorSeed.derivedID("datasource warehouse"),
        gatewayID: EmulatorSeed.derivedID("gateway cloud"),
        type: "PostgreSql",
        details: ["database": "analytics", "server": "warehouse.example.com"]
    )

    var entry: JSON {
        [
            "connectionDetails": .object(details.mapValues { .string($0) }),
            "datasourceId": .string(id),
            "datasourceType": .string(type),
            "gatewayId": .string(gatewayID),
        ]
    }
}

extension Workspace {
    /// Makes what the seed describes; ids are derived, so that they are the same at every start.
    mutating func fill(_ content: EmulatorSeed.Content, duration: Double) {
        let models = Dictionary(models.map { ($0.name, $0.id) }) { first, _ in first }
        reports = content.reports.map { seed in
            Report(id: derivedID("report", seed.name), name: seed.name, modelID: models[seed.model] ?? "")
        }
        let reports = reports
        dashboards = content.dashboards.map { seed in
            let tiles = seed.tiles.map { tile in
                let report = reports.first { $0.name == tile.report }
                return Dashboard.Tile(
                    id: derivedID("tile", "\(seed.name)/\(tile.title)"),
                    title: tile.title,
                    reportID: report?.id ?? "",
                    modelID: report?.modelID ?? ""
                )
            }
            return Dashboard(id: derivedID("dashboard", seed.name), name: seed.name, tiles: tiles)
        }
        dataflows = content.dataflows.map { seed in
            Dataflow(
                id: derivedID("dataflow", seed.name),
                name: seed.name,
                readers: seed.models.compactMap { models[$0] },
                duration: duration
            )
        }
    }

    private func derivedID(_ kind: String, _ name: String) -> String {
        EmulatorSeed.derivedID("\(kind) \(id)/\(name)")
    }
}
