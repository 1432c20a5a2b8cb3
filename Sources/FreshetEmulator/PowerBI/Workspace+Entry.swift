extension Workspace {
    var isOnDedicatedCapacity: Bool { models.contains { $0.capacity == .dedicated } }

    /// The entry of the groups routes.
    var members: [String: JSON] {
        var members: [String: JSON] = [
            "id": .string(id), "isOnDedicatedCapacity": .bool(isOnDedicatedCapacity), "isReadOnly": false,
            "name": .string(name), "type": "Workspace",
        ]
        if isOnDedicatedCapacity {
            members["capacityId"] = .string(PowerBI.capacityID)
            members["defaultDatasetStorageFormat"] = "Large"
        }
        return members
    }
}

extension Model {
    /// The entry of the datasets routes (facts §2.6).
    func entry(in origin: String) -> [String: JSON] {
        [
            "addRowsAPIEnabled": .bool(!settings.isModelBased),
            "configuredBy": .string(configuredBy),
            "createReportEmbedURL": .string("\(origin)/reportEmbed?datasetId=\(id)"),
            "createdDate": "2024-01-15T08:30:00.123Z",
            "id": .string(id),
            "isEffectiveIdentityRequired": false,
            "isEffectiveIdentityRolesRequired": false,
            "isOnPremGatewayRequired": false,
            "isRefreshable": .bool(settings.isModelBased),
            "name": .string(name),
            "qnaEmbedURL": .string("\(origin)/qnaEmbed?datasetId=\(id)"),
            "queryScaleOutSettings": ["autoSyncReadOnlyReplicas": true, "maxReadOnlyReplicas": 0],
            "targetStorageMode": .string(capacity == .shared ? "Abf" : "PremiumFiles"),
            "upstreamDatasets": [],
            "users": [],
            "webUrl": .string("\(origin)/datasets/\(id)"),
        ]
    }
}
