extension World {
    /// A bare array, unlike all other lists of this API (facts §4.1).
    func modifiedWorkspaces(_ call: Call, at now: Instant) throws(PowerBIRefusal) -> Reply {
        var since = now + -30 * 86_400
        if let text = call.queryValue("modifiedSince") {
            guard let instant = Instant(iso: text), now - instant <= 30 * 86_400, now - instant >= 30 * 60 else {
                throw .invalid("modifiedSince must lie between 30 days and 30 minutes ago")
            }
            since = instant
        }
        let modified = powerBI.workspaces.filter { $0.modified >= since }
        return Reply(200, json: .array(modified.map { ["id": .string($0.id)] }))
    }

    mutating func startScan(_ call: Call, at now: Instant) throws(PowerBIRefusal) -> Reply {
        let ids = JSON(bytes: call.body)?["workspaces"]?.elements?.compactMap(\.string) ?? []
        guard (1...100).contains(ids.count) else { throw .invalid("workspaces must be 1 to 100 ids") }
        let unknown = ids.first { id in !powerBI.workspaces.contains { $0.isCalled(id) } }
        if let unknown { throw .entityNotFound("Workspace \(unknown) is not found") }
        func flag(_ name: String) -> Bool { call.queryValue(name)?.lowercased() == "true" }
        // Without the two tenant settings the fields are just missing.
        let scan = Scan(
            id: identifiers.guid(),
            created: now,
            duration: powerBI.operationDuration,
            workspaces: ids,
            detail: Scan.Detail(
                lineage: flag("lineage"),
                datasources: flag("datasourceDetails"),
                schema: flag("datasetSchema") && powerBI.allowsMetadata,
                expressions: flag("datasetExpressions") && powerBI.allowsMetadata,
                users: flag("getArtifactUsers")
            )
        )
        powerBI.scans.removeAll { now - $0.created > Scan.lifetime + $0.duration }
        powerBI.scans.append(scan)
        let location = "\(call.origin)/v1.0/myorg/admin/workspaces/scanStatus/\(scan.id)"
        return Reply(202, json: scan.json(at: now), headers: [("Location", location)])
    }

    func scanResult(_ id: String, at now: Instant) throws(PowerBIRefusal) -> Reply {
        guard let scan = powerBI.scan(id), now - (scan.created + scan.duration) < Scan.lifetime else {
            throw .entityNotFound("Scan \(id) is not found")
        }
        // The service's wording is not on record.
        guard scan.status(at: now) == "Succeeded" else { throw .invalid("The scan \(id) has not succeeded yet") }
        let workspaces = powerBI.workspaces.filter { workspace in scan.workspaces.contains { workspace.isCalled($0) } }
        var body: [String: JSON] = [
            "misconfiguredDatasourceInstances": [],
            "workspaces": .array(workspaces.map { $0.scanned(scan.detail) }),
        ]
        if scan.detail.datasources {
            var known: [Datasource] = []
            for source in workspaces.flatMap(\.models).flatMap(\.datasources) where !known.contains(source) {
                known.append(source)
            }
            body["datasourceInstances"] = .array(known.map(\.entry))
        }
        return Reply(200, json: .object(body))
    }
}

extension PowerBI {
    func scan(_ id: String) -> Scan? { scans.first { $0.id.isSameID(as: id) } }
}
