extension Workspace {
    /// What a scan tells of a workspace.
    func scanned(_ detail: Scan.Detail) -> JSON {
        var entry: [String: JSON] = [
            "dashboards": .array(dashboards.map { .object($0.scanned(detail)) }),
            "dataflows": .array(dataflows.map { .object($0.scanned(detail)) }),
            "datamarts": [],
            "datasets": .array(models.map { .object($0.scanned(detail, in: self)) }),
            "id": .string(id),
            "isOnDedicatedCapacity": .bool(isOnDedicatedCapacity),
            "name": .string(name),
            "reports": .array(reports.map { .object($0.scanned(detail)) }),
            "state": "Active",
            "type": "Workspace",
        ]
        if isOnDedicatedCapacity {
            entry["capacityId"] = .string(PowerBI.capacityID)
            entry["defaultDatasetStorageFormat"] = "Large"
        }
        if detail.users { entry["users"] = Workspace.users("groupUserAccessRight", "Admin") }
        return .object(entry)
    }

    /// The only person this tenant knows, and what that person may do, which each kind of item names differently.
    fileprivate static func users(_ member: String, _ right: JSON) -> JSON {
        [
            .object([
                "displayName": "Owner", "emailAddress": "owner@example.com", "identifier": "owner@example.com",
                member: right, "principalType": "User",
            ])
        ]
    }

    /// Scans name no zone (facts §0.5).
    fileprivate static let created: JSON = "2024-01-15T08:30:00.12"
}

extension Report {
    fileprivate func scanned(_ detail: Scan.Detail) -> [String: JSON] {
        var entry: [String: JSON] = [
            "createdDateTime": Workspace.created, "datasetId": .string(modelID), "id": .string(id),
            "modifiedBy": "owner@example.com", "modifiedDateTime": Workspace.created, "name": .string(name),
            "reportType": "PowerBIReport",
        ]
        if detail.users { entry["users"] = Workspace.users("reportUserAccessRight", "Owner") }
        return entry
    }
}

extension Dashboard {
    fileprivate func scanned(_ detail: Scan.Detail) -> [String: JSON] {
        let tiles: [JSON] = tiles.map { tile in
            [
                "datasetId": .string(tile.modelID), "id": .string(tile.id), "reportId": .string(tile.reportID),
                "title": .string(tile.title),
            ]
        }
        var entry: [String: JSON] = [
            "displayName": .string(name), "id": .string(id), "isReadOnly": false, "tiles": .array(tiles),
        ]
        if detail.users { entry["users"] = Workspace.users("dashboardUserAccessRight", "Owner") }
        return entry
    }
}

extension Dataflow {
    fileprivate func scanned(_ detail: Scan.Detail) -> [String: JSON] {
        var entry: [String: JSON] = [
            "configuredBy": .string(configuredBy), "description": "", "modifiedBy": .string(configuredBy),
            "modifiedDateTime": "2024-01-15T08:30:00.123Z", "name": .string(name), "objectId": .string(id),
        ]
        if detail.datasources {
            entry["datasourceUsages"] = [["datasourceInstanceId": .string(Datasource.warehouse.id)]]
        }
        if detail.users { entry["users"] = Workspace.users("dataflowUserAccessRight", "Owner") }
        return entry
    }
}

extension Model {
    fileprivate func scanned(_ detail: Scan.Detail, in workspace: Workspace) -> [String: JSON] {
        var entry: [String: JSON] = [
            "configuredBy": .string(configuredBy),
            "contentProviderType": "PbixInImportMode",
            "createdDate": Workspace.created,
            "id": .string(id),
            "isEffectiveIdentityRequired": false,
            "isEffectiveIdentityRolesRequired": false,
            "name": .string(name),
            "relations": [],
            "targetStorageMode": .string(capacity == .shared ? "Abf" : "PremiumFiles"),
        ]
        if detail.lineage {
            entry["upstreamDataflows"] = .array(
                workspace.dataflows.filter { $0.readers.contains(id) }.map {
                    ["groupId": .string(workspace.id), "targetDataflowId": .string($0.id)]
                }
            )
            entry["upstreamDatasets"] = []
        }
        if detail.datasources {
            entry["datasourceUsages"] = .array(datasources.map { ["datasourceInstanceId": .string($0.id)] })
        }
        if detail.schema || detail.expressions {
            entry["tables"] = .array(tables.map { $0.scanned(detail) })
            entry["relationships"] = []
        }
        if detail.expressions { entry["expressions"] = .array(expressions) }
        if detail.users {
            entry["users"] = Workspace.users("datasetUserAccessRight", "ReadWriteReshareExplore")
        }
        return entry
    }

    /// The shared queries: parameters and, where a table filters by it, the range.
    private var expressions: [JSON] {
        sharedQueries.map { ["expression": .string($0.text), "name": .string($0.name)] }
    }
}

extension EmulatorSeed.Table {
    fileprivate func scanned(_ detail: Scan.Detail) -> JSON {
        var entry: [String: JSON] = [
            "columns": [
                [
                    "columnType": "RowNumber", "dataType": "Int64", "isHidden": true,
                    "name": "RowNumber-2662979B-1795-4F74-8F37-6A1BA8059B61",
                ],
                ["columnType": "Data", "dataType": "Int64", "isHidden": false, "name": "id"],
                ["columnType": "Data", "dataType": "DateTime", "isHidden": false, "name": "updated_at"],
            ],
            "isHidden": false,
            "measures": [],
            "name": .string(name),
            "storageMode": "Import",
        ]
        if detail.expressions { entry["source"] = [["expression": .string(query)]] }
        return .object(entry)
    }
}
